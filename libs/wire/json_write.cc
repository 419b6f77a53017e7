#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/wire/json.h"
#include "libs/wire/json_rules.h"
#include "libs/wire/json_text.h"

namespace diego::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  void WriteMessage(const Message& message) {
    if (const FieldDescriptor* bare = BareField(message.GetDescriptor())) {
      return WriteMap(message, bare);
    }
    out_->push_back('{');
    bool first = true;
    WriteMembers(message, &first);
    out_->push_back('}');
  }

 private:
  void WriteMembers(const Message& message, bool* first) {
    const Descriptor* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      WriteMember(message, descriptor->field(i), first);
    }
  }

  void WriteMember(const Message& message, const FieldDescriptor* field, bool* first) {
    const JsonField rule = JsonFieldOf(field);
    const bool empty = IsEmpty(message, field);
    if (rule.Is(kFlat)) {
      if (!empty || rule.Is(kAlways)) {
        WriteMembers(message.GetReflection()->GetMessage(message, field), first);
      }
      return;
    }
    if (rule.Is(kWrapped)) return WriteWrapped(message, field, rule, empty, first);
    // What is optional is a oneof of its own.
    if (empty && (rule.omit_empty || field->containing_oneof() != nullptr)) return;
    WriteKey(rule.key, first);
    if (field->is_map()) {
      if (empty && !rule.Is(kEmptyObject)) {
        out_->append("null");
      } else {
        WriteMap(message, field);
      }
    } else if (field->is_repeated()) {
      WriteList(message, field);
    } else if (empty && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
               !rule.Is(kAlways)) {
      out_->append("null");
    } else {
      WriteValue(message, field, -1);
    }
  }

  void WriteWrapped(const Message& message, const FieldDescriptor* field, const JsonField& rule,
                    bool unset, bool* first) {
    WriteKey(rule.key, first);
    if (unset) {
      out_->append("null");
      return;
    }
    out_->push_back('{');
    if (!rule.omit_empty || message.GetReflection()->GetBool(message, field)) {
      bool first_inside = true;
      WriteKey(field->name(), &first_inside);
      WriteValue(message, field, -1);
    }
    out_->push_back('}');
  }

  // Unset, empty or zero. A bare message is empty with its map.
  static bool IsEmpty(const Message& message, const FieldDescriptor* field) {
    const Reflection* reflection = message.GetReflection();
    if (field->is_repeated()) return reflection->FieldSize(message, field) == 0;
    if (!reflection->HasField(message, field)) return true;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || !JsonFieldOf(field).Is(kAlways)) {
      return false;
    }
    const FieldDescriptor* bare = BareField(field->message_type());
    const Message& inner = reflection->GetMessage(message, field);
    return bare != nullptr && inner.GetReflection()->FieldSize(inner, bare) == 0;
  }

  void WriteKey(absl::string_view key, bool* first) {
    if (!*first) out_->push_back(',');
    *first = false;
    AppendJsonString(key, out_);
    out_->push_back(':');
  }

  void WriteList(const Message& message, const FieldDescriptor* field) {
    const int size = message.GetReflection()->FieldSize(message, field);
    if (size == 0) {
      out_->append("null");
      return;
    }
    out_->push_back('[');
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_->push_back(',');
      WriteValue(message, field, i);
    }
    out_->push_back(']');
  }

  void WriteMap(const Message& message, const FieldDescriptor* field) {
    const Reflection* reflection = message.GetReflection();
    const FieldDescriptor* key = field->message_type()->map_key();
    std::vector<std::pair<std::string, const Message*>> entries;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const Message& entry = reflection->GetRepeatedMessage(message, field, i);
      entries.emplace_back(entry.GetReflection()->GetString(entry, key), &entry);
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    out_->push_back('{');
    bool first = true;
    for (const auto& [name, entry] : entries) {
      WriteKey(name, &first);
      WriteValue(*entry, field->message_type()->map_value(), -1);
    }
    out_->push_back('}');
  }

  // One value: of a list when index >= 0.
  void WriteValue(const Message& message, const FieldDescriptor* field, int index) {
    const Reflection* r = message.GetReflection();
    const bool one = index < 0;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(
            out_, one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        absl::StrAppend(
            out_, one ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        absl::StrAppend(
            out_, one ? r->GetUInt32(message, field) : r->GetRepeatedUInt32(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        absl::StrAppend(
            out_, one ? r->GetUInt64(message, field) : r->GetRepeatedUInt64(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_->append((one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index))
                         ? "true"
                         : "false");
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        WriteString(field, one ? r->GetString(message, field)
                               : r->GetRepeatedString(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        WriteEnum(field, one ? r->GetEnumValue(message, field)
                             : r->GetRepeatedEnumValue(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        WriteMessage(one ? r->GetMessage(message, field)
                         : r->GetRepeatedMessage(message, field, index));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE: DIEGO_CHECK(false);  // package models has none
    }
  }

  void WriteString(const FieldDescriptor* field, const std::string& text) {
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      AppendRawJson(text, out_);  // the only bytes of package models are raw JSON
    } else {
      AppendJsonString(text, out_);
    }
  }

  void WriteEnum(const FieldDescriptor* field, int number) {
    if (JsonFieldOf(field).Is(kNumber)) {
      absl::StrAppend(out_, number);
      return;
    }
    const auto* value = field->enum_type()->FindValueByNumber(number);
    AppendJsonString(value != nullptr ? value->name() : absl::StrCat(number), out_);
  }

  std::string* out_;
};

}  // namespace

std::string ToJson(const Message& message) {
  std::string text;
  Writer(&text).WriteMessage(message);
  return text;
}

}  // namespace diego::wire
