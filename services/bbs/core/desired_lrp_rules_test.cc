// Table of reference/behaviours.md section 2.
#include "services/bbs/core/desired_lrp_rules.h"

#include <catch2/catch.hpp>

#include "services/bbs/core/internal_routes.h"
#include "services/bbs/core/testing_states.h"

namespace diego::bbs {
namespace {

using testing::kOldEpoch;
using testing::kWeb;
using testing::TableRow;
using testing::Web;
using testing::World;

Command Desire(int32_t instances) { return DesireLrp{Web(instances)}; }
Command Scale(int32_t instances) {
  DesiredLrpUpdate update;
  update.instances = instances;
  return UpdateDesiredLrp{kWeb, update};
}
Command Reroute(const char* internal_router) {
  DesiredLrpUpdate update;
  update.routes = Routes{{"cf-router", "[]"}};
  if (*internal_router != '\0') (*update.routes)["internal-router"] = internal_router;
  return UpdateDesiredLrp{kWeb, update};
}
Command Annotate() {
  DesiredLrpUpdate update;
  update.annotation = "note";
  return UpdateDesiredLrp{kWeb, update};
}
Command Tag() {
  DesiredLrpUpdate update;
  update.metric_tags = MetricTags{{"app", {"web", MetricTagValue::Dynamic::kInvalid}},
                                  {"index", {"", MetricTagValue::Dynamic::kIndex}},
                                  {"guid", {"", MetricTagValue::Dynamic::kInstanceGuid}}};
  return UpdateDesiredLrp{kWeb, update};
}
Command Remove() { return RemoveDesiredLrp{kWeb}; }

}  // namespace

TEST_CASE("desire: every row of the table", "[bbs][desired_lrp]") {
  const TableRow rows[] = {
      {"insert", "", Desire(2), "ok", "UNCLAIMED new | 1:UNCLAIMED new",
       "desired created x2, created UNCLAIMED, created 1:UNCLAIMED", "auction 0 1"},
      {"no instances", "", Desire(0), "ok", "", "desired created x0"},
      {"indices that have a row are not created", "RUNNING a@1", Desire(2), "ok",
       "RUNNING a@1 | 1:UNCLAIMED new", "desired created x2, created 1:UNCLAIMED", "auction 1"},
      {"duplicate", "desired | UNCLAIMED", Desire(1), "ResourceExists", "UNCLAIMED", ""},
  };
  for (const TableRow& row : rows) Verify(row);
  const State after = testing::Run(World(""), Desire(1)).after;
  CHECK(after.FindDesired(kWeb)->tag.epoch.size() == 36);
  CHECK(after.FindDesired(kWeb)->tag.index == 0);
  CHECK(after.FindActual({kWeb, 0})->routable == false);
  CHECK(after.FindActual({kWeb, 0})->key.domain == testing::kApps);
  CHECK(after.FindActual({kWeb, 0})->tag.epoch != after.FindDesired(kWeb)->tag.epoch);
}

TEST_CASE("update: every row of the table", "[bbs][desired_lrp]") {
  const TableRow rows[] = {
      {"missing", "", Scale(1), "ResourceNotFound", "", ""},
      {"annotation only", "desired | RUNNING a@1", Annotate(), "ok", "RUNNING a@1",
       "desired changed x1 -> x1"},
      {"scale up", "desired | RUNNING a@1", Scale(3), "ok",
       "RUNNING a@1 | 1:UNCLAIMED new | 2:UNCLAIMED new",
       "desired changed x1 -> x3, created 1:UNCLAIMED, created 2:UNCLAIMED", "auction 1 2"},
      {"scale down: rows nobody holds go, held ones are stopped",
       "desired=4 | RUNNING a@1 | 1:UNCLAIMED | 2:CRASHED | 3:RUNNING b@1", Scale(1), "ok",
       "RUNNING a@1 | 3:RUNNING b@1",
       "desired changed x4 -> x1, removed 1:UNCLAIMED, removed 2:CRASHED", "stop b@1"},
      {"scale down leaves evacuating rows alone, stops suspects",
       "desired=2 | RUNNING a@1 | 1E:RUNNING b@1 | 1S:RUNNING c@2", Scale(1), "ok",
       "RUNNING a@1 | 1E:RUNNING b@1 | 1S:RUNNING c@2", "desired changed x2 -> x1", "stop c@2"},
      {"same count", "desired | UNCLAIMED", Scale(1), "ok", "UNCLAIMED",
       "desired changed x1 -> x1"},
  };
  for (const TableRow& row : rows) Verify(row);
  CHECK(testing::Run(World("desired"), Annotate()).after.FindDesired(kWeb)->tag ==
        ModificationTag{kOldEpoch, testing::kOldTagIndex + 1});
}

TEST_CASE("update: whatever is given changes, and nothing else", "[bbs][desired_lrp]") {
  const State state = World("desired=2 routes=old.internal");
  const auto updated = [&](const DesiredLrpUpdate& update) {
    return *testing::Run(state, UpdateDesiredLrp{kWeb, update}).after.FindDesired(kWeb);
  };
  DesiredLrp expected = *state.FindDesired(kWeb);
  expected.tag = expected.tag.Next();
  CHECK(updated({}) == expected);
  DesiredLrpUpdate update;
  update.image_username = "user";
  update.image_password = "secret";
  expected.image_username = "user";
  expected.image_password = "secret";
  CHECK(updated(update) == expected);
  update.annotation = "note";
  update.routes = Routes{{"cf-router", "[]"}};
  update.metric_tags = MetricTags{{"app", {"web", MetricTagValue::Dynamic::kInvalid}}};
  expected.annotation = "note";
  expected.routes = *update.routes;
  expected.metric_tags = *update.metric_tags;
  CHECK(updated(update) == expected);
}

TEST_CASE("remove desired: every row of the table", "[bbs][desired_lrp]") {
  const TableRow rows[] = {
      {"missing", "RUNNING a@1", Remove(), "ResourceNotFound", "RUNNING a@1", ""},
      {"stop from index 0", "desired=3 | UNCLAIMED | 1:CLAIMED a@1 | 2:CRASHED | 2E:RUNNING b@2",
       Remove(), "ok", "1:CLAIMED a@1 | 2E:RUNNING b@2",
       "desired removed x3, removed UNCLAIMED, removed 2:CRASHED", "stop a@1"},
  };
  for (const TableRow& row : rows) Verify(row);
}

TEST_CASE("expected tag: a record that has moved on is neither updated nor removed",
          "[bbs][desired_lrp]") {
  const ModificationTag now{kOldEpoch, testing::kOldTagIndex};
  struct Row {
    const char* what;
    std::optional<ModificationTag> expected;
    const char* status;
  };
  const Row rows[] = {{"none", std::nullopt, "ok"},
                      {"the present one", now, "ok"},
                      {"an earlier index", ModificationTag{kOldEpoch, 4}, "ResourceConflict"},
                      {"a later index", ModificationTag{kOldEpoch, 6}, "ResourceConflict"},
                      {"another epoch", ModificationTag{"other", 5}, "ResourceConflict"}};
  for (const Row& row : rows) {
    INFO(row.what);
    UpdateDesiredLrp update = std::get<UpdateDesiredLrp>(Annotate());
    update.expected_tag = row.expected;
    for (const Command& command :
         {Command(update), Command(RemoveDesiredLrp{kWeb, row.expected})}) {
      const Outcome outcome = testing::Run(World("desired | RUNNING a@1"), command).outcome;
      CHECK(testing::Words(outcome.status) == row.status);
      CHECK(outcome.changes.empty() != outcome.status.ok());
      if (outcome.status.ok()) continue;
      CHECK_THAT(std::string(outcome.status.message()),
                 Catch::Contains("at modification tag old-epoch:5") &&
                     Catch::Contains(
                         absl::StrCat("not at ", row.expected->epoch, ":", row.expected->index)));
    }
  }
  const State unreadable = World("unreadable");
  CHECK(testing::Words(testing::Run(unreadable, RemoveDesiredLrp{kWeb, now}).outcome.status) ==
        "ResourceConflict");
}

TEST_CASE("update: cells are told of new internal routes and metric tags", "[bbs][desired_lrp]") {
  const char* const kWorld =
      "desired=3 routes=old.internal | RUNNING a@1 | 1:CLAIMED b@2 | 2:UNCLAIMED | "
      "2E:RUNNING c@3 | 2S:RUNNING d@4";
  const auto told = [](const char* world, const Command& command) {
    return testing::Words(testing::Run(World(world), command).outcome.effects);
  };
  CHECK(told(kWorld, Reroute(R"([{"hostname":"new.internal"}])")) ==
        "update a@1, update b@2, update d@4");
  CHECK(told(kWorld, Reroute(R"([{"hostname":"old.internal"}])")) == "");
  CHECK(told(kWorld, Reroute("")) == "update a@1, update b@2, update d@4");
  CHECK(told("desired | RUNNING a@1", Reroute("")) == "update a@1");  // neither side has the key
  CHECK(told(kWorld, Annotate()) == "");

  const auto effects = testing::Run(World("desired=2 | 1:RUNNING a@1"), Tag()).outcome.effects;
  const LrpInstanceUpdate update = std::get<UpdateInstance>(effects.at(0)).update;
  CHECK(update.has_metric_tags);
  CHECK_FALSE(update.has_internal_routes);
  CHECK(update.metric_tags ==
        std::map<std::string, std::string>{{"app", "web"}, {"index", "1"}, {"guid", "a"}});
}

TEST_CASE("internal routes: hostnames are read, anything else is none", "[bbs][desired_lrp]") {
  const auto read = [](const char* json) {
    return InternalRouteHostnames(Routes{{"internal-router", json}});
  };
  using Names = std::vector<std::string>;
  CHECK(read(R"([{"hostname":"a.b"},{"hostname":"c"}])") == Names{"a.b", "c"});
  CHECK(read(R"( [ { "x" : [1,-2.5e3,{"y":null}], "hostname" : "a\u002db\/" } ] )") ==
        Names{"a-b/"});
  CHECK(read("[]").empty());
  for (const char* bad : {"", "null", "{", "[", "[{\"hostname\":1}]", "[{\"hostname\":\"a\"}] x",
                          "[{\"hostname\":\"a", "[{\"hostname\":\"\\u00", "[1]"}) {
    CHECK(read(bad).empty());
  }
  CHECK(InternalRouteHostnames({}).empty());
}

TEST_CASE("an unreadable desired LRP: removed on request, desired anew, and known again",
          "[bbs][desired_lrp]") {
  const State state = World("fresh | unreadable | RUNNING a@1 | 1:UNCLAIMED");
  const testing::Result removed = testing::Run(state, Remove());
  CHECK(removed.outcome.status.ok());
  CHECK(testing::Rows(removed.after) == "RUNNING a@1");
  CHECK(testing::Words(removed.outcome.effects) == "stop a@1");
  CHECK_FALSE(removed.after.IsUnreadable(kWeb));
  CHECK(testing::Run(removed.after, Remove()).outcome.status.code() == absl::StatusCode::kNotFound);

  const testing::Result desired = testing::Run(state, DesireLrp{testing::Web(1)});
  CHECK(desired.outcome.status.ok());
  CHECK_FALSE(desired.after.IsUnreadable(kWeb));
}

}  // namespace diego::bbs
