// Requests in protobuf as an enemy, or a broken peer, would send them: whole messages with
// outrageous values, and bytes that are no message. Drawn from a seed, the same on every machine.
#pragma once

#include <cstdint>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "integration/suite/awkward.h"

namespace diego::suite {

// One thread.
class BadRequests {
 public:
  explicit BadRequests(uint64_t seed) : random_(seed) {}

  // One for a method that takes `type`.
  BadRequest Next(const google::protobuf::Descriptor& type);

  Random& random() { return random_; }

 private:
  void Fill(google::protobuf::Message* message, int depth);
  void SetField(google::protobuf::Message* message, const google::protobuf::FieldDescriptor& field,
                int depth);
  bool OneIn(uint64_t n) { return suite::OneIn(&random_, n); }

  Random random_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace diego::suite
