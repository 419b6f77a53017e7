#include "services/route-emitter/core/routing_table.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace diego::route_emitter {
namespace {

using S = ActualLrpState;

RoutingInfo Info(const std::string& guid, std::vector<std::string> hostnames, uint32_t index = 0,
                 int32_t instances = 10) {
  RoutingInfo info;
  info.process_guid = ProcessGuid(guid);
  info.domain = Domain("d");
  info.log_guid = guid + "-log";
  info.instances = instances;
  info.tag = {"desired-epoch", index};
  for (std::string& hostname : hostnames) {
    HttpRoute route;
    route.container_port = 8080;
    route.hostname = std::move(hostname);
    info.http_routes.push_back(route);
  }
  return info;
}

ActualLrp Lrp(const std::string& guid, int32_t index, const std::string& instance,
              S state = S::kRunning, uint32_t tag = 1) {
  ActualLrp lrp;
  lrp.key = {ProcessGuid(guid), index, Domain("d")};
  lrp.instance = {InstanceGuid(instance), CellId("cell-1")};
  lrp.state = state;
  lrp.net_info.address = "10.0.0.1";
  lrp.net_info.instance_address = absl::StrCat("10.255.0.", index);
  lrp.net_info.ports = {{8080, 61000u + static_cast<uint32_t>(index), 61443, 0}, {2222, 1, 0, 0}};
  lrp.since = absl::FromUnixNanos(1000 + tag);
  lrp.tag = {"actual-" + instance, tag};
  return lrp;
}

ActualLrp Evacuating(ActualLrp lrp) {
  lrp.presence = Presence::kEvacuating;
  lrp.tag = {"evacuating-epoch", 0};
  return lrp;
}

// "+uri@host:port" and "-uri@host:port", in the order of publishing.
std::string Text(const Messages& messages) {
  std::vector<std::string> parts;
  const auto add = [&](const char* sign, const std::vector<RegistryMessage>& all) {
    for (const RegistryMessage& m : all) {
      parts.push_back(absl::StrCat(sign, absl::StrJoin(m.uris, "|"), "@", m.host, ":", m.port));
    }
  };
  add("-", messages.unregistrations);
  add("+", messages.registrations);
  add("-i:", messages.internal_unregistrations);
  add("+i:", messages.internal_registrations);
  return absl::StrJoin(parts, " ");
}

// A table that knows "web" with one route and one running instance, index 0.
RoutingTable WebTable() {
  RoutingTable table({});
  table.Apply(DesiredSet{Info("web", {"web.com"})});
  table.Apply(InstanceCreated{Lrp("web", 0, "a")});
  return table;
}

TEST_CASE("routing table: what each event makes routers hear", "[route-emitter][table]") {
  ActualLrp not_routable = Lrp("web", 0, "a", S::kRunning, 2);
  not_routable.routable = false;
  ActualLrp not_yet_routable = Lrp("web", 1, "b");
  not_yet_routable.routable = false;
  ActualLrp moved_port = Lrp("web", 0, "a", S::kRunning, 2);
  moved_port.net_info.ports[0].host_port = 62000;
  ActualLrp only_since = Lrp("web", 0, "a", S::kRunning, 2);
  ActualLrp suspect = Lrp("web", 0, "a");
  suspect.presence = Presence::kSuspect;
  RoutingInfo other_service = Info("web", {"web.com"}, 1);
  other_service.http_routes[0].route_service_url = "https://service";
  RoutingInfo other_options = Info("web", {"web.com"}, 1);
  other_options.http_routes[0].options = "{\"loadbalancing\":\"least-connection\"}";
  other_options.metric_tags["a"].static_value = "b";
  RoutingInfo other_log_guid = Info("web", {"web.com"}, 1);
  other_log_guid.log_guid = "other";
  struct Case {
    const char* what;
    Change change;
    const char* heard;
  };
  const Case cases[] = {
      {"a new LRP without instances", DesiredSet{Info("api", {"api.com"})}, ""},
      {"a route added", DesiredSet{Info("web", {"web.com", "www.web.com/path"}, 1)},
       "+www.web.com/path@10.0.0.1:61000"},
      {"a route removed", DesiredSet{Info("web", {}, 1)}, "-web.com@10.0.0.1:61000"},
      {"a route replaced", DesiredSet{Info("web", {"new.com"}, 1)},
       "-web.com@10.0.0.1:61000 +new.com@10.0.0.1:61000"},
      {"another route service: the name stays registered", DesiredSet{other_service},
       "+web.com@10.0.0.1:61000"},
      {"another log guid: the name stays registered", DesiredSet{other_log_guid},
       "+web.com@10.0.0.1:61000"},
      {"only options or metric tags: nothing until the next emission", DesiredSet{other_options},
       ""},
      {"a stale desired LRP", DesiredSet{Info("web", {"old.com"}, 0)}, ""},
      {"scaled to nothing", DesiredSet{Info("web", {"web.com"}, 1, 0)}, "-web.com@10.0.0.1:61000"},
      {"desired LRP removed", DesiredRemoved{ProcessGuid("web"), {"desired-epoch", 0}},
       "-web.com@10.0.0.1:61000"},
      {"an LRP that is not known removed", DesiredRemoved{ProcessGuid("api"), {"x", 0}}, ""},
      {"instance created running", InstanceCreated{Lrp("web", 1, "b")}, "+web.com@10.0.0.1:61001"},
      {"instance created running, but not routable", InstanceCreated{not_yet_routable},
       "+web.com@10.0.0.1:61001"},
      {"instance comes to run, but not routable",
       InstanceChanged{Lrp("web", 1, "b", S::kClaimed, 0), not_yet_routable}, ""},
      {"instance created unclaimed", InstanceCreated{Lrp("web", 1, "b", S::kUnclaimed)}, ""},
      {"instance beyond those desired", InstanceCreated{Lrp("web", 10, "b")}, ""},
      {"the same instance again", InstanceCreated{Lrp("web", 0, "a")}, ""},
      {"instance comes to run",
       InstanceChanged{Lrp("web", 1, "b", S::kClaimed, 0), Lrp("web", 1, "b")},
       "+web.com@10.0.0.1:61001"},
      {"running instance changes its port", InstanceChanged{Lrp("web", 0, "a"), moved_port},
       "-web.com@10.0.0.1:61000 +web.com@10.0.0.1:62000"},
      {"running instance changes nothing that routers see",
       InstanceChanged{Lrp("web", 0, "a"), only_since}, ""},
      {"running instance becomes suspect", InstanceChanged{Lrp("web", 0, "a"), suspect}, ""},
      {"running instance stops being routable", InstanceChanged{Lrp("web", 0, "a"), not_routable},
       "-web.com@10.0.0.1:61000"},
      {"running instance is claimed again",
       InstanceChanged{Lrp("web", 0, "a"), Lrp("web", 0, "a", S::kClaimed, 2)},
       "-web.com@10.0.0.1:61000"},
      {"running instance crashes",
       InstanceChanged{Lrp("web", 0, "a"), Lrp("web", 0, "a", S::kCrashed, 2)},
       "-web.com@10.0.0.1:61000"},
      {"ordinary becomes evacuating",
       InstanceChanged{Lrp("web", 0, "a"), Evacuating(Lrp("web", 0, "a"))}, ""},
      {"running instance removed", InstanceRemoved{Lrp("web", 0, "a")}, "-web.com@10.0.0.1:61000"},
      {"an unclaimed record removed", InstanceRemoved{Lrp("web", 0, "a", S::kUnclaimed)}, ""},
      {"an instance that is not known removed", InstanceRemoved{Lrp("web", 3, "z")}, ""},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    RoutingTable table = WebTable();
    CHECK(Text(table.Apply(c.change).messages) == c.heard);
  }
}

TEST_CASE("routing table: routes that come after their endpoints register them",
          "[route-emitter][table]") {
  RoutingTable table({});
  CHECK(table.Apply(InstanceCreated{Lrp("web", 0, "a")}).messages.empty());
  CHECK_FALSE(table.Knows(ProcessGuid("web")));
  CHECK(Text(table.Apply(DesiredSet{Info("web", {"web.com"})}).messages) ==
        "+web.com@10.0.0.1:61000");
  CHECK(table.Knows(ProcessGuid("web")));
}

TEST_CASE("routing table: stale news of an instance is ignored", "[route-emitter][table]") {
  RoutingTable table({});
  table.Apply(DesiredSet{Info("web", {"web.com"})});
  table.Apply(InstanceCreated{Lrp("web", 0, "a", S::kRunning, 5)});
  ActualLrp old = Lrp("web", 0, "a", S::kRunning, 4);
  old.net_info.ports[0].host_port = 1;
  CHECK(table.Apply(InstanceCreated{old}).messages.empty());
  CHECK(table.Apply(InstanceRemoved{old}).messages.empty());
  CHECK_FALSE(table.Apply(InstanceRemoved{Lrp("web", 0, "a", S::kRunning, 5)}).messages.empty());
}

TEST_CASE("routing table: an evacuating and an ordinary endpoint of one instance are one",
          "[route-emitter][table]") {
  RoutingTable table = WebTable();
  CHECK(table.Apply(InstanceCreated{Evacuating(Lrp("web", 0, "a"))}).messages.empty());
  CHECK(table.All().registrations.size() == 1);
  CHECK(table.Apply(InstanceRemoved{Lrp("web", 0, "a")}).messages.empty());
  CHECK(Text(table.Apply(InstanceRemoved{Evacuating(Lrp("web", 0, "a"))}).messages) ==
        "-web.com@10.0.0.1:61000");
}

TEST_CASE("routing table: scaling up again shows an instance that never went away",
          "[route-emitter][table]") {
  RoutingTable table = WebTable();
  table.Apply(DesiredSet{Info("web", {"web.com"}, 1, 0)});
  CHECK(table.All().registrations.empty());
  CHECK(Text(table.Apply(DesiredSet{Info("web", {"web.com"}, 2, 1)}).messages) ==
        "+web.com@10.0.0.1:61000");
}

TEST_CASE("routing table: what a registration says", "[route-emitter][message]") {
  RoutingTable table({});
  RoutingInfo info = Info("web", {"web.com"});
  info.http_routes[0].route_service_url = "https://rs";
  info.http_routes[0].isolation_segment = "iso";
  info.http_routes[0].protocol = "http2";
  info.http_routes[0].options = "{}";
  info.metric_tags["fixed"].static_value = "v";
  info.metric_tags["index"].dynamic = MetricTagValue::Dynamic::kIndex;
  info.metric_tags["instance"].dynamic = MetricTagValue::Dynamic::kInstanceGuid;
  table.Apply(DesiredSet{info});
  ActualLrp lrp = Lrp("web", 3, "a");
  lrp.net_info.ports[0].host_tls_proxy_port = 61500;
  lrp.availability_zone = "z1";
  const Messages messages = table.Apply(InstanceCreated{lrp}).messages;
  REQUIRE(messages.registrations.size() == 1);
  RegistryMessage expected;
  expected.host = "10.0.0.1";
  expected.port = 61003;
  expected.tls_port = 61500;
  expected.uris = {"web.com"};
  expected.protocol = "http2";
  expected.app = "web-log";
  expected.route_service_url = "https://rs";
  expected.private_instance_id = "a";
  expected.private_instance_index = "3";
  expected.server_cert_domain_san = "a";
  expected.isolation_segment = "iso";
  expected.endpoint_updated_at_ns = 1001;
  expected.tags = {
      {"fixed", "v"}, {"index", "3"}, {"instance", "a"}, {"component", "route-emitter"}};
  expected.availability_zone = "z1";
  expected.options = "{}";
  CHECK(messages.registrations[0] == expected);

  expected.endpoint_updated_at_ns = 0;
  CHECK(table.All().registrations == std::vector<RegistryMessage>{expected});
  CHECK(table.Apply(InstanceRemoved{lrp}).messages.unregistrations ==
        std::vector<RegistryMessage>{expected});
}

TEST_CASE("routing table: the instance's own address is used when preferred",
          "[route-emitter][message]") {
  struct Case {
    PreferredAddress preferred;
    bool option;
    const char* heard;
  };
  const char* host = "+web.com@10.0.0.1:61000";
  const char* direct = "+web.com@10.255.0.0:8080";
  const Case cases[] = {
      {PreferredAddress::kUnknown, false, host},    {PreferredAddress::kUnknown, true, direct},
      {PreferredAddress::kInstance, false, direct}, {PreferredAddress::kInstance, true, direct},
      {PreferredAddress::kHost, false, host},       {PreferredAddress::kHost, true, host},
  };
  for (const Case& c : cases) {
    RoutingTable table({c.option, false});
    table.Apply(DesiredSet{Info("web", {"web.com"})});
    ActualLrp lrp = Lrp("web", 0, "a");
    lrp.net_info.preferred_address = c.preferred;
    const Messages messages = table.Apply(InstanceCreated{lrp}).messages;
    CHECK(Text(messages) == c.heard);
    CHECK(messages.registrations.at(0).tls_port == (c.heard == direct ? 61443u : 0u));
  }
}

TEST_CASE("routing table: internal routes name the instance under its own address",
          "[route-emitter][message]") {
  RoutingInfo info = Info("web", {});
  info.internal_hostnames = {"web.internal"};
  RoutingTable off({});
  off.Apply(DesiredSet{info});
  CHECK(off.Apply(InstanceCreated{Lrp("web", 2, "a")}).messages.empty());

  RoutingTable table({false, true});
  table.Apply(DesiredSet{info});
  const Messages messages = table.Apply(InstanceCreated{Lrp("web", 2, "a")}).messages;
  CHECK(Text(messages) == "+i:web.internal|2.web.internal@10.255.0.2:0");
  const RegistryMessage& message = messages.internal_registrations.at(0);
  CHECK(message.app == "web-log");
  CHECK(message.private_instance_index == "2");
  CHECK(message.private_instance_id.empty());
  CHECK(message.tags == std::map<std::string, std::string>{{"component", "route-emitter"}});
  CHECK(message.endpoint_updated_at_ns == 1001);
  CHECK(Text(table.All()) == Text(messages));
  info.internal_hostnames = {};
  info.tag.index = 1;
  CHECK(Text(table.Apply(DesiredSet{info}).messages) ==
        "-i:web.internal|2.web.internal@10.255.0.2:0");
}

TEST_CASE("routing table: two instances at one address are told, and both are kept",
          "[route-emitter][table]") {
  RoutingTable table = WebTable();
  ActualLrp twin = Lrp("web", 1, "b");
  twin.net_info.ports[0].host_port = 61000;
  const TableUpdate update = table.Apply(InstanceCreated{twin});
  REQUIRE(update.collisions.size() >= 1);
  CHECK(update.collisions[0].address.substr(0, 9) == "10.0.0.1:");
  CHECK(table.All().registrations.size() == 2);
  SECTION("removing one leaves the name to the other") {
    CHECK(table.Apply(InstanceRemoved{Lrp("web", 0, "a")}).messages.empty());
    CHECK_FALSE(table.Apply(InstanceRemoved{twin}).messages.empty());
  }
}

Snapshot SnapshotOf(std::vector<RoutingInfo> desired, std::vector<ActualLrp> actuals,
                    std::set<Domain> fresh = {Domain("d")}) {
  return {std::move(desired), std::move(actuals), std::move(fresh)};
}

TEST_CASE("routing table: a resync publishes the difference", "[route-emitter][resync]") {
  ActualLrp unroutable = Lrp("web", 0, "a");
  unroutable.routable = false;
  struct Case {
    const char* what;
    Snapshot snapshot;
    const char* heard;
  };
  const Case cases[] = {
      {"nothing changed", SnapshotOf({Info("web", {"web.com"})}, {Lrp("web", 0, "a")}), ""},
      {"one more instance",
       SnapshotOf({Info("web", {"web.com"})}, {Lrp("web", 0, "a"), Lrp("web", 1, "b")}),
       "+web.com@10.0.0.1:61001"},
      {"instance gone", SnapshotOf({Info("web", {"web.com"})}, {}), "-web.com@10.0.0.1:61000"},
      {"instance no longer routable", SnapshotOf({Info("web", {"web.com"})}, {unroutable}),
       "-web.com@10.0.0.1:61000"},
      {"instance replaced at the same address: the name stays",
       SnapshotOf({Info("web", {"web.com"})}, {Lrp("web", 0, "z")}), "+web.com@10.0.0.1:61000"},
      {"route gone", SnapshotOf({Info("web", {})}, {Lrp("web", 0, "a")}),
       "-web.com@10.0.0.1:61000"},
      {"route gone while the domain is stale: kept",
       SnapshotOf({Info("web", {"new.com"})}, {Lrp("web", 0, "a")}, {Domain("other")}),
       "+new.com@10.0.0.1:61000"},
      {"LRP gone", SnapshotOf({}, {Lrp("web", 0, "a")}), "-web.com@10.0.0.1:61000"},
      {"LRP gone while the domain is stale: kept",
       SnapshotOf({}, {Lrp("web", 0, "a")}, {Domain("other")}), ""},
      {"endpoints always come from the snapshot", SnapshotOf({}, {}, {Domain("other")}),
       "-web.com@10.0.0.1:61000"},
      {"a snapshot that knows nothing at all", SnapshotOf({}, {}, {}), ""},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    RoutingTable table = WebTable();
    CHECK(Text(table.Resync(c.snapshot).messages) == c.heard);
  }
  RoutingTable table = WebTable();
  CHECK(table.Resync(SnapshotOf({}, {}, {})).blank_snapshot);
  CHECK(table.All().registrations.size() == 1);
  CHECK_FALSE(RoutingTable({}).Resync(SnapshotOf({}, {}, {})).blank_snapshot);
}

TEST_CASE("routing table: what was created not routable goes with the next news that says so",
          "[route-emitter][table]") {
  ActualLrp created = Lrp("web", 1, "b");
  created.routable = false;
  ActualLrp later = Lrp("web", 1, "b", S::kRunning, 2);
  later.routable = false;
  RoutingTable changed = WebTable();
  changed.Apply(InstanceCreated{created});
  CHECK(Text(changed.Apply(InstanceChanged{created, later}).messages) == "-web.com@10.0.0.1:61001");
  RoutingTable synced = WebTable();
  synced.Apply(InstanceCreated{created});
  CHECK(Text(synced.Resync(SnapshotOf({Info("web", {"web.com"})}, {Lrp("web", 0, "a"), later}))
                 .messages) == "-web.com@10.0.0.1:61001");
}

TEST_CASE("routing table: addresses that change hands in a resync are no collision",
          "[route-emitter][resync]") {
  RoutingTable table({});
  table.Resync(SnapshotOf({Info("a", {"a.com"}), Info("b", {"b.com"})},
                          {Lrp("a", 0, "ia"), Lrp("b", 1, "ib")}));
  ActualLrp a = Lrp("a", 0, "ia", S::kRunning, 2);
  ActualLrp b = Lrp("b", 1, "ib", S::kRunning, 2);
  std::swap(a.net_info.ports[0], b.net_info.ports[0]);
  a.net_info.ports.pop_back();
  b.net_info.ports.pop_back();
  const TableUpdate update =
      table.Resync(SnapshotOf({Info("a", {"a.com"}), Info("b", {"b.com"})}, {a, b}));
  CHECK(update.collisions.empty());
  CHECK(Text(update.messages) ==
        "-a.com@10.0.0.1:61000 -b.com@10.0.0.1:61001 +a.com@10.0.0.1:61001 +b.com@10.0.0.1:61000");
}

TEST_CASE("routing table: events and a resync to the same end give the same table",
          "[route-emitter][resync]") {
  RoutingTable by_events({});
  by_events.Apply(DesiredSet{Info("web", {"a.com", "b.com"})});
  by_events.Apply(InstanceCreated{Lrp("web", 0, "a")});
  by_events.Apply(InstanceCreated{Lrp("web", 1, "b")});
  by_events.Apply(InstanceRemoved{Lrp("web", 0, "a")});
  by_events.Apply(DesiredSet{Info("web", {"b.com", "c.com"}, 1)});
  RoutingTable by_snapshot({});
  const Snapshot snapshot = SnapshotOf({Info("web", {"b.com", "c.com"}, 1)}, {Lrp("web", 1, "b")});
  by_snapshot.Resync(snapshot);
  CHECK(by_events.All() == by_snapshot.All());
  CHECK(by_events.Resync(snapshot).messages.empty());
}

}  // namespace
}  // namespace diego::route_emitter
