#include "libs/clients/http_json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::clients {
namespace {

absl::string_view ReasonOf(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Request Entity Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";
  }
}

absl::Status ErrorOf(int status, const std::string& message) {
  if (status == 404) return absl::NotFoundError(message);
  if (status == 403) return absl::PermissionDeniedError(message);
  if (status == 503) return absl::UnavailableError(message);
  return absl::InternalError(message);
}

}  // namespace

http_client::Tls TlsOf(const rpc::TlsFiles& files, const std::string& server_name) {
  return {files.ca_file, files.cert_file, files.key_file, true, server_name};
}

absl::Status RequireOk(const http_client::Outcome& outcome) {
  if (!outcome.ok()) return outcome.status();
  if (outcome->status == 200) return absl::OkStatus();
  return ErrorOf(outcome->status, absl::StrCat("unexpected status code: ", outcome->status));
}

absl::Status RequireAccepted(const http_client::Outcome& outcome) {
  if (!outcome.ok()) return outcome.status();
  if (outcome->status == 202) return absl::OkStatus();
  return ErrorOf(outcome->status, absl::StrCat("http error: status code ", outcome->status, " (",
                                               ReasonOf(outcome->status), ")"));
}

std::string EscapePath(absl::string_view segment) {
  std::string escaped;
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", byte);
    }
  }
  return escaped;
}

}  // namespace diego::clients
