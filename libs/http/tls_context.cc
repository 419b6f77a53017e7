#include "libs/http/tls_context.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/rpc/tls.h"

namespace diego::http {
namespace {

constexpr char kTls12Suites[] =
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";

absl::Status Failed(absl::string_view what) {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", text));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Load(const rpc::TlsFiles& files,
                                                             absl::Time now,
                                                             const log::Logger& log) {
  std::unique_ptr<TlsContext> context(new TlsContext(files, log));
  context->mark_ = context->Mark();
  DIEGO_RETURN_IF_ERROR(context->Read(now));
  return context;
}

void TlsContext::Refresh(absl::Time now) {
  const std::string mark = Mark();
  if (mark == mark_) return;
  const absl::Status status = Read(now);
  // A pair that is caught half-way is tried again, as its files change once more.
  mark_ = mark;
  if (status.ok()) {
    log_.Info("certificates-replaced");
  } else {
    log_.Error("failed-to-replace-certificates", status);
  }
}

absl::Status TlsContext::Read(absl::Time now) {
  DIEGO_RETURN_IF_ERROR(rpc::CheckTlsFiles(files_, now));
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* ssl = context.get();
  if (ssl == nullptr) return Failed("making a TLS context");
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION);
  if (SSL_CTX_set_cipher_list(ssl, kTls12Suites) != 1) return Failed("setting the suites");
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ssl, 0);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (SSL_CTX_use_certificate_chain_file(ssl, files_.cert_file.c_str()) != 1) {
    return Failed(absl::StrCat("certificate file \"", files_.cert_file, "\""));
  }
  if (SSL_CTX_use_PrivateKey_file(ssl, files_.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Failed(absl::StrCat("key file \"", files_.key_file, "\""));
  }
  if (SSL_CTX_load_verify_locations(ssl, files_.ca_file.c_str(), nullptr) != 1) {
    return Failed(absl::StrCat("CA file \"", files_.ca_file, "\""));
  }
  // What the file holds is trusted, be it issued by another CA or not: as Go does, and gRPC.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(ssl), X509_V_FLAG_PARTIAL_CHAIN);
  // Tells clients which certificate to show.
  SSL_CTX_set_client_CA_list(ssl, SSL_load_client_CA_file(files_.ca_file.c_str()));
  context_ = std::move(context);
  return absl::OkStatus();
}

std::string TlsContext::Mark() const {
  std::string mark;
  for (const std::string* file : {&files_.ca_file, &files_.cert_file, &files_.key_file}) {
    struct stat facts {};
    if (stat(file->c_str(), &facts) != 0) {
      mark += "-;";
      continue;
    }
    absl::StrAppend(&mark, facts.st_ino, ":", facts.st_size, ":", facts.st_mtim.tv_sec, ":",
                    facts.st_mtim.tv_nsec, ";");
  }
  return mark;
}

SslPointer TlsContext::NewConnection(int fd) const {
  SslPointer ssl(SSL_new(context_.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace diego::http
