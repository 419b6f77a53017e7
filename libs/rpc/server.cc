#include "libs/rpc/server.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/logging.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "libs/base/clock.h"
#include "libs/rpc/callback_threads.h"
#include "libs/rpc/malformed_requests.h"

namespace diego::rpc {
namespace {

// gRPC and protobuf keep these as switches of the process, for servers built afterwards.
void SetProcessSwitches() {
  static const bool kDone = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // Peers could fill our logs with its lines; what cannot be read is refused with words.
    google::protobuf::SetLogHandler(nullptr);
    return true;
  }();
  static_cast<void>(kDone);
}

void SetArguments(const ServerOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder->SetMaxSendMessageSize(options.max_send_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  // Two servers on one port must be an error, not a lottery.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A peer that never finishes its handshake costs a socket for this long.
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10000);
  // Clients ping every 10 s, also without calls; half of that is no offence.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 4000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Find out about peers that vanished while they hold a stream open.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> credentials =
      MakeServerCredentials(options.tls, options.certificate_refresh);
  if (!credentials.ok()) return credentials.status();
  SetProcessSwitches();
  KeepCallbackThreads();

  std::unique_ptr<Server> server(new Server());
  grpc::ServerBuilder builder;
  SetArguments(options, &builder);
  builder.AddListeningPort(options.address, *credentials, &server->port_);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> watches;
  watches.push_back(RefuseMalformedRequests());
  builder.experimental().SetInterceptorCreators(std::move(watches));
  server->server_ = builder.BuildAndStart();
  if (!server->server_ || server->port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on \"", options.address,
                     "\"; is the port in use, or the address not of this machine?"));
  }
  const size_t colon = options.address.rfind(':');
  server->address_ = absl::StrCat(options.address.substr(0, colon), ":", server->port_);
  server->health_names_ = options.health_names;
  server->SetServing(false);
  return server;
}

Server::~Server() {
  if (server_) Shutdown(absl::ZeroDuration());
}

void Server::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const std::string& name : health_names_) health->SetServingStatus(name, serving);
}

void Server::Shutdown(absl::Duration grace) {
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(absl::ToChronoTime(RealClock().Now() + grace));
}

}  // namespace diego::rpc
