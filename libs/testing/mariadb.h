// A private MariaDB server for tests, demos and benchmarks: its own data directory, an ephemeral
// port on 127.0.0.1 and a socket, gone without a trace at the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::testing {

struct MariaDbOptions {
  // Data directory, logs and socket go below it. Empty: a fresh directory that is removed at the
  // end, in /tmp, or in memory when it need not be durable.
  std::string directory;
  // Flush the log at every commit, as a production database does.
  bool durable = true;
  std::vector<std::string> extra_arguments;
};

// Not thread-safe, except that the accessors may be called from any thread once started.
class MariaDb {
 public:
  // Makes the data directory and starts mariadbd; returns when it answers (seconds).
  static absl::StatusOr<std::unique_ptr<MariaDb>> Start(MariaDbOptions options = {});
  // Stops the server, by pid, and removes what it made.
  ~MariaDb();
  MariaDb(const MariaDb&) = delete;
  MariaDb& operator=(const MariaDb&) = delete;

  absl::Status CreateDatabase(absl::string_view name);
  // Runs one statement as the administrator, outside every database.
  absl::Status Administer(absl::string_view statement);
  // "diego:diego@tcp(127.0.0.1:PORT)/NAME": what services take as database_connection_string.
  std::string ConnectionString(absl::string_view database) const;

  int port() const { return port_; }
  int pid() const { return pid_; }
  const std::string& socket() const { return socket_; }
  const std::string& directory() const { return directory_; }

  // A hard death and a new start on the same data and port.
  absl::Status Kill();
  absl::Status Restart();

 private:
  explicit MariaDb(MariaDbOptions options);
  absl::Status Install();
  absl::Status Spawn();
  absl::Status WaitUntilReady();
  void StopAndWait(int signal_number);

  MariaDbOptions options_;
  bool owns_directory_ = false;
  std::string directory_;
  std::string socket_;
  int port_ = 0;
  int pid_ = -1;
};

}  // namespace diego::testing
