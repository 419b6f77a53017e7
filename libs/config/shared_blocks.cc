#include "libs/config/shared_blocks.h"

#include "libs/base/check.h"

namespace diego::config {

Table<LoggingConfig> LoggingTable() {
  Table<LoggingConfig> table("logging");
  table.Key("log_level", &LoggingConfig::log_level, "debug, info, error or fatal")
      .OneOf({"debug", "info", "error", "fatal"});
  table.Key("time_format", &LoggingConfig::time_format, "of log lines: unix-epoch or rfc3339")
      .OneOf({"unix-epoch", "rfc3339"});
  table
      .Key("max_data_string_length", &LoggingConfig::max_data_string_length,
           "longer texts in log data are cut; 0 = never")
      .Between(0, 1 << 20);
  table.Key("metrics_address", &LoggingConfig::metrics_address,
            "where Prometheus text is served; port 0 = any free port");
  return table;
}

log::Options LogOptions(const LoggingConfig& config, absl::string_view component) {
  log::Options options;
  options.component = std::string(component);
  const absl::Status status = log::ParseLevel(config.log_level, &options.level);
  DIEGO_CHECK(status.ok()) << "the table lets only known levels through: " << config.log_level;
  options.time_format =
      config.time_format == "rfc3339" ? log::TimeFormat::kRfc3339 : log::TimeFormat::kUnixEpoch;
  options.max_string_length = static_cast<size_t>(config.max_data_string_length);
  return options;
}

Table<LocketConfig> LocketTable(Presence presence) {
  Table<LocketConfig> table("locket client");
  table.Key("locket_address", &LocketConfig::addresses,
            "the Locket servers, tried in turn; host:port, separated by commas");
  const auto file = [&](absl::string_view name, std::string LocketConfig::*member,
                        absl::string_view meaning) {
    KeySpec& key = table.Key(name, member, meaning).File();
    if (presence == Presence::kRequired) key.Required();
  };
  file("locket_ca_cert_file", &LocketConfig::ca_cert_file, "the CA that Locket must show");
  file("locket_client_cert_file", &LocketConfig::client_cert_file, "certificate for Locket");
  file("locket_client_key_file", &LocketConfig::client_key_file, "private key for Locket");
  table
      .Key("locket_client_keepalive_time", &LocketConfig::keepalive_time_seconds,
           "seconds between keepalive pings to Locket")
      .Positive();
  table
      .Key("locket_client_keepalive_timeout", &LocketConfig::keepalive_timeout_seconds,
           "seconds to wait for the answer to a ping")
      .Positive();
  return table;
}

std::vector<std::string> CommonIgnoredKeys() {
  return {"debug_address", "loggregator", "redact_secrets", "redact_patterns"};
}

}  // namespace diego::config
