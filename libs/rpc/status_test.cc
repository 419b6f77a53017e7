#include "libs/rpc/status.h"

#include <catch2/catch.hpp>

#include "libs/models/error.h"

namespace diego::rpc {
namespace {

TEST_CASE("status: a Diego error survives the way there and back", "[rpc]") {
  const ErrorType type = GENERATE(ErrorType::kResourceExists, ErrorType::kLockCollision,
                                  ErrorType::kActualLRPCannotBeClaimed, ErrorType::kUnknownError);
  const absl::Status status = DiegoError(type, "because");
  const grpc::Status wire = ToGrpc(status);
  CHECK(static_cast<int>(wire.error_code()) == static_cast<int>(status.code()));
  CHECK(AnsweredByPeer(wire));
  const absl::Status back = FromGrpc(wire);
  CHECK(back.code() == status.code());
  CHECK(back.message() == "because");
  CHECK(ErrorTypeOf(back) == type);
}

TEST_CASE("status: OK stays OK, and what the transport makes up has no answer", "[rpc]") {
  CHECK(ToGrpc(absl::OkStatus()).ok());
  CHECK(FromGrpc(grpc::Status::OK).ok());
  CHECK_FALSE(AnsweredByPeer(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone")));
  CHECK(absl::IsUnavailable(FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"))));
}

TEST_CASE("status: a long message is cut at a character", "[rpc]") {
  std::string text;
  while (text.size() < 5000) text += "é";
  const grpc::Status wire = ToGrpc(DiegoError(ErrorType::kInvalidRequest, text));
  CHECK(wire.error_message().size() <= kMaxMessageBytes);
  CHECK(wire.error_message().size() > kMaxMessageBytes - 8);
  CHECK(wire.error_message().substr(wire.error_message().size() - 5) == "é…");
  CHECK(FromGrpc(wire).message() == wire.error_message());
}

}  // namespace
}  // namespace diego::rpc
