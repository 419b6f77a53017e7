// How the servers are reached, from flags and environment variables; a flag beats its variable.
// Source: reference/cli-cfdot.md "Global facts", "Validation texts".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/credentials.h"
#include "services/cfdot/command.h"

namespace diego::cfdot {

// The value of an environment variable; an empty one counts as unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

struct ConnectionSettings {
  std::vector<std::string> addresses = {};  // host:port of the BBSs, or of Locket
  absl::Duration timeout = absl::InfiniteDuration();
  bool skip_verification = false;
  std::string ca_file = {};
  std::string cert_file = {};
  std::string key_file = {};
};

// Validation failures with the reference's texts.
absl::StatusOr<ConnectionSettings> ReadConnectionSettings(const Invocation& invocation,
                                                          const Environment& environment);

// Validation failure when the files do not hold what they should; `now` decides about expiry.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ConnectionSettings& settings, absl::Time now);

}  // namespace diego::cfdot
