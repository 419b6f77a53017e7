// What the store's tests share: a store on a test database, and records with every member set.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/crypto/key_ring.h"
#include "libs/testing/fault_plan.h"
#include "libs/testing/test_databases.h"
#include "services/bbs/core/change.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs::testing {

crypto::KeyRing Ring(absl::string_view active, const std::map<std::string, std::string>& keys);

// One process's handle on a database: its own connections, its own store.
struct Handle {
  explicit Handle(const diego::testing::TestDatabase& place);
  Handle(const diego::testing::TestDatabase& place, crypto::KeyRing ring);
  // Its statements fail as the plan says.
  Handle(const diego::testing::TestDatabase& place, diego::testing::FaultPlan* faults);

  void Run(absl::string_view statement, const sql::Values& values = {});
  // The first column of the first row; "" when there is none.
  std::string First(absl::string_view query);
  std::string Configuration(absl::string_view id);
  int64_t Count(absl::string_view table);
  // Tables, columns and indexes, a line each, in an order that tells nothing of how they came to
  // be; without the leadership row's table and our additions.
  std::string Schema();
  // Brings the schema to a version, up or down, as epoch 0 or whichever holds office.
  absl::Status MigrateTo(int64_t version);

  std::unique_ptr<sql::Database> database;
  crypto::KeyRing keys;
  SqlStore store;
};

DesiredLrp Desired(absl::string_view process_guid);
ActualLrp Actual(absl::string_view process_guid, int32_t index);
Task Job(absl::string_view guid);
DomainRecord Apps();

Change Appears(const DesiredLrp& lrp);
Change Appears(const ActualLrp& lrp);
Change Appears(const Task& task);
Change Appears(const DomainRecord& domain);
Change Appears(const AnsweredCall& answered);
Change Disappears(const ActualLrp& lrp);
Change Disappears(const AnsweredCall& answered);

}  // namespace diego::bbs::testing
