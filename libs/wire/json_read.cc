#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/models/error.h"
#include "libs/wire/json.h"
#include "libs/wire/json_object.h"
#include "libs/wire/json_rules.h"

namespace diego::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = ReadJson;

// Messages in messages; protobuf's own parser stops here, too.
constexpr int kMessageDepthLimit = 100;

// Where in the text we are; only rendered when something is wrong.
struct Path {
  const Path* parent = nullptr;
  absl::string_view name;
  int index = -1;  // of a list element
  int depth = 0;

  Path Member(absl::string_view member) const { return {this, member, -1, depth + 1}; }
  Path Element(int element) const { return {this, "", element, depth}; }
  std::string Render() const {
    if (parent == nullptr) return "";
    const std::string before = parent->Render();
    if (index >= 0) return absl::StrCat(before, "[", index, "]");
    return absl::StrCat(before, before.empty() ? "" : ".", name);
  }
};

absl::Status Refuse(const Path& path, absl::string_view problem) {
  const std::string where = path.Render();
  return DiegoError(ErrorType::kInvalidJSON,
                    absl::StrCat(where, where.empty() ? "" : ": ", problem));
}

bool HasKey(const Descriptor* descriptor, absl::string_view key) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const JsonField rule = JsonFieldOf(descriptor->field(i));
    if (rule.Is(kFlat) ? HasKey(descriptor->field(i)->message_type(), key)
                       : absl::EqualsIgnoreCase(rule.key, key)) {
      return true;
    }
  }
  return false;
}

// What the reference calls the enum when a name of it is unknown: "invalid media_type: X".
std::string EnumTitle(const FieldDescriptor* field) {
  const std::string& name = field->enum_type()->name();
  std::string title;
  for (const char c : name) {
    if (absl::ascii_isupper(c) && !title.empty()) title += name == "PreferredAddress" ? ' ' : '_';
    title += absl::ascii_tolower(c);
  }
  return title;
}

template <typename Number>
absl::Status ReadNumber(const Json& value, const Path& path, Number* out) {
  if (ReadWholeNumber(value, out)) return absl::OkStatus();
  return Refuse(path, WholeNumberFault<Number>());
}

class Reader {
 public:
  explicit Reader(UnknownKeys unknown_keys) : unknown_keys_(unknown_keys) {}

  absl::Status ReadMessage(const Json& value, const Path& path, Message* out) const {
    if (path.depth > kMessageDepthLimit) return Refuse(path, "nested too deeply");
    if (!value.is_object()) return Refuse(path, "expected an object");
    if (const FieldDescriptor* bare = BareField(out->GetDescriptor())) {
      return ReadMap(value, path, bare, out);
    }
    if (unknown_keys_ == UnknownKeys::kRefuse) {
      for (auto it = value.begin(); it != value.end(); ++it) {
        if (!HasKey(out->GetDescriptor(), it.key())) {
          return Refuse(path.Member(it.key()), "unknown key");
        }
      }
    }
    return ReadMembers(value, path, out);
  }

 private:
  absl::Status ReadMembers(const Json& object, const Path& path, Message* out) const {
    const Descriptor* descriptor = out->GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      DIEGO_RETURN_IF_ERROR(ReadMember(object, path, descriptor->field(i), out));
    }
    return absl::OkStatus();
  }

  absl::Status ReadMember(const Json& object, const Path& path, const FieldDescriptor* field,
                          Message* out) const {
    const JsonField rule = JsonFieldOf(field);
    if (rule.Is(kFlat)) return ReadFlat(object, path, field, rule, out);
    if (rule.Is(kAlways)) out->GetReflection()->MutableMessage(out, field);
    const Json* value = FindMember(object, rule.key);
    if (value == nullptr || value->is_null()) return absl::OkStatus();
    const Path here = path.Member(rule.key);
    if (rule.Is(kWrapped)) {
      if (!value->is_object()) return Refuse(here, "expected an object");
      const Json* inner = FindMember(*value, field->name());
      return ReadValue(inner == nullptr ? Json(false) : *inner, here.Member(field->name()), field,
                       out);
    }
    if (field->is_map()) {
      if (!value->is_object()) return Refuse(here, "expected an object");
      return ReadMap(*value, here, field, out);
    }
    if (!field->is_repeated()) return ReadValue(*value, here, field, out);
    if (!value->is_array()) return Refuse(here, "expected a list");
    int index = 0;
    for (const Json& element : *value) {
      DIEGO_RETURN_IF_ERROR(ReadValue(element, here.Element(index++), field, out));
    }
    return absl::OkStatus();
  }

  // The members of a flat message lie in its parent's object; it is set when one of them is there.
  absl::Status ReadFlat(const Json& object, const Path& path, const FieldDescriptor* field,
                        const JsonField& rule, Message* out) const {
    bool present = rule.Is(kAlways);
    for (auto it = object.begin(); it != object.end() && !present; ++it) {
      present = HasKey(field->message_type(), it.key());
    }
    if (!present) return absl::OkStatus();
    return ReadMembers(object, path, out->GetReflection()->MutableMessage(out, field));
  }

  absl::Status ReadMap(const Json& object, const Path& path, const FieldDescriptor* field,
                       Message* out) const {
    const FieldDescriptor* key = field->message_type()->map_key();
    const FieldDescriptor* mapped = field->message_type()->map_value();
    for (auto it = object.begin(); it != object.end(); ++it) {
      Message* entry = out->GetReflection()->AddMessage(out, field);
      entry->GetReflection()->SetString(entry, key, it.key());
      const bool is_message = mapped->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (is_message) entry->GetReflection()->MutableMessage(entry, mapped);
      if (it.value().is_null() && mapped->type() != FieldDescriptor::TYPE_BYTES) continue;
      DIEGO_RETURN_IF_ERROR(ReadValue(it.value(), path.Member(it.key()), mapped, entry));
    }
    return absl::OkStatus();
  }

  // Sets the field, or adds to it when it is a list.
  absl::Status ReadValue(const Json& value, const Path& path, const FieldDescriptor* field,
                         Message* out) const {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Number<int32_t>(value, path, field, out, &Reflection::SetInt32,
                               &Reflection::AddInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return Number<int64_t>(value, path, field, out, &Reflection::SetInt64,
                               &Reflection::AddInt64);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Number<uint32_t>(value, path, field, out, &Reflection::SetUInt32,
                                &Reflection::AddUInt32);
      case FieldDescriptor::CPPTYPE_UINT64:
        return Number<uint64_t>(value, path, field, out, &Reflection::SetUInt64,
                                &Reflection::AddUInt64);
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!value.is_boolean()) return Refuse(path, "expected true or false");
        Store<bool>(value.get<bool>(), field, out, &Reflection::SetBool, &Reflection::AddBool);
        return absl::OkStatus();
      case FieldDescriptor::CPPTYPE_STRING: return ReadString(value, path, field, out);
      case FieldDescriptor::CPPTYPE_ENUM: return ReadEnumValue(value, path, field, out);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return ReadMessage(value, path,
                           field->is_repeated() ? out->GetReflection()->AddMessage(out, field)
                                                : out->GetReflection()->MutableMessage(out, field));
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE: break;
    }
    return Refuse(path, "this kind of field has no JSON form");
  }

  template <typename T, typename Set, typename Add>
  static void Store(T value, const FieldDescriptor* field, Message* out, Set set, Add add) {
    const Reflection* reflection = out->GetReflection();
    if (field->is_repeated()) {
      (reflection->*add)(out, field, std::move(value));
    } else {
      (reflection->*set)(out, field, std::move(value));
    }
  }

  template <typename T, typename Set, typename Add>
  static absl::Status Number(const Json& value, const Path& path, const FieldDescriptor* field,
                             Message* out, Set set, Add add) {
    T number = 0;
    DIEGO_RETURN_IF_ERROR(ReadNumber(value, path, &number));
    Store<T>(number, field, out, set, add);
    return absl::OkStatus();
  }

  static absl::Status ReadString(const Json& value, const Path& path, const FieldDescriptor* field,
                                 Message* out) {
    const bool raw = field->type() == FieldDescriptor::TYPE_BYTES;
    if (!raw && !value.is_string()) return Refuse(path, "expected a string");
    Store<std::string>(raw ? value.dump() : value.get<std::string>(), field, out,
                       &Reflection::SetString, &Reflection::AddString);
    return absl::OkStatus();
  }

  static absl::Status ReadEnumValue(const Json& value, const Path& path,
                                    const FieldDescriptor* field, Message* out) {
    const JsonField rule = JsonFieldOf(field);
    int32_t number = 0;
    if (rule.Is(kNumber)) {
      DIEGO_RETURN_IF_ERROR(ReadNumber(value, path, &number));
    } else {
      if (!value.is_string()) return Refuse(path, "expected a name in quotes");
      const std::string name = value.get<std::string>();
      const EnumValueDescriptor* known = field->enum_type()->FindValueByName(name);
      if (known == nullptr && !rule.Is(kZeroIfUnknown)) {
        return Refuse(path, absl::StrCat("invalid ", EnumTitle(field), ": ", name));
      }
      number = known == nullptr ? 0 : known->number();
    }
    Store<int>(number, field, out, &Reflection::SetEnumValue, &Reflection::AddEnumValue);
    return absl::OkStatus();
  }

  UnknownKeys unknown_keys_;
};

}  // namespace

absl::Status FromJson(absl::string_view text, Message* out, UnknownKeys unknown_keys) {
  out->Clear();
  DIEGO_ASSIGN_OR_RETURN(const Json value, ParseJson(text));
  try {
    return Reader(unknown_keys).ReadMessage(value, Path{}, out);
  } catch (const Json::exception& e) {
    return Refuse(Path{}, e.what());
  }
}

}  // namespace diego::wire
