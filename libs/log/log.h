// Structured logs: one JSON object a line on one sink, in the format of the original components.
// Source: reference/config-and-metrics.md (log keys) and reference/design-notes.md section 12.
//
//   {"timestamp":"1767225600.123456789","source":"bbs","message":"bbs.term.term-started",
//    "log_level":1,"data":{"session":"1","epoch":7}}
//
// Messages are fixed, hyphenated and greppable; what varies goes into the data, whose keys are
// snake_case. Values whose key looks like a credential are replaced before they are written.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>
#include "absl/strings/string_view.h"

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace diego::log {

enum class Level { kDebug = 0, kInfo = 1, kError = 2, kFatal = 3 };

// "debug", "info", "error", "fatal"; InvalidArgument otherwise.
absl::Status ParseLevel(absl::string_view text, Level* level);

// One datum of a line.
struct Field {
  using Value = std::variant<std::string, int64_t, double, bool, std::vector<std::string>>;
  Field(absl::string_view k, absl::string_view v) : key(k), value(std::string(v)) {}
  Field(absl::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(absl::string_view k, const std::string& v) : key(k), value(v) {}
  Field(absl::string_view k, bool v) : key(k), value(v) {}
  Field(absl::string_view k, double v) : key(k), value(v) {}
  Field(absl::string_view k, int v) : key(k), value(int64_t{v}) {}
  Field(absl::string_view k, unsigned v) : key(k), value(int64_t{v}) {}
  Field(absl::string_view k, long v) : key(k), value(int64_t{v}) {}
  Field(absl::string_view k, long long v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(absl::string_view k, unsigned long v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(absl::string_view k, unsigned long long v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(absl::string_view k, absl::Duration v) : key(k), value(absl::FormatDuration(v)) {}
  Field(absl::string_view k, const absl::Status& v) : key(k), value(v.ToString()) {}
  Field(absl::string_view k, std::vector<std::string> v) : key(k), value(std::move(v)) {}

  std::string key;
  Value value;
};
using Fields = std::vector<Field>;

enum class TimeFormat { kUnixEpoch, kRfc3339 };

struct Options {
  std::string component;  // "bbs"; the source of every line and the first part of every message
  Level level = Level::kInfo;
  TimeFormat time_format = TimeFormat::kUnixEpoch;
  size_t max_string_length = 640;  // longer string data are cut; 0 = never
  // Whole lines without the newline, never two at once. Default: stdout, flushed.
  std::function<void(absl::string_view)> sink;
  const Clock* clock = nullptr;  // default RealClock()
};

// A handle on the sink with a session name and data that every line of it carries. Cheap to copy;
// thread-safe.
class Logger {
 public:
  explicit Logger(Options options);
  // A logger that writes nothing.
  static Logger Discard();

  // Lines of the result are named "<this>.<name>.<message>" and carry `data` as well. Session ids
  // are numbered below their parent: "3.1".
  Logger Session(absl::string_view name, Fields data = {}) const;

  void Debug(absl::string_view message, const Fields& data = {}) const;
  void Info(absl::string_view message, const Fields& data = {}) const;
  // `status` goes into the data as "error".
  void Error(absl::string_view message, const absl::Status& status, const Fields& data = {}) const;
  // Writes the line and aborts the process.
  [[noreturn]] void Fatal(absl::string_view message, const absl::Status& status,
                          const Fields& data = {}) const;

  // Of all handles on the same sink.
  void SetLevel(Level level) const;
  bool Enabled(Level level) const;

 private:
  struct Core;
  Logger(std::shared_ptr<Core> core, std::string task, std::string session, Fields data);
  void Write(Level level, absl::string_view message, const Fields& data) const;

  std::shared_ptr<Core> core_;
  std::string task_;     // "bbs.term"
  std::string session_;  // "3.1", or empty at the root
  std::shared_ptr<std::atomic<uint64_t>> children_;
  std::shared_ptr<const Fields> data_;
};

}  // namespace diego::log
