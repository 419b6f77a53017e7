#include "services/bbs/config.h"

#include "absl/strings/str_cat.h"

namespace diego::bbs {
namespace {

using C = BbsConfig;
using Table = config::Table<C>;

void AddConnections(Table* table) {
  table->Key("grpc_listen_address", &C::grpc_listen_address, "where diego.Bbs is served");
  table->Key("listen_address", &C::listen_address,
             "where the original's HTTP API is served while this BBS is the active one");
  table->Key(
      "plain_listen_address", &C::plain_listen_address,
      "the same without TLS, for whoever is on this machine; a loopback address, or nothing");
  table->Key("access_log_path", &C::access_log_path,
             "a file that gets a line for each HTTP request; none when empty");
  table->Key("health_address", &C::health_address,
             "answers 200 to plain HTTP while the process is up; nowhere when empty");
  table->Key("ca_file", &C::ca_file, "the CA that every client must show").Required().File();
  table->Key("cert_file", &C::cert_file, "this server's certificate").Required().File();
  table->Key("key_file", &C::key_file, "its private key").Required().File();
  table->Key("auctioneer_grpc_address", &C::auctioneer_grpc_address,
             "auctioneers that serve diego.Auctioneer, host:port with commas");
  table->Key("auctioneer_address", &C::auctioneer_address,
             "auctioneers of the original, https URLs; unused with auctioneer_grpc_address");
  table->Key("auctioneer_ca_cert", &C::auctioneer_ca_cert, "CA of the auctioneers; default ca_file")
      .File();
  table
      ->Key("auctioneer_client_cert", &C::auctioneer_client_cert,
            "shown to auctioneers; default cert_file")
      .File();
  table->Key("auctioneer_client_key", &C::auctioneer_client_key, "its key; default key_file")
      .File();
  table->Key("rep_ca_cert", &C::rep_ca_cert, "CA of the cells; default ca_file").File();
  table->Key("rep_client_cert", &C::rep_client_cert, "shown to cells; default cert_file").File();
  table->Key("rep_client_key", &C::rep_client_key, "its key; default key_file").File();
  table
      ->Key("communication_timeout", &C::communication_timeout,
            "for each call to an auctioneer, a cell or a callback URL")
      .ZeroMeans(config::kNoTimeoutSeconds);
  table->Embed(&C::locket, config::LocketTable());
  table->Key("uuid", &C::uuid, "owner of the lock").Required();
  table->Key("lock_ttl", &C::lock_ttl, "how long the lock outlives its last renewal; whole seconds")
      .Positive();
  table->Key("lock_retry_interval", &C::lock_retry_interval, "between attempts and renewals")
      .Positive();
}

void AddDatabase(Table* table) {
  table->Embed(&C::database, sql::DatabaseTable());
  table
      ->Key("active_key_label", &C::active_key_label,
            "label of the key that payloads are sealed with")
      .Required();
  table->Key("encryption_keys", &C::encryption_keys, "passphrases by label").Required().Secret();
}

void AddRules(Table* table) {
  table
      ->Key("converge_repeat_interval", &C::converge_repeat_interval,
            "pause between two convergence passes")
      .ZeroMeans(30);
  table->Key("kick_task_duration", &C::kick_task_duration, "how long a task may stay Resolving")
      .NotNegative();
  table
      ->Key("expire_pending_task_duration", &C::expire_pending_task_duration,
            "how long a task may wait for a cell")
      .NotNegative();
  table
      ->Key("expire_completed_task_duration", &C::expire_completed_task_duration,
            "how long a completed task is kept")
      .NotNegative();
  table->Key("max_task_retries", &C::max_task_retries, "rejections before a task fails")
      .Bounded(0, 1000000);
  table
      ->Key("task_callback_workers", &C::task_callback_workers,
            "task callbacks under way at a time")
      .Bounded(1, 100000);
  table
      ->Key("database_confirmation_good_for", &C::database_confirmation_good_for,
            "reads are answered this long after the database confirmed that this BBS is active")
      .Positive();
  table->Key("max_queued_calls", &C::max_queued_calls, "calls that may wait; more are refused")
      .Between(1, 10000000);
  table
      ->Key("remember_calls_for", &C::remember_calls_for,
            "how long the answer to a call with a diego-request-id is kept for its repetition")
      .Positive();
  table
      ->Key("max_remembered_calls", &C::max_remembered_calls,
            "answers that are kept; past it the oldest are forgotten early")
      .Between(1000, 10000000);
  table
      ->Key("max_subscriber_lag", &C::max_subscriber_lag,
            "events that a subscriber may be behind; past it it is cut off")
      .Between(1, 131072);
  table
      ->Key("subscriber_beat", &C::subscriber_beat,
            "how often a subscriber without news is told so")
      .Positive();
  table->Key("max_message_bytes", &C::max_message_bytes, "larger requests are refused")
      .Between(1 << 16, 1 << 30);
  table
      ->Key("cell_loss_share", &C::cell_loss_share,
            "when more than this share of the cells vanishes at once, none counts as lost until an "
            "operator says so or they are back")
      .Between(0, 1);
  table
      ->Key("cell_loss_least_cells", &C::cell_loss_least_cells,
            "fewer cells than this always count as lost when they vanish")
      .Between(1, 1000000);
  table->Key("cell_loss_window", &C::cell_loss_window, "what \"at once\" means to cell_loss_share")
      .Positive();
  table->Key("cell_poll_interval", &C::cell_poll_interval, "between two looks at the presences")
      .Positive();
}

void AddIgnored(Table* table) {
  table->Ignored({"advanced_metrics"}, "every call is counted and timed");
  table->Ignored({"require_ssl"}, "every connection is TLS");
  table->Ignored({"advertise_url"}, "nobody looks the BBS up");
  table->Ignored({"auctioneer_require_tls", "rep_require_tls"}, "every connection is TLS");
  table->Ignored({"rep_client_session_cache_size"}, "connections are kept open");
  table->Ignored({"convergence_workers", "update_workers", "desired_lrp_creation_timeout"},
                 "commands run on one thread at memory speed");
  table->Ignored({"report_interval"}, "metrics are read from metrics_address at any time");
  table->Ignored({"enable_db_health_check", "health_check_failure_threshold",
                  "health_check_failure_timeout", "health_check_interval", "health_check_timeout"},
                 "the database confirms the active BBS all the time");
  table->Ignored({"session_name", "debug_lrp_start_heartbeats"}, "not needed here");
  table->Ignored({"consul_cluster", "skip_consul_lock", "locks_locket_enabled",
                  "cell_registrations_locket_enabled", "detect_consul_cell_registrations",
                  "enable_consul_service_registration"},
                 "there is no Consul");
  table->Ignored(config::CommonIgnoredKeys(), "not needed here");
}

}  // namespace

config::Table<BbsConfig> BbsConfigTable() {
  Table table("bbs");
  AddConnections(&table);
  AddDatabase(&table);
  AddRules(&table);
  table.Embed(&C::peers, config::PeerTable());
  table.Embed(&C::logging, config::LoggingTable());
  AddIgnored(&table);
  table.Check([](const C& c, config::Faults& faults) {
    if (c.encryption_keys.count(c.active_key_label) == 0) {
      faults.Add("active_key_label", absl::StrCat("\"", c.active_key_label,
                                                  "\" is not among encryption_keys; add its "
                                                  "passphrase there, or name one that is"));
    }
    for (const auto& [label, passphrase] : c.encryption_keys) {
      if (label.empty() || passphrase.empty()) {
        faults.Add("encryption_keys", absl::StrCat("has an empty label or passphrase (label \"",
                                                   label, "\"); give both"));
      }
    }
    if (c.auctioneer_address.empty() && c.auctioneer_grpc_address.empty()) {
      faults.Add("auctioneer_grpc_address",
                 "is empty, and so is auctioneer_address; give the auctioneers in one of them");
    }
    config::NoteLockTimes(c.lock_ttl, c.lock_retry_interval, faults);
  });
  return table;
}

}  // namespace diego::bbs
