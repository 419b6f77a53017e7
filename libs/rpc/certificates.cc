#include "libs/rpc/certificates.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/rpc/openssl.h"

namespace diego::rpc {
namespace {

absl::Status OpenSslError(absl::string_view what) {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return absl::InternalError(absl::StrCat(what, ": ", text));
}

absl::StatusOr<KeyPointer> MakeKey(KeyKind kind) {
  KeyPointer key(kind == KeyKind::kRsa2048 ? EVP_RSA_gen(2048u) : EVP_EC_gen("P-256"));
  if (!key) return OpenSslError("making a private key");
  return key;
}

absl::Status SetTimes(X509* certificate, absl::Time not_before, absl::Time not_after) {
  if (not_after <= not_before) {
    return absl::InvalidArgumentError("not_after must lie behind not_before");
  }
  std::time_t seconds = absl::ToTimeT(not_before);
  if (!ASN1_TIME_set(X509_getm_notBefore(certificate), seconds)) return OpenSslError("not_before");
  seconds = absl::ToTimeT(not_after);
  if (!ASN1_TIME_set(X509_getm_notAfter(certificate), seconds)) return OpenSslError("not_after");
  return absl::OkStatus();
}

absl::Status SetSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return OpenSslError("drawing a serial number");
  bytes[0] &= 0x7f;  // positive
  std::unique_ptr<BIGNUM, OpenSslDelete<BN_free>> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  return absl::OkStatus();
}

absl::Status AddName(X509_NAME* name, const char* field, const std::string& value) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, static_cast<int>(value.size()),
                                 -1, 0) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(field, " \"", value, "\" does not fit a certificate (at most 64 characters)"));
  }
  return absl::OkStatus();
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPointer extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpenSslError(absl::StrCat("extension ", OBJ_nid2sn(nid), " \"", value, "\""));
  }
  return absl::OkStatus();
}

absl::Status AddAuthorityExtensions(X509* certificate, X509* issuer) {
  DIEGO_RETURN_IF_ERROR(
      AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE"));
  DIEGO_RETURN_IF_ERROR(
      AddExtension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign"));
  return AddExtension(certificate, issuer, NID_subject_key_identifier, "hash");
}

absl::StatusOr<KeyPair> ToPem(X509* certificate, EVP_PKEY* key) {
  const BioPointer certificate_bio(BIO_new(BIO_s_mem()));
  const BioPointer key_bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return OpenSslError("writing PEM");
  }
  return KeyPair{TextOf(certificate_bio.get()), TextOf(key_bio.get())};
}

// A host name, an IPv4 or an IPv6 address: nothing that could end one name and begin another.
bool IsHost(const std::string& host) {
  for (const char c : host) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_' && c != ':' && c != '*') {
      return false;
    }
  }
  return !host.empty();
}

bool IsIpAddress(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

absl::StatusOr<std::string> AlternativeNames(const CertificateRequest& request) {
  std::string names;
  const auto add = [&names](absl::string_view kind, const std::string& name) {
    absl::StrAppend(&names, names.empty() ? "" : ",", kind, ":", name);
  };
  for (const std::string& host : request.hosts) {
    if (!IsHost(host)) {
      return absl::InvalidArgumentError(
          absl::StrCat("host \"", host, "\" is neither a host name nor an IP address"));
    }
    add(IsIpAddress(host) ? "IP" : "DNS", host);
  }
  if (request.role == Role::kRep) {
    for (const char c : request.cell_id.value()) {
      if (!absl::ascii_isgraph(c) || c == ',') {
        return absl::InvalidArgumentError(absl::StrCat("cell id \"", request.cell_id.value(),
                                                       "\": use letters, digits, - and _ only"));
      }
    }
    add("URI", absl::StrCat("diego:cell:", request.cell_id.value()));
  }
  return names;
}

absl::Status CheckRequest(const CertificateRequest& request) {
  if (request.role == Role::kRep && request.cell_id.empty()) {
    return absl::InvalidArgumentError("a certificate for a rep needs its cell id");
  }
  if (request.role != Role::kRep && !request.cell_id.empty()) {
    return absl::InvalidArgumentError("only a certificate for a rep has a cell id");
  }
  if (request.cell_id.value().size() > 255) {
    return absl::InvalidArgumentError("the cell id is longer than 255 bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  // Reading a directory would throw.
  if (std::filesystem::is_directory(path, error)) {
    return absl::FailedPreconditionError(absl::StrCat("\"", path, "\" is a directory"));
  }
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file || text.empty()) {
    return absl::NotFoundError(absl::StrCat("\"", path, "\" is missing, empty or not readable"));
  }
  return text;
}

}  // namespace

absl::StatusOr<CertificateAuthority> CertificateAuthority::Create(const std::string& common_name,
                                                                  absl::Time not_before,
                                                                  absl::Time not_after,
                                                                  KeyKind key_kind) {
  DIEGO_ASSIGN_OR_RETURN(const KeyPointer key, MakeKey(key_kind));
  const CertificatePointer certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  DIEGO_RETURN_IF_ERROR(SetSerial(certificate.get()));
  DIEGO_RETURN_IF_ERROR(SetTimes(certificate.get(), not_before, not_after));
  X509_NAME* name = X509_get_subject_name(certificate.get());
  DIEGO_RETURN_IF_ERROR(AddName(name, "O", "Diego"));
  DIEGO_RETURN_IF_ERROR(AddName(name, "CN", common_name));
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  X509* self = certificate.get();
  DIEGO_RETURN_IF_ERROR(AddAuthorityExtensions(self, self));
  if (X509_sign(self, key.get(), EVP_sha256()) == 0) return OpenSslError("signing the CA");
  DIEGO_ASSIGN_OR_RETURN(KeyPair pem, ToPem(self, key.get()));
  return CertificateAuthority(std::move(pem));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::FromPem(KeyPair pem) {
  const CertificatePointer certificate = ParseCertificate(pem.certificate_pem);
  const KeyPointer key = ParseKey(pem.key_pem);
  if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the CA's certificate and key are no pair in PEM");
  }
  return CertificateAuthority(std::move(pem));
}

absl::StatusOr<CertificateAuthority> CertificateAuthority::Load(const std::string& directory) {
  KeyPair pem;
  DIEGO_ASSIGN_OR_RETURN(pem.certificate_pem, ReadFile(directory + "/ca.crt"));
  DIEGO_ASSIGN_OR_RETURN(pem.key_pem, ReadFile(directory + "/ca.key"));
  return FromPem(std::move(pem));
}

absl::Status CertificateAuthority::Save(const std::string& directory) const {
  return SaveKeyPair(directory, "ca", pem_).status();
}

absl::StatusOr<KeyPair> CertificateAuthority::Issue(const CertificateRequest& request) const {
  DIEGO_RETURN_IF_ERROR(CheckRequest(request));
  DIEGO_ASSIGN_OR_RETURN(const std::string names, AlternativeNames(request));
  const CertificatePointer issuer = ParseCertificate(pem_.certificate_pem);
  const KeyPointer issuer_key = ParseKey(pem_.key_pem);
  DIEGO_ASSIGN_OR_RETURN(const KeyPointer key, MakeKey(request.key_kind));
  const CertificatePointer certificate(X509_new());
  X509* leaf = certificate.get();
  X509_set_version(leaf, X509_VERSION_3);
  DIEGO_RETURN_IF_ERROR(SetSerial(leaf));
  DIEGO_RETURN_IF_ERROR(SetTimes(leaf, request.not_before, request.not_after));
  X509_NAME* name = X509_get_subject_name(leaf);
  DIEGO_RETURN_IF_ERROR(AddName(name, "O", "Diego"));
  std::string common_name = request.common_name;
  if (request.role != Role::kNone) {
    const std::string role(RoleName(request.role));
    DIEGO_RETURN_IF_ERROR(AddName(name, "OU", absl::StrCat("diego:role:", role)));
    // A cell id may be longer than a common name, which is for human readers only.
    if (common_name.empty()) common_name = request.cell_id.value().substr(0, 64);
    if (common_name.empty()) common_name = role;
  }
  DIEGO_RETURN_IF_ERROR(AddName(name, "CN", common_name));
  X509_set_issuer_name(leaf, X509_get_subject_name(issuer.get()));
  X509_set_pubkey(leaf, key.get());
  X509* ca = issuer.get();
  if (request.is_authority) {
    DIEGO_RETURN_IF_ERROR(AddAuthorityExtensions(leaf, ca));
  } else {
    DIEGO_RETURN_IF_ERROR(AddExtension(leaf, ca, NID_basic_constraints, "critical,CA:FALSE"));
    DIEGO_RETURN_IF_ERROR(
        AddExtension(leaf, ca, NID_key_usage, "critical,digitalSignature,keyEncipherment"));
    DIEGO_RETURN_IF_ERROR(AddExtension(leaf, ca, NID_ext_key_usage, "serverAuth,clientAuth"));
  }
  DIEGO_RETURN_IF_ERROR(AddExtension(leaf, ca, NID_authority_key_identifier, "keyid"));
  if (!names.empty()) {
    DIEGO_RETURN_IF_ERROR(AddExtension(leaf, ca, NID_subject_alt_name, names));
  }
  if (X509_sign(leaf, issuer_key.get(), EVP_sha256()) == 0) return OpenSslError("signing");
  return ToPem(leaf, key.get());
}

absl::Status WriteFileAtomically(const std::string& path, const std::string& text, int mode) {
  const auto failed = [&](const std::string& what) {
    return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
  };
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return failed(absl::StrCat("creating \"", path, "\""));
  const bool written = fchmod(fd, static_cast<mode_t>(mode)) == 0 &&
                       write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(fd) == 0;
  absl::Status status =
      written ? absl::OkStatus() : failed(absl::StrCat("writing \"", temporary, "\""));
  close(fd);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = failed(absl::StrCat("renaming to \"", path, "\""));
  }
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

absl::StatusOr<TlsFiles> SaveKeyPair(const std::string& directory, const std::string& name,
                                     const KeyPair& pair) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("creating directory \"", directory, "\": ", error.message()));
  }
  TlsFiles files{absl::StrCat(directory, "/ca.crt"), absl::StrCat(directory, "/", name, ".crt"),
                 absl::StrCat(directory, "/", name, ".key")};
  DIEGO_RETURN_IF_ERROR(WriteFileAtomically(files.key_file, pair.key_pem, 0600));
  DIEGO_RETURN_IF_ERROR(WriteFileAtomically(files.cert_file, pair.certificate_pem, 0644));
  return files;
}

}  // namespace diego::rpc
