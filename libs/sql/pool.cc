#include "libs/sql/pool.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace diego::sql {

Pool::Loan::Loan(Pool* pool, std::unique_ptr<Backend> backend)
    : pool_(pool), backend_(std::move(backend)) {}

Pool::Loan::~Loan() {
  if (backend_ != nullptr) pool_->Return(std::move(backend_));
}

Pool::Pool(DatabaseOptions options, Flavor flavor)
    : options_(std::move(options)), flavor_(flavor) {}

absl::StatusOr<Pool::Loan> Pool::Borrow() {
  const int most = options_.max_open_connections;
  std::unique_ptr<Backend> backend;
  const bool admitted =
      data_.When([most](const Data& data) { return !data.idle.empty() || data.open < most; },
                 options_.connect_timeout,
                 [&](Data& data, bool held) {
                   if (!held) return false;
                   if (data.idle.empty()) {
                     ++data.open;
                   } else {
                     backend = std::move(data.idle.back());
                     data.idle.pop_back();
                   }
                   return true;
                 });
  if (!admitted) {
    return absl::ResourceExhaustedError(
        absl::StrCat("all ", most, " database connections are in use"));
  }
  if (backend != nullptr) return Loan(this, std::move(backend));
  absl::StatusOr<std::unique_ptr<Backend>> fresh = Connect();
  if (!fresh.ok()) {
    data_.With([](Data& data) { --data.open; });
    return fresh.status();
  }
  return Loan(this, *std::move(fresh));
}

absl::StatusOr<std::unique_ptr<Backend>> Pool::Connect() {
  auto backend = flavor_ == Flavor::kSqlite ? ConnectSqlite(options_) : ConnectMysql(options_);
  if (!backend.ok() || !options_.wrap_connection) return backend;
  return options_.wrap_connection(*std::move(backend));
}

void Pool::Return(std::unique_ptr<Backend> backend) {
  std::vector<std::unique_ptr<Backend>> to_close;
  data_.With([&](Data& data) {
    if (!backend->broken()) {
      data.idle.push_back(std::move(backend));
      return;
    }
    // What broke one connection has most likely broken those that lay idle meanwhile.
    data.open -= 1 + static_cast<int>(data.idle.size());
    to_close = std::exchange(data.idle, {});
    to_close.push_back(std::move(backend));
  });
}

}  // namespace diego::sql
