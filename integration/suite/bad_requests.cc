#include "integration/suite/bad_requests.h"

#include <iterator>
#include <limits>
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

std::string BadRequests::Text(bool any_bytes) {
  // Names that records go by, so that calls come further than the door.
  static const std::string kTexts[] = {"",
                                       "web",
                                       "demo",
                                       "cell-1",
                                       "instance-1",
                                       "preloaded:busybox",
                                       "docker:///x",
                                       "RUNNING",
                                       "10.0.0.1",
                                       "rw",
                                       "tcp",
                                       std::string("a\0b", 3),
                                       "'; DROP TABLE locks; --",
                                       "../../etc/passwd",
                                       "\xf0\x9f\x92\xa5",
                                       std::string(300, 'x'),
                                       std::string(70000, 'y')};
  if (any_bytes && OneIn(2)) {
    std::string bytes(random_.Below(40), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_.Next());
    return bytes;
  }
  // The long ones seldom: they cost more than they find.
  const size_t most = OneIn(50) ? std::size(kTexts) : std::size(kTexts) - 2;
  return kTexts[random_.Below(most)];
}

int64_t BadRequests::Number() {
  constexpr int64_t kNumbers[] = {0,
                                  1,
                                  2,
                                  15,
                                  8080,
                                  65536,
                                  -1,
                                  std::numeric_limits<int32_t>::max(),
                                  std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int64_t>::max(),
                                  std::numeric_limits<int64_t>::min()};
  return kNumbers[random_.Below(std::size(kNumbers))];
}

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
      return set(&Reflection::SetInt32, &Reflection::AddInt32, static_cast<int32_t>(Number()));
    case FieldDescriptor::CPPTYPE_INT64:
      return set(&Reflection::SetInt64, &Reflection::AddInt64, Number());
    case FieldDescriptor::CPPTYPE_UINT32:
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32, static_cast<uint32_t>(Number()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64, static_cast<uint64_t>(Number()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set(&Reflection::SetDouble, &Reflection::AddDouble, static_cast<double>(Number()));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return set(&Reflection::SetFloat, &Reflection::AddFloat, static_cast<float>(Number()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return set(&Reflection::SetBool, &Reflection::AddBool, OneIn(2));
    case FieldDescriptor::CPPTYPE_ENUM:  // known and unknown
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                 OneIn(3) ? static_cast<int>(Number()) : static_cast<int>(random_.Below(4)));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = Text(field.type() == FieldDescriptor::TYPE_BYTES);
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

BadRequests::Request BadRequests::Next(const google::protobuf::Descriptor& type) {
  const std::unique_ptr<Message> message(factory_.GetPrototype(&type)->New());
  Fill(message.get(), 0);
  std::string bytes;
  message->SerializeToString(&bytes);
  const auto at = [&] { return bytes.empty() ? 0 : random_.Below(bytes.size()); };
  switch (random_.Below(9)) {
    case 0: {
      std::string noise(random_.Below(200), '\0');
      for (char& byte : noise) byte = static_cast<char>(random_.Next());
      return {noise, "random bytes"};
    }
    case 1: return {bytes.substr(0, at()), "truncated"};
    case 2:  // the tag's low three bits
      if (!bytes.empty()) bytes[0] = static_cast<char>(bytes[0] ^ (1 + random_.Below(7)));
      return {bytes, "wrong wire type"};
    case 3:
      for (int n = 0; n < 3 && !bytes.empty(); ++n) {
        bytes[at()] = static_cast<char>(random_.Next());
      }
      return {bytes, "changed bytes"};
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
