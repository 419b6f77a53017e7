#include "libs/clients/locket_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/clients/caller.h"
#include "libs/wire/cell.h"
#include "libs/wire/json.h"
#include "proto/models/locket.grpc.pb.h"

namespace diego::clients {
namespace {

using Stub = models::Locket::Stub;

models::Resource ToProto(const Lease& lease) {
  models::Resource proto;
  proto.set_key(lease.key);
  proto.set_owner(lease.owner);
  proto.set_value(lease.value);
  proto.set_type(lease.type == LeaseType::kLock ? "lock" : "presence");
  proto.set_type_code(static_cast<models::TypeCode>(lease.type));
  return proto;
}

Lease FromProto(const models::Resource& proto) {
  Lease lease;
  lease.key = proto.key();
  lease.owner = proto.owner();
  lease.value = proto.value();
  const bool presence = proto.type_code() == models::PRESENCE || proto.type() == "presence";
  lease.type = presence ? LeaseType::kPresence : LeaseType::kLock;
  lease.fencing_token = proto.fencing_token();
  return lease;
}

}  // namespace

std::string PresenceToValue(const CellPresence& presence) {
  return wire::ToJson(wire::ToProto(presence));
}

absl::StatusOr<CellPresence> PresenceFromValue(absl::string_view value) {
  models::CellPresence proto;
  if (absl::Status status = wire::FromJson(value, &proto); !status.ok()) return status;
  return wire::FromProto(proto);
}

struct LocketClient::Impl {
  Impl(const ConnectionOptions& options, std::unique_ptr<rpc::FailoverChannel> channel)
      : timeout(options.timeout), caller(options, std::move(channel)) {}

  // Locket answers UNKNOWN when its database is away (reference/locket-grpc-api.md "any"): another
  // one may reach its own.
  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    return caller.channel().Call(
        timeout, rpc::Repeat::kSafe, [&](grpc::ClientContext* context, size_t index) {
          const grpc::Status status = (caller.stub(index).*method)(context, request, response);
          if (status.error_code() != grpc::StatusCode::UNKNOWN) return status;
          return grpc::Status(grpc::StatusCode::UNAVAILABLE, status.error_message(),
                              status.error_details());
        });
  }

  const absl::Duration timeout;
  Caller<models::Locket> caller;
};

absl::StatusOr<std::unique_ptr<LocketClient>> LocketClient::Create(
    const ConnectionOptions& options) {
  auto channel = MakeFailoverChannel(options);
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<LocketClient>(
      new LocketClient(std::make_unique<Impl>(options, *std::move(channel))));
}

LocketClient::LocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocketClient::~LocketClient() = default;

absl::StatusOr<int64_t> LocketClient::Lock(const Lease& lease, absl::Duration ttl,
                                           int64_t least_token) {
  models::LockRequest request;
  *request.mutable_resource() = ToProto(lease);
  request.set_ttl_in_seconds(std::max<int64_t>(1, absl::ToInt64Seconds(ttl)));
  request.set_min_fencing_token(least_token);
  models::LockResponse response;
  absl::Status status = impl_->Call(&Stub::Lock, request, &response);
  if (!status.ok()) return status;
  return response.fencing_token();
}

absl::Status LocketClient::Release(absl::string_view key, absl::string_view owner) {
  models::ReleaseRequest request;
  request.mutable_resource()->set_key(std::string(key));
  request.mutable_resource()->set_owner(std::string(owner));
  models::ReleaseResponse response;
  return impl_->Call(&Stub::Release, request, &response);
}

absl::StatusOr<Lease> LocketClient::Fetch(absl::string_view key) {
  models::FetchRequest request;
  request.set_key(std::string(key));
  models::FetchResponse response;
  absl::Status status = impl_->Call(&Stub::Fetch, request, &response);
  if (!status.ok()) return status;
  return FromProto(response.resource());
}

absl::StatusOr<std::vector<Lease>> LocketClient::FetchAll(LeaseType type) {
  models::FetchAllRequest request;
  request.set_type(type == LeaseType::kLock ? "lock" : "presence");
  request.set_type_code(static_cast<models::TypeCode>(type));
  models::FetchAllResponse response;
  absl::Status status = impl_->Call(&Stub::FetchAll, request, &response);
  if (!status.ok()) return status;
  std::vector<Lease> leases;
  leases.reserve(response.resources_size());
  for (const models::Resource& resource : response.resources()) {
    leases.push_back(FromProto(resource));
  }
  return leases;
}

}  // namespace diego::clients
