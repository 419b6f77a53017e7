// Messages to bytes and back.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace diego::wire {

// The same message always yields the same bytes (maps are written sorted), so that stored bytes
// can be compared.
std::string Serialize(const google::protobuf::MessageLite& message);

// Bytes of a text that are no UTF-8 are read as ValidUtf8 has them (utf8.h), in messages of up to
// 16 MiB: the original's programs write such texts. Deserialize "could not deserialize record:
// <what>" when the bytes are no such message.
absl::Status Parse(absl::string_view bytes, absl::string_view what, google::protobuf::Message* out);

}  // namespace diego::wire
