#include "services/auctioneer/config.h"

namespace diego::auctioneer {
namespace {

using C = AuctioneerConfig;

void AddIdentityKeys(config::Table<C>* table) {
  table->Key("ca_cert_file", &C::ca_cert_file, "the CA that every client must show")
      .Required()
      .File();
  table->Key("server_cert_file", &C::server_cert_file, "this server's certificate")
      .Required()
      .File();
  table->Key("server_key_file", &C::server_key_file, "its private key").Required().File();
  table->Embed(&C::bbs, config::BbsAddressTable());
  table->Key("bbs_ca_cert_file", &C::bbs_ca_cert_file, "the CA that the BBS must show")
      .Required()
      .File();
  table->Key("bbs_client_cert_file", &C::bbs_client_cert_file, "our certificate for the BBS")
      .Required()
      .File();
  table->Key("bbs_client_key_file", &C::bbs_client_key_file, "its private key").Required().File();
  table->Key("rep_ca_cert", &C::rep_ca_cert, "the CA that cells must show").Required().File();
  table->Key("rep_client_cert", &C::rep_client_cert, "our certificate for cells").Required().File();
  table->Key("rep_client_key", &C::rep_client_key, "its private key").Required().File();
}

}  // namespace

config::Table<AuctioneerConfig> AuctioneerConfigTable() {
  config::Table<C> table("auctioneer");
  table.Key("grpc_listen_address", &C::grpc_listen_address, "where diego.Auctioneer is served");
  table.Key("listen_address", &C::listen_address,
            "where HTTP is served for a BBS of the original, while the lock is held");
  table.Key("uuid", &C::uuid, "owner of the lock").Required();
  AddIdentityKeys(&table);
  table.Key("cell_state_timeout", &C::cell_state_timeout, "for a cell to tell its state")
      .ZeroMeans(config::kNoTimeoutSeconds);
  table.Key("communication_timeout", &C::communication_timeout, "for any other call")
      .ZeroMeans(config::kNoTimeoutSeconds);
  table
      .Key("starting_container_weight", &C::starting_container_weight,
           "added to a cell's score for each container that starts on it")
      .Bounded(0, 1000);
  table
      .Key("bin_pack_first_fit_weight", &C::bin_pack_first_fit_weight,
           "added for each cell of the zone that has a lower index")
      .Bounded(0, 1000);
  table
      .Key("starting_container_count_maximum", &C::starting_container_count_maximum,
           "containers that may be starting on all cells together; 0 = no limit")
      .Bounded(0, 1 << 30);
  table.Key("lock_ttl", &C::lock_ttl, "how long the lock stays when we die").ZeroMeans(15);
  table.Key("lock_retry_interval", &C::lock_retry_interval, "between two attempts at the lock")
      .ZeroMeans(1);
  table.Embed(&C::locket, config::LocketTable());
  table.Embed(&C::peers, config::PeerTable());
  table.Embed(&C::logging, config::LoggingTable());
  table.Check([](const C& c, config::Faults& faults) {
    config::NoteLockTimes(c.lock_ttl, c.lock_retry_interval, faults);
  });
  table.Ignored({"bbs_client_session_cache_size", "bbs_max_idle_conns_per_host",
                 "rep_client_session_cache_size"},
                "there is one gRPC connection to each server");
  table.Ignored({"auction_runner_workers"}, "calls to cells occupy no threads");
  table.Ignored({"report_interval"}, "metrics are read from metrics_address at any time");
  table.Ignored({"consul_cluster", "locks_locket_enabled", "skip_consul_lock", "rep_require_tls",
                 "enable_consul_service_registration"},
                "there is no Consul, and every connection is mutual TLS");
  table.Ignored(config::CommonIgnoredKeys(), "not needed here");
  return table;
}

}  // namespace diego::auctioneer
