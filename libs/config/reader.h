// Reads a configuration struct from JSON text and `--key value` flags by its Table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/config/table.h"

namespace diego::config {

// One `--key value`. Arrays are written with commas, objects as JSON, nested keys with a dot.
struct Flag {
  std::string key;
  std::string value;
};

// `json` may be empty (all from flags and defaults). Flags beat the file. Either the whole struct
// is filled, or InvalidArgument lists EVERY fault, one a line, each naming key, value and remedy,
// and `*config` is to be thrown away. `notices` (may be null) gets what else is to be said of the
// keys that were given. `config` must be fresh: its initializers are the defaults.
absl::Status ReadInto(const Schema& schema, absl::string_view json, const std::vector<Flag>& flags,
                      void* config, std::vector<Notice>* notices);

template <typename Config>
absl::StatusOr<Config> Read(const Table<Config>& table, absl::string_view json,
                            const std::vector<Flag>& flags = {}) {
  Config config{};
  if (absl::Status status = ReadInto(table, json, flags, &config, nullptr); !status.ok()) {
    return status;
  }
  return config;
}

// The configuration as JSON text with every key; secrets read "(hidden)".
std::string Print(const Schema& schema, void* config);

// "listen_address  string  0.0.0.0:8889  where gRPC is served", a line a key.
std::string DescribeKeys(const Schema& schema, void* fresh_config);

}  // namespace diego::config
