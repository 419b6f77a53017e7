// Nothing is lost on the way: over random messages of every kind, bytes, JSON text and the structs
// of libs/models give back what they were given.
#include <catch2/catch.hpp>
#include <memory>

#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/models/error.h"
#include "libs/wire/actual_lrp.h"
#include "libs/wire/cell.h"
#include "libs/wire/crash_restart_policy.h"
#include "libs/wire/desired_lrp.h"
#include "libs/wire/domain.h"
#include "libs/wire/error.h"
#include "libs/wire/json.h"
#include "libs/wire/metric_tags.h"
#include "libs/wire/placement.h"
#include "libs/wire/random_message.h"
#include "libs/wire/rollout.h"
#include "libs/wire/serialize.h"
#include "libs/wire/task.h"
#include "libs/wire/validate.h"

namespace diego::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::util::MessageDifferencer;

constexpr int kRounds = 40;

void CheckSame(const Message& wanted, const Message& got) {
  MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  const bool same = differencer.Compare(wanted, got);
  INFO(wanted.GetDescriptor()->name() << "\n" << difference);
  CHECK(same);
}

std::unique_ptr<Message> New(const Descriptor* descriptor) {
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

// Calls check(random) with many seeds; a failure tells the seed.
template <typename Check>
void ForSeeds(Check check) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    check(random);
  }
}

template <typename Proto>
Proto RandomProto(Random& random) {
  Proto proto;
  FillRandomly(&random, &proto);
  return proto;
}

// A refusal that says nothing is none.
template <typename Proto>
void ClearEmptyRefusal(Proto* proto) {
  if (Serialize(proto->placement_refusal()).empty()) proto->clear_placement_refusal();
}

TEST_CASE("round trip: every message through bytes, with unknown fields", "[wire][round_trip]") {
  Random random(1);
  REQUIRE(AllMessages().size() > 100);
  for (const Descriptor* descriptor : AllMessages()) {
    for (int round = 0; round < kRounds; ++round) {
      const auto message = New(descriptor);
      FillRandomly(&random, message.get());
      AddUnknownFields(&random, message.get());
      const auto back = New(descriptor);
      REQUIRE(Parse(Serialize(*message), descriptor->name(), back.get()).ok());
      CheckSame(*message, *back);
      REQUIRE(Serialize(*back) == Serialize(*message));
    }
  }
}

TEST_CASE("round trip: every message through JSON", "[wire][round_trip]") {
  Random random(2);
  for (const Descriptor* descriptor : AllMessages()) {
    for (int round = 0; round < kRounds; ++round) {
      const auto message = New(descriptor);
      FillRandomly(&random, message.get());
      const std::string text = ToJson(*message);
      INFO(descriptor->name() << " " << text);
      const auto back = New(descriptor);
      REQUIRE(FromJson(text, back.get(), UnknownKeys::kRefuse) == absl::OkStatus());
      CheckSame(*message, *back);
      REQUIRE(ToJson(*back) == text);
    }
  }
}

TEST_CASE("round trip: damaged text and bytes are refused or read, never a crash",
          "[wire][round_trip]") {
  const google::protobuf::LogSilencer silence;  // protobuf tells of every bad string
  Random random(3);
  for (int round = 0; round < 3000; ++round) {
    const auto lrp = RandomProto<models::DesiredLRP>(random);
    std::string text = ToJson(lrp);
    std::string bytes = Serialize(lrp);
    for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
      text[random.Below(text.size())] = static_cast<char>(random.Next());
      if (!bytes.empty()) bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
    }
    models::DesiredLRP read;
    if (FromJson(text, &read).ok()) Validate(read).IgnoreError();
    DesiredLrp stored;
    SetRunInfoWithCredentials(bytes, &stored).IgnoreError();
    if (Parse(bytes, "lrp", &read).ok()) {
      Validate(read).IgnoreError();
      ToJson(read);
      if (const auto lrp_read = FromProto(read); lrp_read.ok()) CHECK(ToProto(*lrp_read).ok());
    }
  }
}

// What an LRP is told of in two ways: an empty policy is none, and an id is made up where there is
// none.
void Normalize(models::DesiredLRP* proto) {
  if (proto->crash_restart_policy().ByteSizeLong() == 0) proto->clear_crash_restart_policy();
  if (proto->definition_id().empty()) {
    proto->set_definition_id(proto->modification_tag().epoch());
  }
}

TEST_CASE("round trip: actual LRPs and their parts", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto proto = RandomProto<models::ActualLRP>(random);
    proto.set_state(std::string(ActualLrpStateName(static_cast<ActualLrpState>(random.Below(4)))));
    ClearEmptyRefusal(&proto);
    const ActualLrp lrp = *FromProto(proto);
    CheckSame(proto, ToProto(lrp));
    CHECK(*FromProto(ToProto(lrp)) == lrp);

    const models::ActualLRPInfo info = ToInfoProto(lrp);
    const ActualLrp from_info = *FromInfoProto(ToProto(lrp.key), ToProto(lrp.instance), info);
    CheckSame(info, ToInfoProto(from_info));
    CHECK(from_info.key == lrp.key);
    CHECK(from_info.instance == lrp.instance);
  });
}

TEST_CASE("round trip: desired LRPs", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto proto = RandomProto<models::DesiredLRP>(random);
    Normalize(&proto);
    proto.mutable_routes();  // both are written always
    proto.mutable_modification_tag();
    FillSourceId(proto.mutable_metrics_guid(), proto.mutable_metric_tags());
    const DesiredLrp lrp = *FromProto(proto, absl::FromUnixNanos(random.Next() >> 1));
    CheckSame(proto, *ToProto(lrp));

    DesiredLrp stored = lrp;
    REQUIRE(SetRunInfoWithCredentials(RunInfoWithCredentials(lrp), &stored).ok());
    CHECK(stored == lrp);
    CheckSame(*ToProto(*FromProto(*ToProto(lrp))), proto);
  });
}

TEST_CASE("round trip: unknown fields inside a desired LRP's run info survive",
          "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto proto = RandomProto<models::DesiredLRP>(random);
    Normalize(&proto);
    proto.mutable_routes();
    proto.mutable_modification_tag();
    FillSourceId(proto.mutable_metrics_guid(), proto.mutable_metric_tags());
    const Descriptor* run_info = models::DesiredLRPRunInfo::descriptor();
    const Descriptor* descriptor = proto.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() ||
          run_info->FindFieldByName(field->name()) == nullptr) {
        continue;
      }
      const auto* reflection = proto.GetReflection();
      if (field->is_repeated()) {
        for (int n = 0; n < reflection->FieldSize(proto, field); ++n) {
          AddUnknownFields(&random, reflection->MutableRepeatedMessage(&proto, field, n));
        }
      } else if (reflection->HasField(proto, field)) {
        AddUnknownFields(&random, reflection->MutableMessage(&proto, field));
      }
    }
    CheckSame(proto, *ToProto(*FromProto(proto)));
  });
}

TEST_CASE("round trip: unknown fields of a stored run info survive", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto run_info = RandomProto<models::DesiredLRPRunInfo>(random);
    AddUnknownFields(&random, &run_info);
    DesiredLrp lrp;
    REQUIRE(SetRunInfoWithCredentials(Serialize(run_info), &lrp).ok());
    models::DesiredLRPRunInfo back;
    REQUIRE(Parse(RunInfoWithCredentials(lrp), "run_info", &back).ok());
    CheckSame(run_info, back);
  });
}

TEST_CASE("round trip: unknown fields of a volume placement survive", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    models::DesiredLRPSchedulingInfo info = RandomProto<models::DesiredLRPSchedulingInfo>(random);
    AddUnknownFields(&random, info.mutable_volume_placement());
    const DesiredLrp read = FromProto(info);
    CHECK_FALSE(read.placement.unknown_of_volumes.empty());
    CheckSame(info, ToSchedulingInfoProto(read));
    CheckSame(info.volume_placement(), ToVolumesProto(read.placement));

    // As a definition that is kept while another is active.
    LrpDefinition definition;
    definition.placement = read.placement;
    Rollout rollout;
    rollout.kept = {definition};
    CHECK(*RolloutFromBytes(RolloutBytes(rollout)) == rollout);
  });
}

TEST_CASE("round trip: unknown fields of a net info and of its ports survive",
          "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto net_info = RandomProto<models::ActualLRPNetInfo>(random);
    AddUnknownFields(&random, &net_info);
    const NetInfo read = *FromProto(net_info);
    CheckSame(net_info, ToProto(read));
    CHECK(*FromProto(ToProto(read)) == read);
  });
}

TEST_CASE("round trip: the scheduling, routing and update forms of a desired LRP",
          "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto info = RandomProto<models::DesiredLRPSchedulingInfo>(random);
    info.mutable_volume_placement();
    CheckSame(info, ToSchedulingInfoProto(FromProto(info)));

    const DesiredLrp lrp = *FromProto(RandomProto<models::DesiredLRP>(random));
    const models::DesiredLRP routing = ToRoutingInfoProto(lrp);
    CheckSame(routing, ToRoutingInfoProto(*FromProto(routing)));

    auto update = RandomProto<models::DesiredLRPUpdate>(random);
    update.clear_definition();
    CheckSame(update, *ToProto(*FromProto(update)));
  });
}

TEST_CASE("round trip: definitions, as updates carry them and as rows keep them",
          "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    models::DesiredLRPUpdate update;
    *update.mutable_definition() = RandomProto<models::DesiredLRP>(random);
    const DesiredLrpUpdate read = *FromProto(update);
    const models::DesiredLRP written = ToProto(read)->definition();
    CHECK(written.instances() == 0);
    CHECK(written.metric_tags().empty());
    CHECK(written.definition_id() == update.definition().definition_id());
    CHECK(written.root_fs() == update.definition().root_fs());
    CHECK(Serialize(written.action()) == Serialize(update.definition().action()));

    Rollout rollout;
    rollout.healthy_id = "v1";
    rollout.base_id = "v0";
    if (random.Below(2) == 0) rollout.index = static_cast<int32_t>(random.Below(3));
    rollout.beside = random.Below(2) == 0;
    rollout.index_since = absl::FromUnixNanos(static_cast<int64_t>(random.Next() >> 1));
    rollout.given_up = {{2, absl::FromUnixSeconds(7)}};
    rollout.kept = {*read.definition, *read.definition};
    rollout.stopped = {InstanceGuid("a"), InstanceGuid("b")};
    CHECK(*RolloutFromBytes(RolloutBytes(rollout)) == rollout);
  });
  CHECK(*RolloutFromBytes(RolloutBytes(Rollout())) == Rollout());
  CHECK(IsDiegoError(RolloutFromBytes("\xff").status(), ErrorType::kDeserialize));
}

TEST_CASE("round trip: tasks, with unknown fields in their definitions", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto proto = RandomProto<models::Task>(random);
    models::TaskDefinition* definition = proto.mutable_task_definition();
    FillSourceId(definition->mutable_metrics_guid(), definition->mutable_metric_tags());
    AddUnknownFields(&random, definition);
    ClearEmptyRefusal(&proto);
    const Task task = *FromProto(proto);
    CheckSame(proto, *ToProto(task));
    CHECK(*FromProto(*ToProto(task)) == task);
    CheckSame(*definition, *DefinitionOf(task));
  });
}

TEST_CASE("round trip: placement refusals, through their column too", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    const auto proto = RandomProto<models::PlacementRefusal>(random);
    CheckSame(proto, ToProto(FromProto(proto)));
    const Opaque bytes = PlacementRefusalBytes(proto);
    CheckSame(proto, PlacementRefusalOf(bytes));
    const auto read = PlacementRefusalFromJson(PlacementRefusalToJson(bytes));
    REQUIRE(read.ok());
    CHECK(*read == bytes);
  });
  CHECK(PlacementRefusalFromJson("{").status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("round trip: cells, domains and errors", "[wire][round_trip]") {
  ForSeeds([](Random& random) {
    auto cell = RandomProto<models::CellPresence>(random);
    cell.mutable_capacity();
    CheckSame(cell, ToProto(FromProto(cell)));

    auto domains = RandomProto<models::DomainsResponse>(random);
    domains.clear_error();
    domains.clear_revision();
    models::DomainsResponse again;
    std::vector<std::string> without_default;
    for (const auto& [domain, policy] : domains.crash_restart_policies()) {
      if (FromProto(policy).empty()) without_default.push_back(domain);
    }
    for (const std::string& domain : without_default) {
      domains.mutable_crash_restart_policies()->erase(domain);
    }
    for (const Domain& domain : FromProto(domains)) AddDomain(domain, true, {}, &again);
    for (const auto& [domain, policy] : CrashRestartPoliciesOf(domains)) {
      AddDomain(domain, false, policy, &again);
    }
    CheckSame(domains, again);

    const auto upsert = RandomProto<models::UpsertDomainRequest>(random);
    CheckSame(upsert, UpsertDomainProto(Domain(upsert.domain()), TtlOf(upsert),
                                        CrashRestartPolicyOf(upsert)));

    auto error = RandomProto<models::Error>(random);
    if (error.message().empty()) error.set_message("x");  // else the type's own text comes in
    CheckSame(error, ToProto(FromProto(error)));
  });
}

}  // namespace
}  // namespace diego::wire
