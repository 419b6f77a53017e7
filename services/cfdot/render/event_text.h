// Events for people and by name. Pure functions; the responses must carry an event.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "proto/diego/bbs.pb.h"

namespace diego::cfdot {

// "actual_lrp_instance_changed".
std::string EventName(const SubscribeResponse& response);
const google::protobuf::Message& EventMessage(const SubscribeResponse& response);

// A line of aligned words: "12:30:01  actual_lrp_instance_changed  web/0  CLAIMED -> RUNNING on …".
std::string EventText(const SubscribeResponse& response, absl::Time now);

}  // namespace diego::cfdot
