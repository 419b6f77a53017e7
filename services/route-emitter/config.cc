#include "services/route-emitter/config.h"

namespace diego::route_emitter {
namespace {

using C = RouteEmitterConfig;

void AddNatsKeys(config::Table<C>* table) {
  table->Key("nats_addresses", &C::nats_addresses, "NATS servers, host:port with commas");
  table->Key("nats_username", &C::nats_username, "user at NATS; empty: none");
  table->Key("nats_password", &C::nats_password, "its password").Secret();
  table->Key("nats_tls_enabled", &C::nats_tls_enabled, "mutual TLS to NATS");
  table->Key("nats_ca_cert_file", &C::nats_ca_cert_file, "the CA that NATS must show").File();
  table->Key("nats_client_cert_file", &C::nats_client_cert_file, "our certificate for NATS").File();
  table->Key("nats_client_key_file", &C::nats_client_key_file, "its private key").File();
}

void CheckTogether(const C& c, config::Faults& faults) {
  config::NoteLockTimes(c.lock_ttl, c.lock_retry_interval, faults);
  if (c.cell_id.empty() && c.uuid.empty()) {
    faults.Add("uuid", "is empty; give the owner of the lock, or a cell_id for local mode");
  }
  if (c.cell_id.empty() && (c.locket.ca_cert_file.empty() || c.locket.client_cert_file.empty() ||
                            c.locket.client_key_file.empty())) {
    faults.Add("locket_ca_cert_file",
               "and locket_client_cert_file and locket_client_key_file are needed for the lock");
  }
  if (c.nats_tls_enabled && (c.nats_ca_cert_file.empty() || c.nats_client_cert_file.empty() ||
                             c.nats_client_key_file.empty())) {
    faults.Add("nats_tls_enabled",
               "needs nats_ca_cert_file, nats_client_cert_file and nats_client_key_file");
  }
}

}  // namespace

config::Table<RouteEmitterConfig> RouteEmitterConfigTable() {
  config::Table<C> table("route-emitter");
  table.Embed(&C::bbs, config::BbsAddressTable());
  table.Key("bbs_ca_cert_file", &C::bbs_ca_cert_file, "the CA that the BBS must show")
      .Required()
      .File();
  table
      .Key("bbs_client_cert_file", &C::bbs_client_cert_file,
           "our certificate, also at grpc_listen_address")
      .Required()
      .File();
  table.Key("bbs_client_key_file", &C::bbs_client_key_file, "its private key").Required().File();
  table.Key("communication_timeout", &C::communication_timeout, "for one call to the BBS")
      .ZeroMeans(config::kNoTimeoutSeconds);
  table.Key("cell_id", &C::cell_id, "local mode: only this cell's instances, and no lock");
  table.Key("uuid", &C::uuid, "owner of the lock in global mode");
  table.Key("lock_ttl", &C::lock_ttl, "how long the lock stays when we die").ZeroMeans(15);
  table.Key("lock_retry_interval", &C::lock_retry_interval, "between two attempts at the lock")
      .ZeroMeans(1);
  table.Key("register_direct_instance_routes", &C::register_direct_instance_routes,
            "register containers' own addresses where an instance does not say");
  table.Key("enable_internal_emitter", &C::enable_internal_emitter,
            "also tell service discovery of internal routes");
  table.Key("healthcheck_address", &C::healthcheck_address,
            "answers 200 to plain HTTP while the process is up; nowhere when empty");
  table.Key("grpc_listen_address", &C::grpc_listen_address,
            "where grpc.health.v1 is served over mutual TLS; nowhere when empty");
  table.Key("sync_interval", &C::sync_interval, "between two full syncs").ZeroMeans(60);
  table
      .Key("jitter_factor", &C::jitter_factor,
           "part of the interval within which a router that starts is answered")
      .Bounded(0, 1);
  AddNatsKeys(&table);
  table
      .Key("unregistration_interval", &C::unregistration_interval,
           "between two repeats of an unregistration")
      .ZeroMeans(30);
  table
      .Key("unregistration_send_count", &C::unregistration_send_count,
           "how often an unregistration is repeated")
      .Bounded(0, 1000);
  table.Embed(&C::locket, config::LocketTable(config::Presence::kOptional));
  table.Embed(&C::logging, config::LoggingTable());
  table.Check(CheckTogether);
  table.Ignored({"bbs_client_session_cache_size", "bbs_max_idle_conns_per_host"},
                "there is one gRPC connection to the BBS");
  table.Ignored({"route_emitting_workers"}, "one thread publishes, so that order is kept");
  table.Ignored({"locket_session_name"}, "log sessions have fixed names");
  table.Ignored({"report_interval"}, "metrics are read from metrics_address at any time");
  table.Ignored({"enable_tcp_emitter", "tcp_enable_tls", "tcp_route_ttl", "routing_api", "oauth"},
                "TCP routes are not emitted");
  table.Ignored({"consul_cluster", "consul_enabled", "consul_session_name",
                 "consul_down_mode_notification_interval", "locket_enabled"},
                "there is no Consul");
  table.Ignored(config::CommonIgnoredKeys(), "not needed here");
  return table;
}

}  // namespace diego::route_emitter
