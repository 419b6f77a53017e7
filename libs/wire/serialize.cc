#include "libs/wire/serialize.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "libs/base/check.h"
#include "libs/models/error.h"
#include "libs/wire/utf8.h"

namespace diego::wire {
namespace {

// A packet of MySQL: nothing that is stored is larger.
constexpr size_t kMostMendedBytes = size_t{16} << 20;

}  // namespace

std::string Serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    DIEGO_CHECK(message.SerializeToCodedStream(&coded));
  }
  return bytes;
}

absl::Status Parse(absl::string_view bytes, absl::string_view what,
                   google::protobuf::Message* out) {
  if (out->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return absl::OkStatus();
  if (bytes.size() <= kMostMendedBytes &&
      out->ParseFromString(WithValidTexts(bytes, *out->GetDescriptor()))) {
    return absl::OkStatus();
  }
  return DiegoError(ErrorType::kDeserialize, absl::StrCat("could not deserialize record: ", what));
}

}  // namespace diego::wire
