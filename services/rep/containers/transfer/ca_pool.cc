#include "services/rep/containers/transfer/ca_pool.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"
#include "services/rep/containers/file_io.h"

namespace diego::rep {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// One block of PEM; nothing if it is damaged, or no certificate.
Certificate NextCertificate(BIO* from) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  Certificate certificate(nullptr, X509_free);
  if (PEM_read_bio(from, &name, &header, &data, &size) == 1) {
    const unsigned char* position = data;
    if (absl::string_view(name) == PEM_STRING_X509) {
      certificate.reset(d2i_X509(nullptr, &position, size));
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  ERR_clear_error();
  return certificate;
}

// Each by itself: to libcurl one that is damaged spoils the whole file.
std::string CertificatesOf(absl::string_view text) {
  const Bio from(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all);
  const Bio to(BIO_new(BIO_s_mem()), BIO_free_all);
  while (BIO_pending(from.get()) > 0) {
    const Certificate certificate = NextCertificate(from.get());
    if (certificate) PEM_write_bio_X509(to.get(), certificate.get());
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(to.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::Status WriteCaPool(const std::string& system_file, const std::vector<std::string>& added,
                         const std::string& pool) {
  std::string all = CertificatesOf(ReadWholeFile(system_file).value_or(""));
  for (const std::string& file : added) {
    if (file.empty()) continue;
    const absl::StatusOr<std::string> text = ReadWholeFile(file);
    if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
    const std::string certificates = CertificatesOf(*text);
    if (certificates.empty() && !absl::StripAsciiWhitespace(*text).empty()) {
      return absl::InvalidArgumentError(absl::StrCat(file, " holds no PEM certificate"));
    }
    absl::StrAppend(&all, certificates);
  }
  return WriteWholeFile(pool, all, 0644);
}

}  // namespace diego::rep
