// diego.Cell on gRPC: who may call, is it well formed, to the engine and back. No method blocks.
// Source: reference/rep-auctioneer-http-api.md "Rep: servers"; proto/diego/cell.proto.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "libs/log/log.h"
#include "libs/rpc/identity.h"
#include "proto/diego/cell.grpc.pb.h"
#include "services/rep/api/log_stream.h"
#include "services/rep/engine/cell.h"
#include "services/rep/engine/log_store.h"
#include "services/rep/engine/rep_metrics.h"

namespace diego::rep {

// OK, or PERMISSION_DENIED. The auctioneer asks for state and hands over work, the BBS stops,
// updates and cancels, an operator looks.
absl::Status MayCall(const rpc::PeerIdentity& peer, CellCall call);

// Thread-safe. What is referred to outlives the service.
class CellService final : public diego::Cell::CallbackService {
 public:
  CellService(Cell& cell, LogStreams& logs, RepMetrics& metrics, const rpc::PeerRules& peers,
              const log::Logger& log);

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  // Counts the call and checks the caller.
  absl::Status Enter(const Context& context, CellCall call);
  // Answers now.
  Unary* Answer(Context* context, CellCall call, const std::function<absl::Status()>& handle);

  Unary* State(Context*, const StateRequest*, StateResponse*) override;
  Unary* Work(Context*, const WorkRequest*, WorkResponse*) override;
  Unary* StopLRP(Context*, const StopLRPRequest*, StopLRPResponse*) override;
  Unary* UpdateLRP(Context*, const UpdateLRPRequest*, UpdateLRPResponse*) override;
  Unary* CancelTask(Context*, const CancelTaskRequest*, CancelTaskResponse*) override;
  Unary* ContainerMetrics(Context*, const ContainerMetricsRequest*,
                          ContainerMetricsResponse*) override;
  grpc::ServerWriteReactor<LogsResponse>* Logs(Context*, const LogsRequest*) override;

  Cell& cell_;
  LogStreams& logs_;
  RepMetrics& metrics_;
  const rpc::PeerRules peers_;
  const log::Logger log_;
};

}  // namespace diego::rep
