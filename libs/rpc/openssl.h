// Owning pointers for OpenSSL's objects, PEM reading and error texts. Internal to libs/rpc.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace diego::rpc {

template <auto Free>
struct OpenSslDelete {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPointer = std::unique_ptr<BIO, OpenSslDelete<BIO_free_all>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, OpenSslDelete<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpenSslDelete<X509_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, OpenSslDelete<X509_EXTENSION_free>>;

inline BioPointer ReadBio(absl::string_view text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// The next certificate; null if there is none.
inline CertificatePointer ReadCertificate(BIO* bio) {
  CertificatePointer certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

// The first certificate, or private key without passphrase, of the text; null if there is none.
inline CertificatePointer ParseCertificate(absl::string_view pem) {
  return ReadCertificate(ReadBio(pem).get());
}
inline KeyPointer ParseKey(absl::string_view pem) {
  const BioPointer bio = ReadBio(pem);
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

// What a memory BIO holds.
inline std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace diego::rpc
