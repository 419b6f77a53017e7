#include "services/locket/api/locket_service.h"

#include <string>
#include <utility>

#include "libs/rpc/status.h"
#include "services/locket/api/permissions.h"

namespace diego::locket {
namespace {

LeaseType FromTypeCode(models::TypeCode code) {
  switch (code) {
    case models::LOCK: return LeaseType::kLock;
    case models::PRESENCE: return LeaseType::kPresence;
    default: return LeaseType::kUnknown;
  }
}

models::TypeCode ToTypeCode(LeaseType type) {
  switch (type) {
    case LeaseType::kLock: return models::LOCK;
    case LeaseType::kPresence: return models::PRESENCE;
    case LeaseType::kUnknown: break;
  }
  return models::UNKNOWN;
}

void Fill(const StoredLease& stored, models::Resource* resource) {
  resource->set_key(stored.lease.key);
  resource->set_owner(stored.lease.owner);
  resource->set_value(stored.lease.value);
  resource->set_type(std::string(LeaseTypeName(stored.lease.type)));
  resource->set_type_code(ToTypeCode(stored.lease.type));
  resource->set_fencing_token(stored.fencing_token);
}

absl::Status MissingResource() {
  return absl::InvalidArgumentError("invalid-resource: the request has no resource");
}

// The optional request id of the original's clients.
std::string RequestId(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("uuid");
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

constexpr absl::string_view kCallNames[] = {"lock", "release", "fetch", "fetch-all"};

}  // namespace

// Ends one call: counts it and sends its status.
class LocketService::Answer {
 public:
  Answer(LocketService& service, Call call, grpc::CallbackServerContext* context)
      : service_(&service),
        call_(call),
        context_(context),
        reactor_(context->DefaultReactor()),
        start_(service.clock_.Monotonic()) {}

  void operator()(const absl::Status& status) const {
    const absl::Duration took = service_->clock_.Monotonic() - start_;
    const bool gone = context_->IsCancelled();
    service_->metrics_.RequestEnded(call_, gone ? absl::CancelledError() : status, took);
    reactor_->Finish(rpc::ToGrpc(status));
  }
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 private:
  LocketService* service_;
  Call call_;
  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  absl::Duration start_;
};

LocketService::LocketService(LeaseEngine& engine, LeaseReader& reader, const Clock& clock,
                             LocketMetrics& metrics, rpc::PeerRules peers, log::Logger log)
    : engine_(engine),
      reader_(reader),
      clock_(clock),
      metrics_(metrics),
      peers_(peers),
      log_(std::move(log)) {}

LocketService::Answer LocketService::Begin(Call call, grpc::CallbackServerContext* context,
                                           absl::string_view key) {
  metrics_.RequestStarted(call);
  if (log_.Enabled(log::Level::kDebug)) {
    log_.Debug(kCallNames[static_cast<size_t>(call)],
               {{"key", key}, {"request_uuid", RequestId(*context)}});
  }
  return Answer(*this, call, context);
}

grpc::ServerUnaryReactor* LocketService::Lock(grpc::CallbackServerContext* context,
                                              const models::LockRequest* request,
                                              models::LockResponse* response) {
  const models::Resource& resource = request->resource();
  const Answer answer = Begin(Call::kLock, context, resource.key());
  AcquireLease acquire{resource.key(),
                       resource.owner(),
                       resource.value(),
                       FromTypeCode(resource.type_code()),
                       request->ttl_in_seconds(),
                       request->min_fencing_token()};
  absl::Status fault = request->has_resource() ? Validate(acquire) : MissingResource();
  if (fault.ok()) fault = MayHold(peers_.Of(*context), acquire.key, acquire.type);
  if (!fault.ok()) {
    answer(fault);
    return answer.reactor();
  }
  engine_.Submit(std::move(acquire), [answer, response](const absl::Status& status, int64_t token) {
    if (status.ok()) response->set_fencing_token(token);
    answer(status);
  });
  return answer.reactor();
}

grpc::ServerUnaryReactor* LocketService::Release(grpc::CallbackServerContext* context,
                                                 const models::ReleaseRequest* request,
                                                 models::ReleaseResponse*) {
  const models::Resource& resource = request->resource();
  const Answer answer = Begin(Call::kRelease, context, resource.key());
  absl::Status fault = request->has_resource() ? absl::OkStatus() : MissingResource();
  if (fault.ok()) {
    fault = MayHold(peers_.Of(*context), resource.key(), LeaseType::kUnknown);
  }
  if (!fault.ok()) {
    answer(fault);
    return answer.reactor();
  }
  engine_.Submit(ReleaseLease{resource.key(), resource.owner()},
                 [answer](const absl::Status& status, int64_t) { answer(status); });
  return answer.reactor();
}

grpc::ServerUnaryReactor* LocketService::Fetch(grpc::CallbackServerContext* context,
                                               const models::FetchRequest* request,
                                               models::FetchResponse* response) {
  const Answer answer = Begin(Call::kFetch, context, request->key());
  if (absl::Status fault = MayRead(peers_.Of(*context)); !fault.ok()) {
    answer(fault);
    return answer.reactor();
  }
  reader_.Fetch(request->key(), [answer, response](const absl::StatusOr<StoredLease>& found) {
    if (found.ok()) Fill(*found, response->mutable_resource());
    answer(found.status());
  });
  return answer.reactor();
}

grpc::ServerUnaryReactor* LocketService::FetchAll(grpc::CallbackServerContext* context,
                                                  const models::FetchAllRequest* request,
                                                  models::FetchAllResponse* response) {
  const Answer answer = Begin(Call::kFetchAll, context, "");
  if (absl::Status fault = MayRead(peers_.Of(*context)); !fault.ok()) {
    answer(fault);
    return answer.reactor();
  }
  reader_.FetchAll(FromTypeCode(request->type_code()),
                   [answer, response](const absl::StatusOr<LeaseReader::Leases>& leases) {
                     if (leases.ok()) {
                       for (const StoredLease& one : **leases) Fill(one, response->add_resources());
                     }
                     answer(leases.status());
                   });
  return answer.reactor();
}

}  // namespace diego::locket
