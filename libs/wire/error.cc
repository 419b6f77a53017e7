#include "libs/wire/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/wire/serialize.h"
#include "libs/wire/utf8.h"

namespace diego::wire {

models::Error ToProto(const absl::Status& status) {
  models::Error proto;
  proto.set_type(static_cast<models::Error::Type>(ErrorTypeOf(status)));
  proto.set_message(ValidUtf8(status.message()));
  return proto;
}

absl::Status FromProto(const models::Error& proto) {
  if (!models::Error::Type_IsValid(proto.type())) {
    return DiegoError(ErrorType::kUnknownError,
                      absl::StrCat(proto.message(), " (error type ", proto.type(), ")"));
  }
  return DiegoError(static_cast<ErrorType>(proto.type()), proto.message());
}

std::string ToErrorDetails(const absl::Status& status) {
  return status.ok() ? std::string() : Serialize(ToProto(status));
}

absl::Status FromErrorDetails(absl::StatusCode code, absl::string_view message,
                              absl::string_view details) {
  absl::Status status(code, message);
  models::Error proto;
  if (status.ok() || details.empty() || !Parse(details, "error", &proto).ok() ||
      !models::Error::Type_IsValid(proto.type()) || proto.type() == models::Error::UnknownError) {
    return status;
  }
  FromProto(proto).ForEachPayload([&status](absl::string_view url, const absl::Cord& payload) {
    status.SetPayload(url, payload);
  });
  return status;
}

}  // namespace diego::wire
