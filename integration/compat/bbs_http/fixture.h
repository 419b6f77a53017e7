// A locket and BBSs as processes, and clients of the BBS's HTTP port that know the reference only.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "integration/suite/suite.h"
#include "libs/http/testing/raw_client.h"
#include "proto/models/actual_lrp.pb.h"
#include "proto/models/cells.pb.h"
#include "proto/models/desired_lrp.pb.h"
#include "proto/models/domain.pb.h"
#include "proto/models/evacuation.pb.h"
#include "proto/models/events.pb.h"
#include "proto/models/ping.pb.h"
#include "proto/models/task.pb.h"

namespace diego::compat {

// "POST path" with its headers and body.
std::string HttpRequest(absl::string_view method, absl::string_view path, absl::string_view body,
                        absl::string_view headers = "");

// One connection, kept. Every answer is checked for what all have in common.
class Client {
 public:
  explicit Client(std::unique_ptr<http::RawClient> raw) : raw_(std::move(raw)) {}

  http::RawReply Ask(absl::string_view method, absl::string_view path, absl::string_view body,
                     absl::string_view headers = "");
  template <typename Response>
  Response Call(absl::string_view path, absl::string_view body, absl::string_view headers = "") {
    const http::RawReply reply = Ask("POST", path, body, headers);
    INFO(path << " " << reply.head);
    REQUIRE(reply.status == 200);
    REQUIRE(reply.header("Content-Type") == "application/x-protobuf");
    REQUIRE(reply.header("Content-Length") == std::to_string(reply.body.size()));
    Response response;
    REQUIRE(response.ParseFromString(reply.body));
    return response;
  }
  template <typename Response, typename Request>
  requires requires(const Request& request) { request.SerializeAsString(); }
  Response Call(absl::string_view path, const Request& request, absl::string_view headers = "") {
    return Call<Response>(path, absl::string_view(request.SerializeAsString()), headers);
  }
  http::RawClient& raw() { return *raw_; }

 private:
  std::unique_ptr<http::RawClient> raw_;
};

class Fixture {
 public:
  explicit Fixture(harness::Store store, int bbs_count = 1);

  Client As(rpc::Role role, const std::string& cell_id = "");
  Client Operator() { return As(rpc::Role::kOperator); }
  // The cell is present: one that is not would have its instances taken for lost.
  Client Cell(const std::string& cell_id);
  // Of bbs-N.
  int HttpPort(int number = 1) { return PortOf(Bbs(number).http_address); }
  int HealthPort(int number = 1) { return PortOf(Bbs(number).health_address); }
  rpc::TlsFiles TlsFor(rpc::Role role, const std::string& cell_id = "");
  // Of bbs-1, by the end of its name.
  double Metric(absl::string_view name);
  suite::Deployment& deployment() { return deployment_; }

 private:
  harness::Member& Bbs(int number);
  static int PortOf(const std::string& address);

  suite::Deployment deployment_;
};

// A valid request; its LRP has one instance and domain "compat".
models::DesireLRPRequest DesireLrp(const std::string& guid);
models::DesireTaskRequest DesireTask(const std::string& guid);
models::ActualLRPKey Key(const std::string& guid, int index = 0);
models::ActualLRPInstanceKey InstanceKey(const std::string& instance, const std::string& cell);
template <typename Request>
Request Running(const std::string& guid, const std::string& instance, const std::string& cell) {
  Request request;
  *request.mutable_actual_lrp_key() = Key(guid);
  *request.mutable_actual_lrp_instance_key() = InstanceKey(instance, cell);
  request.mutable_actual_lrp_net_info()->set_address("10.0.0.1");
  request.add_actual_lrp_internal_routes()->set_hostname("app.internal");
  (*request.mutable_metric_tags())["app"] = std::string("a");  // GCC 12 misreads a literal
  request.set_availability_zone("z1");
  return request;
}

// "" for success.
template <typename Response>
std::string ErrorOf(const Response& response) {
  if (!response.has_error()) return "";
  return models::Error::Type_Name(response.error().type()) + ": " + response.error().message();
}

}  // namespace diego::compat
