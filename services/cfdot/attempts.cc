#include "services/cfdot/attempts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status.h"

namespace diego::cfdot {
namespace {

bool IsUrl(const std::string& address) { return absl::StartsWith(address, "https://"); }

// In the words of gRPC and of libcurl.
bool NobodyListens(const std::string& message) {
  return absl::StrContains(message, "Connection refused") ||
         absl::StrContains(message, "connect to server");
}

// The server ended the handshake, or the connection right after it: with TLS 1.3 the client is done
// before the server has looked at its certificate. Not when it is the client who does not trust.
// What gRPC had connected before, trusted the client: to gRPC a connection is one once the server
// has greeted.
bool MayBeDistrusted(const std::string& address, const std::string& message) {
  if (!IsUrl(address) && !absl::StartsWith(message, rpc::kNeverSent)) return false;
  const std::string lower = absl::AsciiStrToLower(message);
  const auto says = [&](absl::string_view words) { return absl::StrContains(lower, words); };
  if (NobodyListens(message) || says("verify failed") || says("verify_failed")) return false;
  return says("handshake") || says("socket closed") || says("reset by peer") || says("alert") ||
         says("server returned nothing");
}

int Worth(const std::string& address, const grpc::Status& status) {
  if (rpc::AnsweredByPeer(status)) return 3;
  if (NobodyListens(status.error_message())) return 0;
  return IsUrl(address) ? 1 : 2;
}

}  // namespace

void Attempts::Note(const std::string& address, const grpc::Status& status) {
  const auto known = std::find_if(attempts_.begin(), attempts_.end(),
                                  [&](const Attempt& a) { return a.address == address; });
  if (known == attempts_.end()) {
    attempts_.push_back({address, status});
  } else {
    known->status = status;
  }
}

absl::Status Attempts::Explain(const absl::Status& failure) const {
  if (!absl::IsUnavailable(failure) || attempts_.empty()) return failure;
  const auto told = std::max_element(
      attempts_.begin(), attempts_.end(), [](const Attempt& left, const Attempt& right) {
        return Worth(left.address, left.status) < Worth(right.address, right.status);
      });
  const absl::Status status = Annotate(rpc::FromGrpc(told->status), told->address);
  if (!absl::IsUnavailable(status)) return failure;
  if (IsDiegoError(status, ErrorTypeOf(status))) return status;
  std::string text(status.message());
  if (!rpc::AnsweredByPeer(told->status) &&
      MayBeDistrusted(told->address, told->status.error_message())) {
    absl::StrAppend(&text,
                    "; the server ended the connection: perhaps it does not trust the client's "
                    "certificate (--clientCertFile), or does not speak TLS");
  }
  if (attempts_.size() > 1) {
    absl::StrAppend(&text, "; tried ",
                    absl::StrJoin(attempts_, ", ", [](std::string* out, const Attempt& attempt) {
                      absl::StrAppend(out, attempt.address,
                                      IsUrl(attempt.address) ? " (HTTP)" : " (gRPC)");
                    }));
  }
  return absl::UnavailableError(text);
}

}  // namespace diego::cfdot
