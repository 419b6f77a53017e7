#include "libs/rpc/tls.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "libs/base/clock.h"
#include "libs/rpc/openssl.h"

namespace diego::rpc {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;

// False puts the fault on `faults`.
bool ReadFile(absl::string_view kind, const std::string& path, std::string* text,
              std::vector<std::string>* faults) {
  if (path.empty()) {
    faults->push_back(absl::StrCat("no ", kind, " file is given; every connection is mutual TLS"));
    return false;
  }
  std::error_code error;
  // Reading a directory would throw.
  if (std::filesystem::is_directory(path, error)) {
    faults->push_back(absl::StrCat(kind, " file \"", path, "\" is a directory"));
    return false;
  }
  std::ifstream file(path);
  text->assign(std::istreambuf_iterator<char>(file), {});
  if (file && !text->empty()) return true;
  faults->push_back(absl::StrCat(kind, " file \"", path, "\" is missing, empty or not readable"));
  return false;
}

std::string Describe(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return absl::FormatTime(absl::FromTM(parts, absl::UTCTimeZone()), absl::UTCTimeZone());
}

std::string ValidityFault(const X509* certificate, absl::Time now) {
  std::time_t seconds = absl::ToTimeT(now);
  if (X509_cmp_time(X509_get0_notAfter(certificate), &seconds) < 0) {
    return absl::StrCat("expired at ", Describe(X509_get0_notAfter(certificate)),
                        "; issue it anew");
  }
  if (X509_cmp_time(X509_get0_notBefore(certificate), &seconds) > 0) {
    return absl::StrCat("is valid only from ", Describe(X509_get0_notBefore(certificate)),
                        "; look at the clocks");
  }
  return "";
}

// While CAs are rotated the file holds several, of which one may be past, or not yet valid.
std::string AuthoritiesFault(absl::string_view pem, absl::Time now) {
  std::string fault = "holds no PEM certificate";
  const BioPointer bio = ReadBio(pem);
  while (const CertificatePointer ca = ReadCertificate(bio.get())) {
    fault = ValidityFault(ca.get(), now);
    if (fault.empty()) break;
  }
  return fault;
}

std::shared_ptr<FileWatcherCertificateProvider> Watch(const TlsFiles& files,
                                                      absl::Duration refresh) {
  const auto seconds = std::max<int64_t>(1, absl::ToInt64Seconds(refresh));
  return std::make_shared<FileWatcherCertificateProvider>(
      files.key_file, files.cert_file, files.ca_file, static_cast<unsigned int>(seconds));
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now) {
  std::vector<std::string> faults;
  std::string text;
  if (ReadFile("CA", files.ca_file, &text, &faults)) {
    if (const std::string fault = AuthoritiesFault(text, now); !fault.empty()) {
      faults.push_back(absl::StrCat("CA file \"", files.ca_file, "\" ", fault));
    }
  }
  CertificatePointer certificate;
  if (ReadFile("certificate", files.cert_file, &text, &faults)) {
    certificate = ParseCertificate(text);
    if (!certificate) {
      faults.push_back(
          absl::StrCat("certificate file \"", files.cert_file, "\" holds no PEM certificate"));
    } else if (const std::string fault = ValidityFault(certificate.get(), now); !fault.empty()) {
      faults.push_back(absl::StrCat("certificate file \"", files.cert_file, "\" ", fault));
    }
  }
  if (ReadFile("key", files.key_file, &text, &faults)) {
    const KeyPointer key = ParseKey(text);
    if (!key) {
      faults.push_back(absl::StrCat("key file \"", files.key_file,
                                    "\" holds no PEM private key without passphrase"));
    } else if (certificate && X509_check_private_key(certificate.get(), key.get()) != 1) {
      faults.push_back(absl::StrCat("key file \"", files.key_file,
                                    "\" does not belong to certificate file \"", files.cert_file,
                                    "\""));
    }
    ERR_clear_error();
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
}

absl::Status RequireAddressInCertificate(const std::string& cert_file, const std::string& ip) {
  std::vector<std::string> faults;
  std::string text;
  ReadFile("certificate", cert_file, &text, &faults);
  const CertificatePointer certificate = ParseCertificate(text);
  if (certificate && X509_check_ip_asc(certificate.get(), ip.c_str(), 0) == 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("certificate file \"", cert_file, "\" does not name the IP address ", ip,
                   "; issue one that has it among its alternative names"));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsFiles& files, absl::Duration refresh) {
  if (absl::Status status = CheckTlsFiles(files, RealClock().Now()); !status.ok()) return status;
  grpc::experimental::TlsServerCredentialsOptions options(Watch(files, refresh));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::experimental::TlsServerCredentials(options);
  if (!credentials) return absl::InternalError("server credentials cannot be made");
  return credentials;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const TlsFiles& files, absl::Duration refresh) {
  if (absl::Status status = CheckTlsFiles(files, RealClock().Now()); !status.ok()) return status;
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(files, refresh));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  std::shared_ptr<grpc::ChannelCredentials> credentials =
      grpc::experimental::TlsCredentials(options);
  if (!credentials) return absl::InternalError("channel credentials cannot be made");
  return credentials;
}

}  // namespace diego::rpc
