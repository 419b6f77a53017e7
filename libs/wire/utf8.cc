#include "libs/wire/utf8.h"

#include <algorithm>
#include <cstdint>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace diego::wire {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// The bytes of the character that `text` starts with; 0 when it starts with none.
size_t CharacterBytes(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  // Neither overlong forms, nor surrogates, nor anything past U+10FFFF.
  const uint8_t second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return size;
}

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// Of messages in messages; protobuf reads no deeper.
constexpr int kMostDepth = 100;

// How a field is written: the lowest three bits of its tag.
enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

std::string Mend(absl::string_view value, const FieldDescriptor* field, int depth);

// The next `size` bytes, where they lie.
bool ReadInPlace(CodedInputStream* in, uint32_t size, absl::string_view* value) {
  const void* data = nullptr;
  int left = 0;
  in->GetDirectBufferPointerInline(&data, &left);
  if (size > static_cast<uint32_t>(left)) return false;
  *value = {static_cast<const char*>(data), size};
  return in->Skip(static_cast<int>(size));
}

// Writes what it understands of `in`.
void MendFields(CodedInputStream* in, const Descriptor& message, int depth,
                CodedOutputStream* out) {
  while (const uint32_t tag = in->ReadTag()) {
    uint64_t number = 0;
    uint32_t fixed = 0;
    absl::string_view value;
    std::string mended;
    switch (tag & 7) {
      case kVarint:
        if (!in->ReadVarint64(&number)) return;
        out->WriteTag(tag);
        out->WriteVarint64(number);
        break;
      case kFixed64:
        if (!in->ReadLittleEndian64(&number)) return;
        out->WriteTag(tag);
        out->WriteLittleEndian64(number);
        break;
      case kFixed32:
        if (!in->ReadLittleEndian32(&fixed)) return;
        out->WriteTag(tag);
        out->WriteLittleEndian32(fixed);
        break;
      case kLengthDelimited:
        if (!in->ReadVarint32(&fixed) || !ReadInPlace(in, fixed, &value)) return;
        mended = Mend(value, message.FindFieldByNumber(static_cast<int>(tag >> 3)), depth);
        out->WriteTag(tag);
        out->WriteVarint32(static_cast<uint32_t>(mended.size()));
        out->WriteString(mended);
        break;
      default: return;  // groups: nobody has them
    }
  }
}

std::string MendMessage(absl::string_view bytes, const Descriptor& message, int depth) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  std::string mended;
  {
    google::protobuf::io::StringOutputStream stream(&mended);
    CodedOutputStream out(&stream);
    MendFields(&in, message, depth, &out);
  }
  return in.ConsumedEntireMessage() ? mended : std::string(bytes);
}

std::string Mend(absl::string_view value, const FieldDescriptor* field, int depth) {
  if (field != nullptr && field->type() == FieldDescriptor::TYPE_STRING) return ValidUtf8(value);
  const bool is_message = field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE;
  if (!is_message || depth == 0) return std::string(value);
  return MendMessage(value, *field->message_type(), depth - 1);
}

}  // namespace

std::string WithValidTexts(absl::string_view bytes, const Descriptor& message) {
  return MendMessage(bytes, message, kMostDepth);
}

std::string ValidUtf8(absl::string_view text) {
  const bool ascii = std::none_of(text.begin(), text.end(),
                                  [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  if (ascii) return std::string(text);
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t size = CharacterBytes(text);
    if (size == 0) {
      valid.append("\xef\xbf\xbd");
      text.remove_prefix(1);
    } else {
      valid.append(text.data(), size);
      text.remove_prefix(size);
    }
  }
  return valid;
}

}  // namespace diego::wire
