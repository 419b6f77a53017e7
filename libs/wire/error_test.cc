#include "libs/wire/error.h"

#include <catch2/catch.hpp>

#include "libs/models/error.h"

namespace diego::wire {
namespace {

TEST_CASE("error: every Diego type survives the message and the gRPC details", "[wire][error]") {
  for (int number = 0; number <= 31; ++number) {
    if (!models::Error::Type_IsValid(number)) continue;
    const ErrorType type = static_cast<ErrorType>(number);
    const absl::Status status = DiegoError(type, "because");
    CHECK(ErrorTypeName(type) ==
          models::Error::Type_Name(static_cast<models::Error::Type>(number)).c_str());
    CHECK(FromProto(ToProto(status)) == status);
    const absl::Status back =
        FromErrorDetails(status.code(), status.message(), ToErrorDetails(status));
    CHECK(back.code() == status.code());
    CHECK(back.message() == "because");
    CHECK(ErrorTypeOf(back) == type);
  }
}

TEST_CASE("error: the code of a status without a Diego type survives", "[wire][error]") {
  const absl::Status status = absl::ResourceExhaustedError("queue full");
  CHECK(ToProto(status).type() == models::Error::UnknownError);
  CHECK(FromErrorDetails(status.code(), status.message(), ToErrorDetails(status)) == status);
}

TEST_CASE("error: details that are none leave code and message alone", "[wire][error]") {
  CHECK(FromErrorDetails(absl::StatusCode::kNotFound, "gone", "\xff\xff") ==
        absl::NotFoundError("gone"));
  CHECK(FromErrorDetails(absl::StatusCode::kNotFound, "gone", "") == absl::NotFoundError("gone"));
  CHECK(FromErrorDetails(absl::StatusCode::kOk, "", "").ok());
  CHECK(ToErrorDetails(absl::OkStatus()).empty());
}

TEST_CASE("error: an unknown type is kept readable", "[wire][error]") {
  models::Error proto;
  proto.set_type(static_cast<models::Error::Type>(77));
  proto.set_message("new kind");
  CHECK(FromProto(proto).message() == "new kind (error type 77)");
  CHECK(ErrorTypeOf(FromProto(proto)) == ErrorType::kUnknownError);
}

}  // namespace
}  // namespace diego::wire
