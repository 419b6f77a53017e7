#include "libs/log/log.h"
#include "absl/strings/string_view.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/log/file_sink.h"
#include "libs/sync/guarded.h"

namespace diego::log {
namespace {

constexpr absl::string_view kRedacted = "*REDACTED*";

bool LooksSecret(absl::string_view key) {
  const std::string lower = absl::AsciiStrToLower(key);
  for (absl::string_view part :
       {"password", "passphrase", "secret", "private_key", "credential", "token"}) {
    if (!absl::StrContains(lower, part)) continue;
    // A fencing token is a number that operators look for.
    return lower != "fencing_token";
  }
  return false;
}

std::string FormatTime(absl::Time time, TimeFormat format) {
  if (format == TimeFormat::kRfc3339) {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E9SZ", time, absl::UTCTimeZone());
  }
  const int64_t ns = absl::ToUnixNanos(time);
  return absl::StrFormat("%d.%09d", ns / 1000000000, ns % 1000000000);
}

void Put(nlohmann::json& data, const Field& field, size_t max_length) {
  if (LooksSecret(field.key)) {
    data[field.key] = kRedacted;
    return;
  }
  std::visit(
      [&](const auto& value) {
        using Type = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, std::string>) {
          if (max_length > 0 && value.size() > max_length) {
            data[field.key] = absl::StrCat(value.substr(0, max_length), "-(truncated)");
            return;
          }
        }
        data[field.key] = value;
      },
      field.value);
}

}  // namespace

absl::Status ParseLevel(absl::string_view text, Level* level) {
  const std::pair<absl::string_view, Level> names[] = {{"debug", Level::kDebug},
                                                       {"info", Level::kInfo},
                                                       {"error", Level::kError},
                                                       {"fatal", Level::kFatal}};
  for (const auto& [name, value] : names) {
    if (text != name) continue;
    *level = value;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a log level; use debug, info, error or fatal"));
}

struct Logger::Core {
  Options options;
  std::atomic<int> level;
  Guarded<std::monostate> write_turn;  // keeps lines whole
};

Logger::Logger(Options options) : Logger(std::make_shared<Core>(), options.component, "", {}) {
  core_->level = static_cast<int>(options.level);
  if (!options.sink) options.sink = StdoutSink();
  if (options.clock == nullptr) options.clock = &RealClock();
  core_->options = std::move(options);
}

Logger::Logger(std::shared_ptr<Core> core, std::string task, std::string session, Fields data)
    : core_(std::move(core)),
      task_(std::move(task)),
      session_(std::move(session)),
      children_(std::make_shared<std::atomic<uint64_t>>(0)),
      data_(std::make_shared<const Fields>(std::move(data))) {}

Logger Logger::Discard() {
  return Logger(
      Options{.component = "discard", .level = Level::kFatal, .sink = [](absl::string_view) {}});
}

Logger Logger::Session(absl::string_view name, Fields data) const {
  const uint64_t number = ++*children_;
  Fields merged = *data_;
  for (Field& field : data) merged.push_back(std::move(field));
  return Logger(core_, absl::StrCat(task_, ".", name),
                session_.empty() ? absl::StrCat(number) : absl::StrCat(session_, ".", number),
                std::move(merged));
}

void Logger::Debug(absl::string_view message, const Fields& data) const {
  Write(Level::kDebug, message, data);
}

void Logger::Info(absl::string_view message, const Fields& data) const {
  Write(Level::kInfo, message, data);
}

void Logger::Error(absl::string_view message, const absl::Status& status,
                   const Fields& data) const {
  Fields with_error = data;
  with_error.emplace_back("error", status);
  Write(Level::kError, message, with_error);
}

void Logger::Fatal(absl::string_view message, const absl::Status& status,
                   const Fields& data) const {
  Fields with_error = data;
  with_error.emplace_back("error", status);
  Write(Level::kFatal, message, with_error);
  std::abort();
}

void Logger::SetLevel(Level level) const { core_->level = static_cast<int>(level); }

bool Logger::Enabled(Level level) const { return static_cast<int>(level) >= core_->level.load(); }

void Logger::Write(Level level, absl::string_view message, const Fields& data) const {
  if (!Enabled(level)) return;
  const Options& options = core_->options;
  nlohmann::json merged = nlohmann::json::object();
  for (const Field& field : *data_) Put(merged, field, options.max_string_length);
  for (const Field& field : data) Put(merged, field, options.max_string_length);
  if (!session_.empty()) merged["session"] = session_;
  nlohmann::ordered_json line;
  line["timestamp"] = FormatTime(options.clock->Now(), options.time_format);
  line["source"] = options.component;
  line["message"] = absl::StrCat(task_, ".", message);
  if (options.time_format == TimeFormat::kRfc3339) {
    line["level"] = (const char*[]){"debug", "info", "error", "fatal"}[static_cast<int>(level)];
  } else {
    line["log_level"] = static_cast<int>(level);
  }
  line["data"] = merged;
  // Data may hold bytes from outside: what is not UTF-8 is replaced, never an exception.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  core_->write_turn.With([&](std::monostate&) { options.sink(text); });
}

}  // namespace diego::log
