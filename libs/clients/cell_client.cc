#include "libs/clients/cell_client.h"

#include <map>
#include <set>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/clients/http_cells.h"
#include "libs/clients/http_json.h"
#include "libs/models/cell_address.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/tls.h"
#include "libs/rpc/trace_id.h"
#include "libs/sync/await.h"
#include "libs/sync/guarded.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell_state.h"
#include "proto/diego/cell.grpc.pb.h"

namespace diego::clients {
namespace {

using Stub = diego::Cell::Stub;

// A call under way; frees itself with its callback.
template <typename Request, typename Response>
struct PendingCall {
  std::shared_ptr<Stub> stub;
  grpc::ClientContext context;
  Request request;
  Response response;
};

absl::Status NotAtTheOriginal() {
  return absl::UnimplementedError("only cells that speak gRPC answer this call");
}

}  // namespace

struct CellClient::Impl {
  struct Connection {
    std::shared_ptr<Stub> stub;
    absl::Duration used_at;
  };
  struct Data {
    std::map<std::string, Connection> connections;
    std::set<grpc::ClientContext*> calls;
    absl::Duration pruned_at;
  };

  Impl(const CellClientOptions& o, std::shared_ptr<grpc::ChannelCredentials> c)
      : options(o),
        credentials(std::move(c)),
        http({TlsOf(o.tls, o.server_name), o.timeout, o.state_timeout}) {}

  std::shared_ptr<Stub> StubFor(const std::string& address);

  // Starts `method` through the async interface; `done(status, response)` follows.
  template <typename Request, typename Response, typename Finish>
  void Start(const std::string& address,
             void (Stub::async::*method)(grpc::ClientContext*, const Request*, Response*,
                                         std::function<void(grpc::Status)>),
             Request request, absl::Duration timeout, Finish done,
             const std::string& trace_id = "") {
    auto call = std::make_shared<PendingCall<Request, Response>>();
    call->stub = StubFor(address);
    call->request = std::move(request);
    rpc::SetTimeout(&call->context, timeout);
    rpc::SetTraceId(&call->context, trace_id);
    data.With([&](Data& d) { d.calls.insert(&call->context); });
    (call->stub->async()->*method)(
        &call->context, &call->request, &call->response,
        [this, call, done = std::move(done)](const grpc::Status& status) {
          done(rpc::FromGrpc(status), call->response);
          data.With([&](Data& d) { d.calls.erase(&call->context); });
        });
  }

  const CellClientOptions options;
  const std::shared_ptr<grpc::ChannelCredentials> credentials;
  Guarded<Data> data;
  HttpCells http;
};

std::shared_ptr<Stub> CellClient::Impl::StubFor(const std::string& address) {
  const absl::Duration now = RealClock().Monotonic();
  // Closed outside of the lock.
  std::vector<std::shared_ptr<Stub>> idle;
  return data.With([&](Data& d) {
    if (now - d.pruned_at > options.idle_timeout) {
      d.pruned_at = now;
      for (auto it = d.connections.begin(); it != d.connections.end();) {
        if (now - it->second.used_at > options.idle_timeout) {
          idle.push_back(std::move(it->second.stub));
          it = d.connections.erase(it);
        } else {
          ++it;
        }
      }
    }
    Connection& connection = d.connections[address];
    connection.used_at = now;
    if (!connection.stub) {
      rpc::ChannelOptions channel;
      channel.server_name = options.server_name;
      channel.keepalive_time = options.keepalive_time;
      channel.keepalive_timeout = options.keepalive_timeout;
      connection.stub = diego::Cell::NewStub(rpc::MakeChannel(address, credentials, channel));
    }
    return connection.stub;
  });
}

absl::StatusOr<std::unique_ptr<CellClient>> CellClient::Create(const CellClientOptions& options) {
  auto credentials = rpc::MakeChannelCredentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  return std::unique_ptr<CellClient>(
      new CellClient(std::make_unique<Impl>(options, *std::move(credentials))));
}

CellClient::CellClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CellClient::~CellClient() {
  impl_->data.With([](Impl::Data& data) {
    for (grpc::ClientContext* context : data.calls) context->TryCancel();
  });
  impl_->data.When([](const Impl::Data& data) { return data.calls.empty(); },
                   absl::InfiniteDuration(), [](Impl::Data&, bool) {});
}

void CellClient::State(const std::string& address,
                       std::function<void(absl::StatusOr<CellState>)> done) {
  if (IsHttpAddress(address)) return impl_->http.State(address, std::move(done));
  impl_->Start(address, &Stub::async::State, StateRequest(), impl_->options.state_timeout,
               [done = std::move(done)](const absl::Status& status, const StateResponse& response) {
                 done(status.ok() ? wire::FromProto(response) : status);
               });
}

void CellClient::PerformWork(const std::string& address, const Work& work,
                             std::function<void(absl::StatusOr<Work>)> done) {
  if (IsHttpAddress(address)) return impl_->http.PerformWork(address, work, std::move(done));
  impl_->Start(address, &Stub::async::Work, wire::ToProto(work), impl_->options.timeout,
               [done = std::move(done), cell_id = work.cell_id](const absl::Status& status,
                                                                const WorkResponse& response) {
                 if (!status.ok()) return done(status);
                 absl::StatusOr<diego::Work> rejected = wire::FromProto(response);
                 if (rejected.ok()) rejected->cell_id = cell_id;
                 done(std::move(rejected));
               });
}

void CellClient::StopLrp(const std::string& address, const ActualLrpKey& key,
                         const InstanceKey& instance, Done done, const std::string& trace_id) {
  if (IsHttpAddress(address)) {
    return impl_->http.StopLrp(address, key, instance, std::move(done), trace_id);
  }
  StopLRPRequest request;
  *request.mutable_key() = wire::ToProto(key);
  *request.mutable_instance_key() = wire::ToProto(instance);
  impl_->Start(
      address, &Stub::async::StopLRP, std::move(request), impl_->options.timeout,
      [done = std::move(done)](const absl::Status& status, const StopLRPResponse&) {
        done(status);
      },
      trace_id);
}

void CellClient::UpdateLrp(const std::string& address, const LrpInstanceUpdate& update, Done done,
                           const std::string& trace_id) {
  if (IsHttpAddress(address)) {
    return impl_->http.UpdateLrp(address, update, std::move(done), trace_id);
  }
  impl_->Start(
      address, &Stub::async::UpdateLRP, wire::ToProto(update), impl_->options.timeout,
      [done = std::move(done)](const absl::Status& status, const UpdateLRPResponse&) {
        done(status);
      },
      trace_id);
}

void CellClient::CancelTask(const std::string& address, const TaskGuid& task_guid, Done done,
                            const std::string& trace_id) {
  if (IsHttpAddress(address)) {
    return impl_->http.CancelTask(address, task_guid, std::move(done), trace_id);
  }
  CancelTaskRequest request;
  request.set_task_guid(task_guid.value());
  impl_->Start(
      address, &Stub::async::CancelTask, std::move(request), impl_->options.timeout,
      [done = std::move(done)](const absl::Status& status, const CancelTaskResponse&) {
        done(status);
      },
      trace_id);
}

absl::StatusOr<CellState> CellClient::State(const std::string& address) {
  return Await<absl::StatusOr<CellState>>([&](auto done) { State(address, done); });
}

absl::StatusOr<Work> CellClient::PerformWork(const std::string& address, const Work& work) {
  return Await<absl::StatusOr<diego::Work>>([&](auto done) { PerformWork(address, work, done); });
}

absl::Status CellClient::StopLrp(const std::string& address, const ActualLrpKey& key,
                                 const InstanceKey& instance) {
  return Await<absl::Status>([&](auto done) { StopLrp(address, key, instance, done); });
}

absl::Status CellClient::UpdateLrp(const std::string& address, const LrpInstanceUpdate& update) {
  return Await<absl::Status>([&](auto done) { UpdateLrp(address, update, done); });
}

absl::Status CellClient::CancelTask(const std::string& address, const TaskGuid& task_guid) {
  return Await<absl::Status>([&](auto done) { CancelTask(address, task_guid, done); });
}

absl::StatusOr<std::vector<ContainerUse>> CellClient::Metrics(const std::string& address) {
  if (IsHttpAddress(address)) return NotAtTheOriginal();
  grpc::ClientContext context;
  rpc::SetTimeout(&context, impl_->options.timeout);
  ContainerMetricsResponse response;
  DIEGO_RETURN_IF_ERROR(rpc::FromGrpc(
      impl_->StubFor(address)->ContainerMetrics(&context, ContainerMetricsRequest(), &response)));
  return wire::FromProto(response).containers;
}

absl::Status CellClient::Logs(const std::string& address, const LogRequest& request,
                              const std::function<bool(const LogLine&)>& take) {
  if (IsHttpAddress(address)) return NotAtTheOriginal();
  grpc::ClientContext context;
  rpc::SetTimeout(&context, request.follow ? absl::InfiniteDuration() : impl_->options.timeout);
  LogsRequest proto;
  proto.set_container_guid(request.container_guid);
  proto.set_tail_lines(request.tail_lines);
  proto.set_follow(request.follow);
  const std::shared_ptr<Stub> stub = impl_->StubFor(address);
  const auto reader = stub->Logs(&context, proto);
  LogsResponse response;
  bool wanted = true;
  while (wanted && reader->Read(&response)) {
    wanted = take({absl::FromUnixNanos(response.time_ns()), response.source(),
                   response.error_stream(), response.line()});
  }
  if (!wanted) context.TryCancel();
  const absl::Status status = rpc::FromGrpc(reader->Finish());
  return wanted ? status : absl::OkStatus();
}

}  // namespace diego::clients
