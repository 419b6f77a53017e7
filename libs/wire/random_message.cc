#include "libs/wire/random_message.h"

#include <set>
#include <string>

#include "libs/wire/json_rules.h"
#include "proto/models/cells.pb.h"
#include "proto/models/domain.pb.h"
#include "proto/models/evacuation.pb.h"
#include "proto/models/events.pb.h"
#include "proto/models/locket.pb.h"
#include "proto/models/ping.pb.h"

namespace diego::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthLimit = 5;

void CollectFiles(const FileDescriptor* file, std::set<const FileDescriptor*>* files) {
  if (!files->insert(file).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) CollectFiles(file->dependency(i), files);
}

// Any number, with a liking for the ends of the range and for small ones.
uint64_t RandomBits(Random* random) {
  switch (random->Below(4)) {
    case 0: return random->Below(3);
    case 1: return ~uint64_t{0} >> random->Below(64);
    case 2: return uint64_t{1} << random->Below(64);
    default: return random->Next();
  }
}

std::string RandomString(Random* random) {
  static constexpr const char* kPieces[] = {"a",
                                            "Web-1",
                                            "_",
                                            " ",
                                            "\"",
                                            "\\",
                                            "<&>",
                                            "\n",
                                            "\x01",
                                            "/x",
                                            ",",
                                            "{",
                                            "]",
                                            ":",
                                            "ü",
                                            "\xe2\x80\xa8",
                                            "\xf0\x9f\x9a\x80"};
  std::string text;
  for (uint64_t n = random->Below(6); n > 0; --n) {
    text += kPieces[random->Below(std::size(kPieces))];
  }
  return text;
}

std::string RandomJson(Random* random) {
  static constexpr const char* kTexts[] = {"null",
                                           "[]",
                                           "{}",
                                           "1",
                                           "-7",
                                           "true",
                                           R"("x y")",
                                           R"({"b":[1,{"a":null}],"a":"<\"\\"})",
                                           R"([{"hostnames":["h"],"port":8080}])"};
  return kTexts[random->Below(std::size(kTexts))];
}

template <typename T, typename Set, typename Add>
void Store(T value, const FieldDescriptor* field, Message* out, Set set, Add add) {
  const Reflection* reflection = out->GetReflection();
  if (field->is_repeated()) {
    (reflection->*add)(out, field, std::move(value));
  } else {
    (reflection->*set)(out, field, std::move(value));
  }
}

// Sets the field, or adds one element to it.
void FillValue(Random* random, const FieldDescriptor* field, Message* out, int depth) {
  const Reflection* r = out->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Store(static_cast<int32_t>(RandomBits(random)), field, out, &Reflection::SetInt32,
                   &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Store(static_cast<int64_t>(RandomBits(random)), field, out, &Reflection::SetInt64,
                   &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Store(static_cast<uint32_t>(RandomBits(random)), field, out, &Reflection::SetUInt32,
                   &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Store(RandomBits(random), field, out, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Store(random->Below(2) == 1, field, out, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_STRING:
      return Store(
          field->type() == FieldDescriptor::TYPE_BYTES ? RandomJson(random) : RandomString(random),
          field, out, &Reflection::SetString, &Reflection::AddString);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int index = static_cast<int>(random->Below(field->enum_type()->value_count()));
      return Store(field->enum_type()->value(index)->number(), field, out,
                   &Reflection::SetEnumValue, &Reflection::AddEnumValue);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillRandomly(
          random, field->is_repeated() ? r->AddMessage(out, field) : r->MutableMessage(out, field),
          depth + 1);
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE: return;  // package models has none
  }
}

// Distinct keys: a map keeps one entry of each.
void FillMap(Random* random, const FieldDescriptor* field, Message* out) {
  std::set<std::string> keys;
  for (uint64_t n = random->Below(4); n > 0; --n) keys.insert(RandomString(random));
  for (const std::string& key : keys) {
    Message* entry = out->GetReflection()->AddMessage(out, field);
    entry->GetReflection()->SetString(entry, field->message_type()->map_key(), key);
    FillValue(random, field->message_type()->map_value(), entry, kDepthLimit);
  }
}

}  // namespace

std::vector<const Descriptor*> AllMessages() {
  std::set<const FileDescriptor*> files;
  for (const Descriptor* descriptor :
       {models::CellPresence::descriptor(), models::DomainsResponse::descriptor(),
        models::EvacuationResponse::descriptor(), models::TaskCreatedEvent::descriptor(),
        models::Resource::descriptor(), models::PingResponse::descriptor()}) {
    CollectFiles(descriptor->file(), &files);
  }
  std::vector<const Descriptor*> messages;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) messages.push_back(file->message_type(i));
  }
  return messages;
}

void FillRandomly(Random* random, Message* out, int depth) {
  const Descriptor* descriptor = out->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (JsonFieldOf(field).Is(kAlways)) {
      FillValue(random, field, out, depth);
      continue;
    }
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (random->Below(3) == 0 || (is_message && !field->is_map() && depth >= kDepthLimit)) continue;
    if (field->is_map()) {
      FillMap(random, field, out);
    } else if (field->is_repeated()) {
      for (uint64_t n = random->Below(3); n > 0; --n) FillValue(random, field, out, depth);
    } else {
      FillValue(random, field, out, depth);
    }
  }
}

void AddUnknownFields(Random* random, Message* out) {
  const Reflection* reflection = out->GetReflection();
  reflection->MutableUnknownFields(out)->AddVarint(5000, random->Next());
  reflection->MutableUnknownFields(out)->AddLengthDelimited(5001, RandomString(random));
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*out, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      AddUnknownFields(random, reflection->MutableMessage(out, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*out, field); ++i) {
      AddUnknownFields(random, reflection->MutableRepeatedMessage(out, field, i));
    }
  }
}

}  // namespace diego::wire
