#include "integration/suite/bad_requests.h"

#include <memory>

namespace diego::suite {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Deeper, a message is left empty: actions nest without end.
constexpr int kDeepest = 5;

std::string Varint(uint64_t value) {
  std::string bytes;
  while (value >= 0x80) {
    bytes.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

}  // namespace

void BadRequests::SetField(Message* message, const FieldDescriptor& field, int depth) {
  const Reflection& access = *message->GetReflection();
  const bool many = field.is_repeated();
  const auto set = [&](auto one, auto add, auto value) {
    if (many) {
      (access.*add)(message, &field, value);
    } else {
      (access.*one)(message, &field, value);
    }
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return set(&Reflection::SetInt32, &Reflection::AddInt32,
                 static_cast<int32_t>(AwkwardNumber(&random_)));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::SetInt64, &Reflection::AddInt64, AwkwardNumber(&random_));
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32,
                 static_cast<uint32_t>(AwkwardNumber(&random_)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64,
                 static_cast<uint64_t>(AwkwardNumber(&random_)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::SetDouble, &Reflection::AddDouble,
                 static_cast<double>(AwkwardNumber(&random_)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(&Reflection::SetFloat, &Reflection::AddFloat,
                 static_cast<float>(AwkwardNumber(&random_)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, &Reflection::AddBool, OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM:  // known and unknown
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 OneIn(3) ? static_cast<int>(AwkwardNumber(&random_))
                          : static_cast<int>(random_.Below(4)));
    case FieldDescriptor::CPPTYPE_STRING: {
      const bool any_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
      const std::string text = any_bytes && OneIn(2) ? Noise(&random_, 40) : AwkwardText(&random_);
      if (many) return access.AddString(message, &field, text);
      return access.SetString(message, &field, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* inner = many ? access.AddMessage(message, &field, &factory_)
                            : access.MutableMessage(message, &field, &factory_);
      if (depth < kDeepest) Fill(inner, depth + 1);
      return;
    }
  }
}

void BadRequests::Fill(Message* message, int depth) {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message->GetDescriptor()->field(i);
    if (depth > 0 && OneIn(2)) continue;
    const uint64_t times = field.is_repeated() ? random_.Below(3) : 1;
    for (uint64_t n = 0; n < times; ++n) SetField(message, field, depth);
  }
}

BadRequest BadRequests::Next(const google::protobuf::Descriptor& type) {
  const std::unique_ptr<Message> message(factory_.GetPrototype(&type)->New());
  Fill(message.get(), 0);
  std::string bytes;
  message->SerializeToString(&bytes);
  switch (random_.Below(9)) {
    case 0: return {Noise(&random_, 200), "random bytes"};
    case 1: return {Truncated(&random_, bytes), "truncated"};
    case 2:  // the tag's low three bits
      if (!bytes.empty()) bytes[0] = static_cast<char>(bytes[0] ^ (1 + random_.Below(7)));
      return {bytes, "wrong wire type"};
    case 3: return {Changed(&random_, bytes), "changed bytes"};
    case 4:  // field 1, length-delimited, longer than what follows
      return {bytes + "\x0a" + Varint(random_.Next()) + "abc", "a length that lies"};
    case 5: {  // groups and messages nested beyond any bound
      const char open = OneIn(2) ? '\x0b' : '\x0a';
      return {std::string(5000, open), "bottomless"};
    }
    case 6: return {bytes + Varint((19000u << 3) | 2) + Varint(3) + "abc", "an unknown field"};
    default: return {bytes, "values of all kinds"};
  }
}

}  // namespace diego::suite
