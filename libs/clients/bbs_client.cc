#include "libs/clients/bbs_client.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "libs/clients/bbs_impl.h"
#include "libs/clients/bbs_over_http.h"
#include "libs/clients/http_json.h"
#include "libs/wire/cell.h"
#include "libs/wire/crash_restart_policy.h"
#include "libs/wire/domain.h"

namespace diego::clients {

absl::StatusOr<std::unique_ptr<BbsClient>> BbsClient::Create(const ConnectionOptions& options) {
  const auto is_url = [](const std::string& address) {
    return absl::StartsWith(address, "https://");
  };
  FailoverHooks hooks;
  if (std::any_of(options.addresses.begin(), options.addresses.end(), is_url)) {
    const BbsOverHttp http({TlsOf(options.tls, options.server_name), options.connect_timeout});
    hooks.open_url = [http](const std::string& url) { return http.Open(url); };
  }
  hooks.answered_by = [log = options.log, is_url](const std::string& address) {
    log.Info("served-by-bbs",
             {{"address", address}, {"protocol", is_url(address) ? "http" : "grpc"}});
  };
  auto channel = MakeFailoverChannel(options, std::move(hooks));
  if (!channel.ok()) return channel.status();
  return std::unique_ptr<BbsClient>(
      new BbsClient(std::make_unique<Impl>(options, *std::move(channel))));
}

BbsClient::BbsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BbsClient::~BbsClient() = default;

absl::Status BbsClient::Ping() {
  models::PingResponse response;
  const absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::Ping, PingRequest(), &response);
  if (!status.ok() || response.available()) return status;
  return absl::UnavailableError("the BBS answers that it is not available");
}

absl::StatusOr<std::vector<Domain>> BbsClient::Domains() {
  models::DomainsResponse response;
  absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::Domains, DomainsRequest(), &response);
  if (!status.ok()) return status;
  return wire::FromProto(response);
}

absl::StatusOr<std::map<Domain, CrashRestartPolicy>> BbsClient::DomainCrashRestartPolicies() {
  models::DomainsResponse response;
  absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::Domains, DomainsRequest(), &response);
  if (!status.ok()) return status;
  return wire::CrashRestartPoliciesOf(response);
}

absl::StatusOr<Listing<Domain>> BbsClient::ListDomains(const DomainFilter& filter) {
  DomainsRequest request;
  for (const Domain& domain : filter.domains) request.add_domains(domain.value());
  Listing<Domain> listing;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](const models::DomainsResponse& chunk) {
    listing.revision = chunk.revision();
    for (Domain& domain : wire::FromProto(chunk)) listing.records.push_back(std::move(domain));
  };
  const absl::Status status = impl_->caller.List(&BbsStub::StreamDomains, request, restart, take);
  if (!status.ok()) return status;
  return listing;
}

absl::StatusOr<DomainState> BbsClient::DomainByName(const Domain& domain) {
  DomainByNameRequest request;
  request.set_domain(domain.value());
  DomainResponse response;
  const absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::DomainByName, request, &response);
  if (!status.ok()) return status;
  DomainState state{Domain(response.domain()), response.fresh()};
  if (response.has_expires_at()) state.expires_at = absl::FromUnixNanos(response.expires_at());
  state.crash_restart_policy = wire::FromProto(response.crash_restart_policy());
  return state;
}

absl::Status BbsClient::UpsertDomain(
    const Domain& domain, absl::Duration ttl,
    const std::optional<CrashRestartPolicy>& crash_restart_policy) {
  return impl_->Do(Repeat::kSafe, &BbsStub::UpsertDomain,
                   wire::UpsertDomainProto(domain, ttl, crash_restart_policy));
}

absl::StatusOr<std::vector<CellPresence>> BbsClient::Cells() {
  models::CellsResponse response;
  absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::Cells, CellsRequest(), &response);
  if (!status.ok()) return status;
  std::vector<CellPresence> cells;
  for (const models::CellPresence& cell : response.cells()) cells.push_back(wire::FromProto(cell));
  return cells;
}

absl::StatusOr<Listing<CellPresence>> BbsClient::ListCells(const CellFilter& filter) {
  CellsRequest request;
  for (const CellId& cell : filter.cell_ids) request.add_cell_ids(cell.value());
  Listing<CellPresence> listing;
  const auto restart = [&] { listing = {}; };
  const auto take = [&](const models::CellsResponse& chunk) {
    listing.revision = chunk.revision();
    for (const models::CellPresence& cell : chunk.cells()) {
      listing.records.push_back(wire::FromProto(cell));
    }
  };
  const absl::Status status = impl_->caller.List(&BbsStub::StreamCells, request, restart, take);
  if (!status.ok()) return status;
  return listing;
}

absl::StatusOr<CellPresence> BbsClient::CellById(const CellId& cell_id) {
  CellByIdRequest request;
  request.set_cell_id(cell_id.value());
  CellResponse response;
  const absl::Status status =
      impl_->caller.Call(Repeat::kSafe, &BbsStub::CellById, request, &response);
  if (!status.ok()) return status;
  return wire::FromProto(response.cell());
}

void BbsClient::Cancel() { impl_->caller.channel().Cancel(); }

}  // namespace diego::clients
