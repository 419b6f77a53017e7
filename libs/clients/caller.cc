#include "libs/clients/caller.h"

#include <utility>

namespace diego::clients {

rpc::ChannelOptions ChannelOptionsOf(const ConnectionOptions& options) {
  rpc::ChannelOptions channel;
  channel.server_name = options.server_name;
  channel.keepalive_time = options.keepalive_time;
  channel.keepalive_timeout = options.keepalive_timeout;
  return channel;
}

absl::StatusOr<std::unique_ptr<rpc::FailoverChannel>> MakeFailoverChannel(
    const ConnectionOptions& options, FailoverHooks hooks) {
  if (options.addresses.empty()) {
    return absl::InvalidArgumentError("no address is given to connect to");
  }
  auto credentials = rpc::MakeChannelCredentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  rpc::FailoverChannel::Options failover;
  failover.rounds = options.rounds;
  failover.pause = options.pause;
  failover.connect_timeout = options.connect_timeout;
  failover.open_url = std::move(hooks.open_url);
  failover.answered_by = std::move(hooks.answered_by);
  return std::make_unique<rpc::FailoverChannel>(options.addresses, *credentials,
                                                ChannelOptionsOf(options), failover);
}

}  // namespace diego::clients
