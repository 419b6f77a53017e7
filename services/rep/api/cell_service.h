// diego.Cell on gRPC: messages to CellCalls and back. No method blocks.
// Source: proto/diego/cell.proto.
#pragma once

#include "proto/diego/cell.grpc.pb.h"
#include "services/rep/api/cell_calls.h"
#include "services/rep/api/log_stream.h"

namespace diego::rep {

// Thread-safe. What is referred to outlives the service.
class CellService final : public diego::Cell::CallbackService {
 public:
  CellService(CellCalls& calls, LogStreams& logs) : calls_(calls), logs_(logs) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* State(Context*, const StateRequest*, StateResponse*) override;
  Unary* Work(Context*, const WorkRequest*, WorkResponse*) override;
  Unary* StopLRP(Context*, const StopLRPRequest*, StopLRPResponse*) override;
  Unary* UpdateLRP(Context*, const UpdateLRPRequest*, UpdateLRPResponse*) override;
  Unary* Evacuate(Context*, const EvacuateRequest*, EvacuateResponse*) override;
  Unary* CancelTask(Context*, const CancelTaskRequest*, CancelTaskResponse*) override;
  Unary* ContainerMetrics(Context*, const ContainerMetricsRequest*,
                          ContainerMetricsResponse*) override;
  grpc::ServerWriteReactor<LogsResponse>* Logs(Context*, const LogsRequest*) override;

  CellCalls& calls_;
  LogStreams& logs_;
};

}  // namespace diego::rep
