// Table<Config>: declares how a plain struct is read from configuration, one line a key.
//
//   struct BbsConfig {
//     std::string uuid;
//     config::Address listen_address{"0.0.0.0", 8889};
//     absl::Duration report_interval = absl::Minutes(1);
//     config::LoggingConfig logging;
//   };
//
//   config::Table<BbsConfig> BbsConfigTable() {
//     config::Table<BbsConfig> table("bbs");
//     table.Key("uuid", &BbsConfig::uuid, "owner of the lock").Required();
//     table.Key("listen_address", &BbsConfig::listen_address, "where gRPC is served");
//     table.Key("report_interval", &BbsConfig::report_interval, "…").Positive();
//     table.Embed(&BbsConfig::logging, config::LoggingTable());
//     table.Ignored({"consul_cluster"}, "there is no Consul");
//     table.Check([](const BbsConfig& c, config::Faults& faults) { … });
//     return table;
//   }
//
// The default of a key is the struct's own initializer. Types: std::string, int32_t, int64_t,
// double, bool, absl::Duration (Go syntax), Address, std::vector<Address> (one string with commas,
// or an array), std::vector<std::string>, std::map<std::string, std::string>; nested structs by
// Object. Source: reference/config-and-metrics.md. Build a table on one thread; reading it is
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/config/address.h"

namespace diego::config {

// What is to be said of a key that is no fault: that it has no meaning here, or that its value is
// taken otherwise than it was given, as the original takes values that we cannot.
struct Notice {
  enum class Kind { kIgnored, kBounded };
  Kind kind = Kind::kIgnored;
  std::string key;
  std::string text;
};

// What is wrong with a configuration, in the order found, and what is not but ought to be known.
class Faults {
 public:
  // `text` says what is wrong and what to do: "is empty; give the owner of the lock".
  void Add(absl::string_view key, absl::string_view text);
  // `text` says what was given and what is taken: "is 500; 256 is taken, the most there may be".
  void NoteBounded(absl::string_view key, absl::string_view text);
  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<Notice>& notices() const { return notices_; }

 private:
  std::vector<std::string> lines_;
  std::vector<Notice> notices_;
};

// Where a key's value is stored in the struct.
using Target = std::variant<std::string*, int32_t*, int64_t*, double*, bool*, absl::Duration*,
                            Address*, std::vector<Address>*, std::vector<std::string>*,
                            std::map<std::string, std::string>*>;

// One key. The methods return the same key, for chaining; checks do not run on a key that is
// neither given nor required.
class KeySpec {
 public:
  KeySpec(std::string path, std::string meaning, bool is_bool, std::function<Target(void*)> target);

  // Must be given, and not be empty.
  KeySpec& Required();
  // Never printed.
  KeySpec& Secret();
  // A text that, unless empty, names a readable file, or an existing directory.
  KeySpec& File();
  KeySpec& Directory();
  // Number or duration above zero.
  KeySpec& Positive();
  KeySpec& NotNegative();
  // Number within [low, high].
  KeySpec& Between(double low, double high);
  // For keys of the original, which takes any number: one outside of [low, high] is taken as the
  // nearest within, and zero, or less, as `number`, of seconds where the key is a duration. Notices
  // say so.
  KeySpec& Bounded(double low, double high);
  KeySpec& ZeroMeans(double number);
  KeySpec& OneOf(std::vector<std::string> choices);
  // `fault` returns "" when the value is good, else what is wrong and what to do.
  KeySpec& Check(std::function<std::string(const Target&)> fault);

  const std::string& path() const { return path_; }  // "routing_api.url"
  const std::string& meaning() const { return meaning_; }
  bool required() const { return required_; }
  bool secret() const { return secret_; }
  bool is_bool() const { return is_bool_; }  // a flag of it may stand without a value
  Target In(void* config) const { return target_(config); }
  // Faults of the value in `config`, put on `faults`; what has bounds is brought into them.
  void RunChecks(void* config, Faults* faults) const;

 private:
  friend class Schema;
  std::string path_;
  std::string meaning_;
  bool is_bool_;
  std::function<Target(void*)> target_;
  bool required_ = false;
  bool secret_ = false;
  std::vector<std::function<std::string(const Target&)>> checks_;
  // The number to take instead of this one, and why.
  using Instead = std::function<std::pair<double, const char*>(double)>;
  std::vector<Instead> insteads_;
};

// A key of the original that has no meaning here: accepted, and said so.
struct IgnoredKey {
  std::string name;
  std::string reason;
};

// A Table without its type; what the reader works on.
class Schema {
 public:
  explicit Schema(std::string service) : service_(std::move(service)) {}

  const std::string& service() const { return service_; }
  const std::vector<KeySpec>& keys() const { return keys_; }
  const std::vector<IgnoredKey>& ignored() const { return ignored_; }
  const KeySpec* Find(absl::string_view path) const;
  // True when keys of the form "<path>.x" exist.
  bool IsObject(absl::string_view path) const;
  void RunChecks(const void* config, Faults* faults) const;

 protected:
  KeySpec& AddKey(KeySpec spec);
  void AddNested(const Schema& inner, absl::string_view prefix,
                 const std::function<void*(void*)>& member);
  void AddIgnored(const std::vector<std::string>& names, absl::string_view reason);

  std::vector<std::function<void(const void*, Faults*)>> checks_;

 private:
  std::string service_;
  std::vector<KeySpec> keys_;
  std::vector<IgnoredKey> ignored_;
};

template <typename Config>
class Table : public Schema {
 public:
  // `service` names the program in messages and help.
  explicit Table(std::string service) : Schema(std::move(service)) {}

  // `meaning` is one line for --help. The reference is good until the next key is added.
  template <typename T>
  KeySpec& Key(absl::string_view name, T Config::*member, absl::string_view meaning) {
    return AddKey(KeySpec(
        std::string(name), std::string(meaning), std::is_same_v<T, bool>,
        [member](void* config) { return Target(&(static_cast<Config*>(config)->*member)); }));
  }
  // A nested object with its own keys.
  template <typename Inner>
  void Object(absl::string_view name, Inner Config::*member, const Table<Inner>& inner) {
    AddNested(inner, std::string(name) + ".",
              [member](void* config) -> void* { return &(static_cast<Config*>(config)->*member); });
  }
  // The keys of `inner` at this level.
  template <typename Inner>
  void Embed(Inner Config::*member, const Table<Inner>& inner) {
    AddNested(inner, "",
              [member](void* config) -> void* { return &(static_cast<Config*>(config)->*member); });
  }
  void Ignored(const std::vector<std::string>& names, absl::string_view reason) {
    AddIgnored(names, reason);
  }
  // A check of several keys together; runs when every key alone was good.
  void Check(std::function<void(const Config&, Faults&)> check) {
    checks_.push_back([check = std::move(check)](const void* config, Faults* faults) {
      check(*static_cast<const Config*>(config), *faults);
    });
  }
};

}  // namespace diego::config
