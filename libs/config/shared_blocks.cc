#include "libs/config/shared_blocks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/config/duration.h"
#include "libs/log/redaction.h"

namespace diego::config {
namespace {

std::string PatternsFault(const Target& target) {
  for (const std::string& pattern : **std::get_if<std::vector<std::string>*>(&target)) {
    const absl::Status fit = log::CheckPattern(pattern);
    if (!fit.ok()) return absl::StrCat("holds ", fit.message());
  }
  return "";
}

}  // namespace

Table<LoggingConfig> LoggingTable() {
  Table<LoggingConfig> table("logging");
  table.Key("log_level", &LoggingConfig::log_level, "debug, info, error or fatal")
      .OneOf({"debug", "info", "error", "fatal"});
  table.Key("time_format", &LoggingConfig::time_format, "of log lines: unix-epoch or rfc3339")
      .OneOf({"unix-epoch", "rfc3339"});
  table
      .Key("max_data_string_length", &LoggingConfig::max_data_string_length,
           "longer texts in log data are cut; 0 = never")
      .Bounded(0, 1 << 20);
  table.Key("redact_secrets", &LoggingConfig::redact_secrets,
            "whether to hide texts in log data that look like secrets: private keys, and what "
            "redact_patterns finds");
  table
      .Key("redact_patterns", &LoggingConfig::redact_patterns,
           "regular expressions of texts to hide in log data; heeded with redact_secrets")
      .Check(PatternsFault);
  table.Key("metrics_address", &LoggingConfig::metrics_address,
            "where Prometheus text is served; port 0 = any free port");
  return table;
}

log::Options LogOptions(const LoggingConfig& config, absl::string_view component,
                        std::function<void(absl::string_view)> sink) {
  log::Options options;
  options.component = std::string(component);
  const absl::Status status = log::ParseLevel(config.log_level, &options.level);
  DIEGO_CHECK(status.ok()) << "the table lets only known levels through: " << config.log_level;
  options.time_format =
      config.time_format == "rfc3339" ? log::TimeFormat::kRfc3339 : log::TimeFormat::kUnixEpoch;
  options.sink = config.redact_secrets ? log::RedactingSink(config.redact_patterns, std::move(sink))
                                       : std::move(sink);
  options.max_string_length = static_cast<size_t>(config.max_data_string_length);
  return options;
}

Table<PeerConfig> PeerTable() {
  Table<PeerConfig> table("peers");
  table
      .Key("peers_without_role", &PeerConfig::without_role,
           "a certificate that names no role: trust lets it make every call, refuse none, auto "
           "trusts if our own names none")
      .OneOf({"auto", "trust", "refuse"});
  return table;
}

Table<BbsAddressConfig> BbsAddressTable() {
  Table<BbsAddressConfig> table("bbs client");
  table.Key("bbs_address", &BbsAddressConfig::bbs_address,
            "the BBSs, host:port with commas; an https:// URL as the original has it stands for "
            "gRPC on port 8892 of its host, or else the original's HTTP as it says");
  table.Key("bbs_grpc_address", &BbsAddressConfig::bbs_grpc_address,
            "where the BBSs serve gRPC, host:port; beats bbs_address");
  return table;
}

std::vector<std::string> BbsAddresses(const BbsAddressConfig& config) {
  constexpr uint16_t kGrpcPort = 8892;
  constexpr uint16_t kOriginalHttpPort = 8889;
  if (!config.bbs_grpc_address.empty()) return AddressStrings(config.bbs_grpc_address);
  std::vector<std::string> addresses;
  std::vector<std::string> urls;  // behind all others: what a URL may have heard is not repeated
  for (const Address& address : config.bbs_address) {
    if (!address.is_url || address.port != kOriginalHttpPort) {
      addresses.push_back(address.ToString());
    }
    if (address.is_url && address.port != kGrpcPort) {
      addresses.push_back(Address{address.host, kGrpcPort}.ToString());
      urls.push_back(absl::StrCat("https://", address.ToString()));
    }
  }
  addresses.insert(addresses.end(), urls.begin(), urls.end());
  return addresses;
}

Table<LocketConfig> LocketTable(Presence presence) {
  Table<LocketConfig> table("locket client");
  KeySpec& addresses =
      table.Key("locket_address", &LocketConfig::addresses,
                "the Locket servers, tried in turn; host:port, separated by commas");
  if (presence == Presence::kRequired) {
    addresses.Check([](const Target& target) -> std::string {
      const bool is_empty = (*std::get_if<std::vector<Address>*>(&target))->empty();
      return is_empty ? "is empty; give one Locket server at least" : "";
    });
  }
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
      .ZeroMeans(10);
  table
      .Key("locket_client_keepalive_timeout", &LocketConfig::keepalive_timeout_seconds,
           "seconds to wait for the answer to a ping")
      .ZeroMeans(22);
  return table;
}

void NoteLockTimes(absl::Duration ttl, absl::Duration retry_interval, Faults& faults) {
  if (retry_interval < ttl) return;
  faults.NoteBounded("lock_retry_interval",
                     absl::StrCat("is \"", FormatGoDuration(retry_interval),
                                  "\" and lock_ttl no longer; a third of that is taken"));
}

std::vector<std::string> CommonIgnoredKeys() { return {"debug_address", "loggregator"}; }

}  // namespace diego::config
