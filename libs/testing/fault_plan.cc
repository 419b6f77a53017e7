#include "libs/testing/fault_plan.h"

#include <utility>

#include "libs/sql/backend.h"

namespace diego::testing {
namespace {

using sql::ErrorKind;

// One connection, which breaks when told.
class FaultyBackend final : public sql::Backend {
 public:
  FaultyBackend(FaultPlan* plan, std::unique_ptr<sql::Backend> inner)
      : plan_(plan), inner_(std::move(inner)) {}

  absl::Status Begin(sql::TransactionMode mode) override {
    return Run<absl::Status>([&] { return inner_->Begin(mode); });
  }
  absl::Status Commit() override {
    return Run<absl::Status>([&] { return inner_->Commit(); });
  }
  void Rollback() override {
    if (inner_ != nullptr) inner_->Rollback();
  }
  absl::StatusOr<int64_t> Execute(absl::string_view statement, const sql::Values& values) override {
    return Run<absl::StatusOr<int64_t>>([&] { return inner_->Execute(statement, values); });
  }
  absl::Status Query(absl::string_view query, const sql::Values& values,
                     absl::FunctionRef<absl::Status(const sql::Row&)> visit) override {
    return Run<absl::Status>([&] { return inner_->Query(query, values, visit); });
  }
  absl::Status ExecuteOnce(absl::string_view statement) override {
    return Run<absl::Status>([&] { return inner_->ExecuteOnce(statement); });
  }
  bool broken() const override { return inner_ == nullptr || inner_->broken(); }

 private:
  static absl::Status Lost() {
    return sql::MakeError(ErrorKind::kConnectionLost, 2013, "mysql", "as the test wants it");
  }

  template <typename Result, typename Statement>
  Result Run(Statement statement) {
    const std::optional<Fault> fault = plan_->Next();
    if (inner_ == nullptr) return Lost();
    if (!fault) return statement();
    switch (*fault) {
      case Fault::kDeadlock:
        inner_->Rollback();
        return sql::MakeError(ErrorKind::kDeadlock, 1213, "mysql", "as the test wants it");
      case Fault::kLockTimeout:
        return sql::MakeError(ErrorKind::kDeadlock, 1205, "mysql", "as the test wants it");
      case Fault::kLostAfter:
      case Fault::kDeathAfter: (void)statement(); break;
      case Fault::kLostBefore:
      case Fault::kDeathBefore: break;
    }
    inner_.reset();
    return Lost();
  }

  FaultPlan* const plan_;
  std::unique_ptr<sql::Backend> inner_;
};

}  // namespace

std::string FaultName(Fault fault) {
  switch (fault) {
    case Fault::kDeadlock: return "deadlock";
    case Fault::kLockTimeout: return "lock wait timeout";
    case Fault::kLostBefore: return "connection lost before it";
    case Fault::kLostAfter: return "connection lost after it";
    case Fault::kDeathBefore: return "death before it";
    case Fault::kDeathAfter: return "death after it";
  }
  return "?";
}

void FaultPlan::ApplyTo(sql::DatabaseOptions* options) {
  options->wrap_connection = [this](std::unique_ptr<sql::Backend> inner) {
    return std::make_unique<FaultyBackend>(this, std::move(inner));
  };
}

void FaultPlan::Arm(int64_t position, Fault fault) {
  data_.With([&](Data& data) {
    data = Data{};
    data.position = position;
    data.fault = fault;
  });
}

void FaultPlan::Disarm() {
  data_.With([](Data& data) { data = Data{}; });
}

int64_t FaultPlan::statements() const {
  return data_.With([](const Data& data) { return data.seen; });
}

bool FaultPlan::fired() const {
  return data_.With([](const Data& data) { return data.fired; });
}

std::optional<Fault> FaultPlan::Next() {
  return data_.With([](Data& data) -> std::optional<Fault> {
    if (data.dead) return Fault::kDeathBefore;
    if (data.seen++ != data.position.value_or(-1)) return std::nullopt;
    data.fired = true;
    data.dead = data.fault == Fault::kDeathBefore || data.fault == Fault::kDeathAfter;
    return data.fault;
  });
}

}  // namespace diego::testing
