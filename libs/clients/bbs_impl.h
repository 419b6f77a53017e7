// What the parts of BbsClient share. Internal to libs/clients.
#pragma once

#include <memory>
#include <utility>

#include "libs/clients/bbs_client.h"
#include "libs/clients/caller.h"
#include "proto/diego/bbs.grpc.pb.h"

namespace diego::clients {

using BbsStub = diego::Bbs::Stub;
using rpc::Repeat;

struct BbsClient::Impl {
  Impl(const ConnectionOptions& connection, std::unique_ptr<rpc::FailoverChannel> channel)
      : options(connection), caller(connection, std::move(channel)) {}

  // A call of which only the status matters.
  template <typename Request, typename Response>
  absl::Status Do(Repeat repeat,
                  grpc::Status (BbsStub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
    Response response;
    return caller.Call(repeat, method, request, &response);
  }

  // The same for a call whose repetition would find its own work done; see Caller::CallOnce.
  template <typename Request, typename Response>
  absl::Status DoOnce(absl::string_view request_id,
                      grpc::Status (BbsStub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                      const Request& request) {
    Response response;
    return caller.CallOnce(request_id, method, request, &response);
  }

  const ConnectionOptions options;
  Caller<diego::Bbs> caller;
};

}  // namespace diego::clients
