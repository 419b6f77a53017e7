#include "libs/rpc/status.h"

#include <string>

#include "libs/wire/error.h"

namespace diego::rpc {
namespace {

// At most kMaxMessageBytes, never ending inside a UTF-8 character.
std::string Shorten(absl::string_view text) {
  static constexpr absl::string_view kEllipsis = "…";
  if (text.size() <= kMaxMessageBytes) return std::string(text);
  size_t length = kMaxMessageBytes - kEllipsis.size();
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  return std::string(text.substr(0, length)) + std::string(kEllipsis);
}

absl::Status WithMessage(const absl::Status& status, absl::string_view message) {
  absl::Status shorter(status.code(), message);
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { shorter.SetPayload(url, payload); });
  return shorter;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = Shorten(status.message());
  // The two enumerations have the same numbers.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      wire::ToErrorDetails(WithMessage(status, message)));
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return wire::FromErrorDetails(static_cast<absl::StatusCode>(status.error_code()),
                                status.error_message(), status.error_details());
}

bool AnsweredByPeer(const grpc::Status& status) {
  return status.ok() || !status.error_details().empty();
}

}  // namespace diego::rpc
