#include "services/bbs/api/request_identity.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/models/error.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/task.pb.h"

namespace diego::bbs {
namespace {

using rpc::PeerIdentity;
using rpc::Role;

const PeerIdentity kOperator{Role::kOperator, CellId(), "operator"};

models::UpdateDesiredLRPRequest Update() {
  models::UpdateDesiredLRPRequest request;
  request.set_process_guid("web");
  for (int i = 0; i < 20; ++i) {
    (*request.mutable_update()->mutable_routes()->mutable_routes())[std::to_string(i)] = "[]";
  }
  return request;
}

std::string DigestOf(const PeerIdentity& peer, BbsCall call,
                     const google::protobuf::MessageLite& request) {
  const auto identity = RequestIdentityOf("id", peer, call, request);
  REQUIRE(identity.ok());
  CHECK(identity->id == "id");
  return identity->digest;
}

TEST_CASE("request identity: the same call has the same digest, any other another", "[bbs][api]") {
  const std::string digest = DigestOf(kOperator, BbsCall::kUpdateDesiredLRP, Update());
  CHECK(digest.size() == 64);
  CHECK(DigestOf(kOperator, BbsCall::kUpdateDesiredLRP, Update()) == digest);

  models::UpdateDesiredLRPRequest other = Update();
  other.mutable_update()->set_instances(2);
  CHECK(DigestOf(kOperator, BbsCall::kUpdateDesiredLRP, other) != digest);
  models::TaskGuidRequest task;
  task.set_task_guid("task");
  const std::string cancel = DigestOf(kOperator, BbsCall::kCancelTask, task);
  CHECK(DigestOf(kOperator, BbsCall::kDeleteTask, task) != cancel);
  const PeerIdentity cell{Role::kRep, CellId("cell-1"), "cell"};
  const PeerIdentity neighbour{Role::kRep, CellId("cell-2"), "cell"};
  CHECK(DigestOf(cell, BbsCall::kCancelTask, task) != cancel);
  CHECK(DigestOf(cell, BbsCall::kCancelTask, task) !=
        DigestOf(neighbour, BbsCall::kCancelTask, task));
}

TEST_CASE("request identity: what is no id is refused, and the message says what is one",
          "[bbs][api]") {
  for (const std::string& id : {std::string(), std::string("two words"), std::string("tab\t"),
                                std::string("caf\xc3\xa9"), std::string(129, 'x')}) {
    INFO(id);
    const auto refused = RequestIdentityOf(id, kOperator, BbsCall::kUpdateDesiredLRP, Update());
    CHECK(IsDiegoError(refused.status(), ErrorType::kInvalidRequest));
    CHECK_THAT(std::string(refused.status().message()),
               Catch::Contains("diego-request-id") && Catch::Contains("1 to 128"));
  }
  CHECK(RequestIdentityOf(std::string(128, 'x'), kOperator, BbsCall::kUpdateDesiredLRP, Update())
            .ok());
}

}  // namespace
}  // namespace diego::bbs
