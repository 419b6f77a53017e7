#include "libs/clients/bbs_client.h"

#include "absl/strings/match.h"
#include "libs/clients/bbs_impl.h"
#include "libs/clients/bbs_over_http.h"
#include "libs/clients/http_json.h"
#include "libs/wire/cell.h"
#include "libs/wire/domain.h"

namespace diego::clients {

absl::StatusOr<std::unique_ptr<BbsClient>> BbsClient::Create(const ConnectionOptions& options) {
  OpenUrl open_url;
  for (const std::string& address : options.addresses) {
    if (open_url || !absl::StartsWith(address, "https://")) continue;
    const BbsOverHttp http({TlsOf(options.tls), options.connect_timeout});
    open_url = [http](const std::string& url) { return http.Open(url); };
  }
  auto channel = MakeFailoverChannel(options, std::move(open_url));
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

void BbsClient::Cancel() { impl_->caller.channel().Cancel(); }

}  // namespace diego::clients
