#include <catch2/catch.hpp>

#include "libs/config/reader.h"
#include "libs/config/shared_blocks.h"

namespace diego::config {
namespace {

struct Routing {
  std::string url;
  int32_t port = 3000;
};
Table<Routing> RoutingTable() {
  Table<Routing> table("routing");
  table.Key("url", &Routing::url, "where the routing API is").Required();
  table.Key("port", &Routing::port, "its port").Between(1, 65535);
  return table;
}

struct Sample {
  std::string uuid;
  Address listen_address{"0.0.0.0", 8889};
  std::vector<Address> bbs_address;
  absl::Duration interval = absl::Seconds(30);
  double weight = 0.25;
  bool strict = true;
  int64_t size_bytes = 10000000000;
  std::vector<std::string> tags;
  std::map<std::string, std::string> encryption_keys;
  std::string cert_file;
  Routing routing_api;
  LoggingConfig logging;
};
Table<Sample> SampleTable() {
  Table<Sample> table("sample");
  table.Key("uuid", &Sample::uuid, "the owner of the lock").Required();
  table.Key("listen_address", &Sample::listen_address, "where gRPC is served");
  table.Key("bbs_address", &Sample::bbs_address, "the BBSs");
  table.Key("interval", &Sample::interval, "time between beats").Positive();
  table.Key("weight", &Sample::weight, "a weight");
  table.Key("strict", &Sample::strict, "whether to be strict");
  table.Key("size_bytes", &Sample::size_bytes, "a size");
  table.Key("tags", &Sample::tags, "tags");
  table.Key("encryption_keys", &Sample::encryption_keys, "label: phrase").Secret();
  table.Key("cert_file", &Sample::cert_file, "certificate").File();
  table.Object("routing_api", &Sample::routing_api, RoutingTable());
  table.Embed(&Sample::logging, LoggingTable());
  table.Ignored({"consul_cluster", "loggregator"}, "not used here");
  table.Check([](const Sample& sample, Faults& faults) {
    if (sample.strict && sample.weight > 1) {
      faults.Add("weight", "must be at most 1 while strict is true");
    }
  });
  return table;
}

constexpr char kGood[] = R"({
  "uuid": "me", "listen_address": "127.0.0.1:0", "bbs_address": "https://a:1,b:2",
  "interval": "1m30s", "weight": 1, "strict": false, "size_bytes": 5000000000,
  "tags": ["x", "y"], "encryption_keys": {"k1": "phrase"}, "routing_api": {"url": "u"},
  "log_level": "debug", "cert_file": null, "consul_cluster": "gone"})";

TEST_CASE("config: a whole struct is read", "[config]") {
  const auto config = Read(SampleTable(), kGood);
  REQUIRE(config.ok());
  CHECK(config->uuid == "me");
  CHECK(config->listen_address == Address{"127.0.0.1", 0});
  CHECK(FormatAddressList(config->bbs_address) == "a:1,b:2");
  CHECK(config->interval == absl::Seconds(90));
  CHECK(config->weight == 1.0);
  CHECK_FALSE(config->strict);
  CHECK(config->size_bytes == 5000000000);
  CHECK(config->tags == std::vector<std::string>{"x", "y"});
  CHECK(config->encryption_keys.at("k1") == "phrase");
  CHECK(config->routing_api.url == "u");
  CHECK(config->routing_api.port == 3000);
  CHECK(config->logging.log_level == "debug");
}

TEST_CASE("config: flags beat the file and defaults stay", "[config]") {
  const auto config = Read(SampleTable(), kGood,
                           {{"interval", "5s"},
                            {"listen-address", "h:9"},
                            {"tags", "a,b,c"},
                            {"bbs_address", "c:3"},
                            {"strict", "true"},
                            {"weight", "0.5"},
                            {"encryption_keys", R"({"k2":"p"})"},
                            {"routing_api.port", "81"}});
  REQUIRE(config.ok());
  CHECK(config->interval == absl::Seconds(5));
  CHECK(config->listen_address.ToString() == "h:9");
  CHECK(config->tags.size() == 3);
  CHECK(config->bbs_address.size() == 1);
  CHECK(config->strict);
  CHECK(config->weight == 0.5);
  CHECK(config->encryption_keys.count("k2") == 1);
  CHECK(config->routing_api.port == 81);
}

TEST_CASE("config: every fault is told at once, with key, value and remedy", "[config]") {
  const auto config = Read(SampleTable(), R"({
    "listen_addres": "x:1", "bbs_address": "nowhere", "interval": 30, "weight": "heavy",
    "strict": "yes", "size_bytes": 1.5, "tags": [1], "encryption_keys": {"k": 7},
    "cert_file": "/no/such/file", "routing_api": {"port": 0, "uurl": "x"}, "log_level": "loud",
    "xyzzy": 1})",
                           {{"no-such-flag", "1"}});
  REQUIRE_FALSE(config.ok());
  CHECK(absl::IsInvalidArgument(config.status()));
  const std::string text(config.status().message());
  for (const char* line : {
           "sample configuration: 16 faults",
           "listen_addres: unknown key; did you mean listen_address?",
           "bbs_address: \"nowhere\" has no port",
           "interval: is 30; it must be a duration in quotes, like \"30s\"",
           "weight: is \"heavy\"; it must be a number",
           "strict: is \"yes\"; it must be true or false",
           "size_bytes: is 1.5; it must be a whole number",
           "tags: is [1]; it must be an array of texts",
           "encryption_keys: has the wrong type",
           "cert_file: \"/no/such/file\" does not exist",
           "routing_api.port: is 0; it must be from 1 to 65535",
           "routing_api.uurl: unknown key; did you mean routing_api.url?",
           "log_level: is \"loud\"; choose one of debug, info, error, fatal",
           "xyzzy: unknown key; remove it",
           "--no-such-flag: unknown key",
       }) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("config: logs are redacted as redact_secrets and redact_patterns say", "[config]") {
  const auto written = [](const LoggingConfig& config) {
    std::string line;
    log::Logger(LogOptions(config, "sample", [&line](absl::string_view text) {
      line = std::string(text);
    })).Info("m", {{"text", "s3cret"}});
    return line;
  };
  LoggingConfig config;
  config.redact_patterns = {"^s3.*$"};
  CHECK_THAT(written(config), Catch::Contains("s3cret"));
  config.redact_secrets = true;
  CHECK_THAT(written(config), Catch::Contains("*REDACTED*") && !Catch::Contains("s3cret"));

  const absl::Status bad = Read(SampleTable(), R"({"uuid":"u","routing_api":{"url":"u"},
    "redact_secrets":true,"redact_patterns":["^s3.*$","a(b"]})")
                               .status();
  CHECK_THAT(std::string(bad.message()),
             Catch::Contains("redact_patterns: holds \"a(b\" is no regular expression"));
}

TEST_CASE("config: missing and empty required keys, cross checks, doubled keys", "[config]") {
  const auto [json, expected] = GENERATE(table<std::string, std::string>({
      {R"({"routing_api":{"url":"u"}})", "uuid: is missing; give the owner of the lock"},
      {R"({"uuid":"","routing_api":{"url":"u"}})", "uuid: is empty; give the owner of the lock"},
      {R"({"uuid":"u"})", "routing_api.url: is missing"},
      {R"({"uuid":"u","uuid":"v","routing_api":{"url":"u"}})", "uuid: is given twice"},
      {R"({"uuid":"u","weight":2,"routing_api":{"url":"u"}})", "weight: must be at most 1"},
      {R"({"uuid":"u","routing_api":7})", "routing_api: must be an object"},
      {R"({"uuid":"u","interval":"0s","routing_api":{"url":"u"}})",
       "interval: is \"0s\"; it must be above zero"},
      {R"([])", "the file: is not a JSON object"},
      {R"({"uuid":)", "the file: is not JSON"},
      {std::string("\xff\xfe\x00garbage", 10), "the file: is not JSON"},
  }));
  const auto config = Read(SampleTable(), json);
  REQUIRE_FALSE(config.ok());
  INFO(config.status().message());
  CHECK(std::string(config.status().message()).find(expected) != std::string::npos);
}

TEST_CASE("config: where a BBS is looked for", "[config]") {
  const auto [json, expected] = GENERATE(table<std::string, std::vector<std::string>>({
      {R"({})", {"bbs.service.cf.internal:8892"}},
      {R"({"bbs_address": "a:1,b:2"})", {"a:1", "b:2"}},
      // As the original has it: the port is that of HTTP.
      {R"({"bbs_address": "https://bbs.internal:8889"})",
       {"bbs.internal:8892", "https://bbs.internal:8889"}},
      {R"({"bbs_address": "https://bbs.internal:8892"})", {"bbs.internal:8892"}},
      // Either may be meant.
      {R"({"bbs_address": "https://bbs.internal:18889"})",
       {"bbs.internal:18889", "bbs.internal:8892", "https://bbs.internal:18889"}},
      {R"({"bbs_address": "https://a:1,https://b:8889"})",
       {"a:1", "a:8892", "b:8892", "https://a:1", "https://b:8889"}},
      {R"({"bbs_address": "https://a:8889", "bbs_grpc_address": "b:2"})", {"b:2"}},
  }));
  auto config = Read(BbsAddressTable(), json);
  REQUIRE(config.ok());
  CHECK(BbsAddresses(*config) == expected);
}

TEST_CASE("config: an address is printed as it was read", "[config]") {
  auto config = Read(BbsAddressTable(), R"({"bbs_address": "https://a:1,b:2"})");
  REQUIRE(config.ok());
  CHECK(Print(BbsAddressTable(), &*config).find("\"https://a:1,b:2\"") != std::string::npos);
}

struct Numbers {
  int32_t pool = 32;
  double weight = 0.25;
  absl::Duration timeout = absl::Seconds(10);
};

TEST_CASE("config: a number that only the original takes is brought into bounds, and said so",
          "[config]") {
  Table<Numbers> table("numbers");
  table.Key("pool", &Numbers::pool, "at a time").Bounded(1, 256);
  table.Key("weight", &Numbers::weight, "of each").Bounded(0, 1000);
  table.Key("timeout", &Numbers::timeout, "for a call").ZeroMeans(600);
  const auto read = [&table](const char* json, Numbers* numbers) {
    std::vector<Notice> notices;
    REQUIRE(ReadInto(table, json, {}, numbers, &notices).ok());
    std::string text;
    for (const Notice& notice : notices) {
      CHECK(notice.kind == Notice::Kind::kBounded);
      text += notice.key + " " + notice.text + "\n";
    }
    return text;
  };
  Numbers within;
  CHECK(read(R"({"pool": 256, "weight": 0, "timeout": "1ms"})", &within).empty());
  CHECK(within.pool == 256);
  Numbers beyond;
  CHECK(read(R"({"pool": 300, "weight": -0.5, "timeout": "0s"})", &beyond) ==
        "pool is 300; 256 is taken, the most there may be\n"
        "weight is -0.5; 0 is taken, the least there may be\n"
        "timeout is \"0s\"; \"10m0s\" is taken, as it must be above zero\n");
  CHECK(beyond.pool == 256);
  CHECK(beyond.weight == 0);
  CHECK(beyond.timeout == absl::Minutes(10));
}

TEST_CASE("config: printing shows every key and hides secrets", "[config]") {
  auto config = Read(SampleTable(), kGood);
  REQUIRE(config.ok());
  const std::string text = Print(SampleTable(), &*config);
  CHECK(text.find("phrase") == std::string::npos);
  CHECK(text.find("\"encryption_keys\": \"(hidden)\"") != std::string::npos);
  CHECK(text.find("\"interval\": \"1m30s\"") != std::string::npos);
  CHECK(text.find("\"routing_api\": {") != std::string::npos);
}

}  // namespace
}  // namespace diego::config
