#include "services/rep/containers/transfer/checksum.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/errno_status.h"

namespace diego::rep {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string Finish(EVP_MD_CTX* context) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context, digest, &size);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

const EVP_MD* Algorithm(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  if (lower == "md5") return EVP_md5();
  if (lower == "sha1") return EVP_sha1();
  if (lower == "sha256") return EVP_sha256();
  return nullptr;
}

}  // namespace

absl::StatusOr<std::string> FileDigest(absl::string_view algorithm, int fd) {
  const EVP_MD* type = Algorithm(algorithm);
  if (type == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("checksum algorithm '", algorithm, "' must be md5, sha1 or sha256"));
  }
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), type, nullptr);
  char buffer[65536];
  off_t offset = 0;
  while (true) {
    const ssize_t n = pread(fd, buffer, sizeof buffer, offset);
    if (n < 0) return ErrnoStatus("reading a download");
    if (n == 0) return Finish(context.get());
    EVP_DigestUpdate(context.get(), buffer, n);
    offset += n;
  }
}

std::string Md5Hex(absl::string_view text) {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr);
  EVP_DigestUpdate(context.get(), text.data(), text.size());
  return Finish(context.get());
}

absl::Status CheckDigest(absl::string_view algorithm, absl::string_view expected, int fd) {
  if (algorithm.empty()) return absl::OkStatus();
  DIEGO_ASSIGN_OR_RETURN(const std::string found, FileDigest(algorithm, fd));
  if (found == absl::AsciiStrToLower(expected)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("checksum mismatch: expected ", algorithm, " ", expected, ", got ", found));
}

}  // namespace diego::rep
