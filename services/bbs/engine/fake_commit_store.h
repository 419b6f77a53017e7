// FakeDatabase and FakeCommitStore: a database in memory that behaves (keeps rows, fences, loses
// answers on demand), for tests and the simulation. Several stores may share one database, as
// several masters do. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "libs/models/error.h"
#include "libs/sync/guarded.h"
#include "services/bbs/engine/commit_store.h"

namespace diego::bbs {

// What becomes of the next call to the database.
enum class Fate {
  kDone,
  kLost,         // never arrives; the caller does not know
  kDoneUnheard,  // lands, but the answer is lost
  kRejected,     // of a commit: its last change is refused
};

class FakeDatabase {
 public:
  // Fates of the coming commits and confirmations, in order; kDone when there are none left.
  void Next(Fate fate) {
    data_.With([&](Data& data) { data.fates.push_back(fate); });
  }
  // Away: every call is lost until it is back.
  void SetAway(bool away) {
    data_.With([&](Data& data) { data.away = away; });
  }
  uint64_t commits() const {
    return data_.With([](const Data& data) { return data.commits; });
  }
  uint64_t attempts() const {
    return data_.With([](const Data& data) { return data.attempts; });
  }
  uint64_t revision() const {
    return data_.With([](const Data& data) { return data.revision; });
  }
  size_t row_count() const {
    return data_.With([](const Data& data) { return data.rows.size(); });
  }

  absl::StatusOr<LoadedState> Load(uint64_t epoch) {
    return data_.With([&](Data& data) -> absl::StatusOr<LoadedState> {
      if (data.away) return absl::UnavailableError("the fake database is away");
      const bool mine = data.epoch == epoch && data.batch == 0;
      if (data.epoch >= epoch && !mine) {
        return absl::AbortedError(absl::StrCat("epoch ", data.epoch, " holds office"));
      }
      data.epoch = epoch;
      data.batch = 0;
      LoadedState loaded{data.revision, {}};
      for (const auto& [key, row] : data.rows) loaded.rows.push_back(row);
      return loaded;
    });
  }

  CommitReply Commit(const Fence& fence, const Changes& changes) {
    return data_.With([&](Data& data) -> CommitReply {
      ++data.attempts;
      const Fate fate = data.TakeFate();
      if (fate == Fate::kLost) return Lost();
      if (data.epoch != fence.epoch || (data.batch != fence.batch && data.batch + 1 != fence.batch))
        return {CommitResult::kFenced, absl::AbortedError("another epoch holds office")};
      if (fate == Fate::kRejected) {
        return {CommitResult::kRejected, DiegoError(ErrorType::kInvalidRequest, "too wide"),
                changes.size() - 1};
      }
      if (data.batch + 1 == fence.batch) {
        data.batch = fence.batch;
        ++data.revision;
        ++data.commits;
        for (const Change& change : changes) data.Write(change);
      }
      return fate == Fate::kDone ? CommitReply{CommitResult::kCommitted, absl::OkStatus()} : Lost();
    });
  }

  CommitReply Confirm(uint64_t epoch) {
    return data_.With([&](Data& data) -> CommitReply {
      if (data.TakeFate() != Fate::kDone) return Lost();
      if (data.epoch != epoch) return {CommitResult::kFenced, absl::AbortedError("fenced")};
      return {CommitResult::kCommitted, absl::OkStatus()};
    });
  }

 private:
  struct Data {
    Fate TakeFate() {
      if (away) return Fate::kLost;
      if (fates.empty()) return Fate::kDone;
      const Fate fate = fates.front();
      fates.pop_front();
      return fate;
    }
    void Write(const Change& change) {
      std::visit(
          [&](const auto& one) {
            const std::string key = KeyOf(one.after != nullptr ? *one.after : *one.before);
            if (one.after == nullptr) {
              rows.erase(key);
              return;
            }
            auto row = one;
            row.before = nullptr;
            rows[key] = row;
          },
          change);
    }

    uint64_t epoch = 0;
    uint64_t batch = 0;
    uint64_t revision = 0;
    uint64_t commits = 0;
    uint64_t attempts = 0;
    bool away = false;
    std::deque<Fate> fates;
    std::map<std::string, Change> rows;
  };

  static std::string KeyOf(const DesiredLrp& lrp) {
    return absl::StrCat("desired/", lrp.process_guid.value());
  }
  static std::string KeyOf(const ActualLrp& lrp) {
    return absl::StrCat("actual/", lrp.key.process_guid.value(), "/", lrp.key.index, "/",
                        static_cast<int>(lrp.presence));
  }
  static std::string KeyOf(const Task& task) {
    return absl::StrCat("task/", task.task_guid.value());
  }
  static std::string KeyOf(const DomainRecord& domain) {
    return absl::StrCat("domain/", domain.domain.value());
  }
  static std::string KeyOf(const AnsweredCall& answered) {
    return absl::StrCat("answered/", answered.request.id);
  }
  static CommitReply Lost() {
    return {CommitResult::kUnknown, absl::UnavailableError("the fake database did not answer")};
  }

  Guarded<Data> data_;
};

class FakeCommitStore final : public CommitStore {
 public:
  explicit FakeCommitStore(FakeDatabase* database) : database_(database) {}
  absl::StatusOr<LoadedState> Load(uint64_t epoch) override { return database_->Load(epoch); }
  CommitReply Commit(const Fence& fence, const Changes& changes) override {
    return database_->Commit(fence, changes);
  }
  CommitReply Confirm(uint64_t epoch) override { return database_->Confirm(epoch); }

 private:
  FakeDatabase* const database_;
};

}  // namespace diego::bbs
