// What the clients of the original's HTTP and JSON have in common. Internal to libs/clients.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/http_client/request.h"
#include "libs/rpc/tls_files.h"

namespace diego::clients {

// `server_name`: as in ConnectionOptions.
http_client::Tls TlsOf(const rpc::TlsFiles& files, const std::string& server_name);

// OK when the answer has that status; else an error in the words of the original's clients:
// Unavailable for 503, NotFound for 404, else Internal.
absl::Status RequireOk(const http_client::Outcome& outcome);        // 200
absl::Status RequireAccepted(const http_client::Outcome& outcome);  // 202

// One segment of a path.
std::string EscapePath(absl::string_view segment);

}  // namespace diego::clients
