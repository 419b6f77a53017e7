// One call is tried at one address after the other; this puts into one error what they said.
// Source of the texts: ours; the original has one address.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace diego::cfdot {

// One thread.
class Attempts {
 public:
  // In the order of the attempts; of several at one address the last counts.
  void Note(const std::string& address, const grpc::Status& status);

  // What to tell of a call that ended with `failure`. UNAVAILABLE becomes what the most telling
  // address said: one that answered, before one that gRPC did not get through to, before one that
  // HTTP did not, before one where nobody listens; among equals the first. The text names all
  // addresses, and says when the cause may be the client's own certificate. An error of Diego's
  // keeps its message, but for the address.
  absl::Status Explain(const absl::Status& failure) const;

 private:
  struct Attempt {
    std::string address;
    grpc::Status status;
  };
  std::vector<Attempt> attempts_;
};

}  // namespace diego::cfdot
