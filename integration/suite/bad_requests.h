// Requests as an enemy, or a broken peer, would send them: whole messages with outrageous values,
// and bytes that are no message. Drawn from a seed, the same on every machine.
#pragma once

#include <cstdint>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "libs/base/random.h"

namespace diego::suite {

// One thread.
class BadRequests {
 public:
  explicit BadRequests(uint64_t seed) : random_(seed) {}

  struct Request {
    std::string bytes;
    std::string kind;  // "truncated", for messages
  };
  // One for a method that takes `type`.
  Request Next(const google::protobuf::Descriptor& type);

  Random& random() { return random_; }

 private:
  void Fill(google::protobuf::Message* message, int depth);
  void SetField(google::protobuf::Message* message, const google::protobuf::FieldDescriptor& field,
                int depth);
  std::string Text(bool any_bytes);
  int64_t Number();
  bool OneIn(uint64_t n) { return random_.Below(n) == 0; }

  Random random_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace diego::suite
