// Random messages for property tests, by reflection: any message of package models, all kinds of
// fields, sometimes unset, sometimes with awkward strings. Deterministic in the generator's seed.
#pragma once

#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/base/random.h"

namespace diego::wire {

// Every message of package models (map entries aside).
std::vector<const google::protobuf::Descriptor*> AllMessages();

// Fills `out`, an empty message. Enums take known values, bytes hold compact JSON, and sub-messages
// that count as set in JSON even when they are not (kAlways) are set. Nests a few levels deep.
void FillRandomly(Random* random, google::protobuf::Message* out, int depth = 0);

// Gives the message and every message in it a field that nobody knows.
void AddUnknownFields(Random* random, google::protobuf::Message* out);

}  // namespace diego::wire
