// models.Locket on gRPC: who is it, is it well-formed, hand it to the engine, answer.
// Source: reference/locket-grpc-api.md.
//
// Codes and texts are the reference's; every failure of the database is UNKNOWN with its text.
// Beyond it: a request without a resource is INVALID_ARGUMENT (the original ends), a peer that may
// not hold the key is PERMISSION_DENIED, RESOURCE_EXHAUSTED when too many requests wait, and
// UNAVAILABLE when this server shuts down.
#pragma once

#include "libs/base/clock.h"
#include "libs/log/log.h"
#include "libs/rpc/identity.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/locket/engine/lease_engine.h"
#include "services/locket/engine/lease_reader.h"
#include "services/locket/engine/metrics.h"

namespace diego::locket {

// Thread-safe. No method blocks: replies come from the engine's threads.
class LocketService final : public models::Locket::CallbackService {
 public:
  LocketService(LeaseEngine& engine, LeaseReader& reader, const Clock& clock,
                LocketMetrics& metrics, rpc::PeerRules peers, log::Logger log);

  grpc::ServerUnaryReactor* Lock(grpc::CallbackServerContext* context,
                                 const models::LockRequest* request,
                                 models::LockResponse* response) override;
  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context,
                                    const models::ReleaseRequest* request,
                                    models::ReleaseResponse* response) override;
  grpc::ServerUnaryReactor* Fetch(grpc::CallbackServerContext* context,
                                  const models::FetchRequest* request,
                                  models::FetchResponse* response) override;
  grpc::ServerUnaryReactor* FetchAll(grpc::CallbackServerContext* context,
                                     const models::FetchAllRequest* request,
                                     models::FetchAllResponse* response) override;

 private:
  class Answer;
  Answer Begin(Call call, grpc::CallbackServerContext* context, absl::string_view key);

  LeaseEngine& engine_;
  LeaseReader& reader_;
  const Clock& clock_;
  LocketMetrics& metrics_;
  const rpc::PeerRules peers_;
  const log::Logger log_;
};

}  // namespace diego::locket
