// A BBS for tests of its client: it stands by, breaks off and forgets as told. Real gRPC.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "libs/models/error.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "libs/sync/guarded.h"
#include "proto/diego/bbs.grpc.pb.h"

namespace diego::clients {

// Thread-safe.
class FakeBbs final : public diego::Bbs::Service {
 public:
  struct Data {
    bool active = true;
    bool stopped = false;
    // Each vector holds the names of the tasks created in one revision; the first is revision 1.
    std::vector<std::vector<std::string>> history;
    int64_t oldest = 0;          // revisions up to this one are forgotten
    int break_after_events = 0;  // a stream is broken off after so many events; 0 = never
    absl::Status break_with = absl::UnavailableError("broken off");
    int break_after_chunks = 0;  // likewise a list
    int streams = 0;             // subscriptions accepted
    std::vector<std::string> desired;
    std::vector<std::string> request_ids;  // of the DesireLRP calls, as they came
    bool lose_answers = false;             // of DesireLRP: carried out, but the connection breaks
  };
  Guarded<Data> data;
  std::atomic<int> calls{0};

  void Commit(std::vector<std::string> tasks) {
    data.With([&](Data& d) { d.history.push_back(std::move(tasks)); });
  }
  // Ends all streams, so that the server can shut down.
  void Stop() {
    data.With([](Data& d) { d.stopped = true; });
  }

  grpc::Status Ping(grpc::ServerContext*, const PingRequest*,
                    models::PingResponse* response) override {
    response->set_available(true);
    return Admit();
  }

  grpc::Status DesireLRP(grpc::ServerContext* context, const models::DesireLRPRequest* request,
                         models::DesiredLRPLifecycleResponse*) override {
    if (grpc::Status status = Admit(); !status.ok()) return status;
    const auto id = context->client_metadata().find(rpc::kRequestIdMetadata);
    return data.With([&](Data& d) {
      d.request_ids.push_back(id == context->client_metadata().end()
                                  ? ""
                                  : std::string(id->second.data(), id->second.size()));
      if (d.lose_answers) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken off");
      for (const std::string& guid : d.desired) {
        if (guid == request->desired_lrp().process_guid()) {
          return rpc::ToGrpc(DiegoError(ErrorType::kResourceExists));
        }
      }
      d.desired.push_back(request->desired_lrp().process_guid());
      return grpc::Status::OK;
    });
  }

  // Two LRPs in a chunk of their own each, at revision 7.
  grpc::Status StreamActualLRPs(grpc::ServerContext*, const models::ActualLRPsRequest*,
                                grpc::ServerWriter<models::ActualLRPsResponse>* writer) override {
    if (grpc::Status status = Admit(); !status.ok()) return status;
    const int breaks = data.With([](const Data& d) { return d.break_after_chunks; });
    for (int i = 0; i < 2; ++i) {
      if (breaks > 0 && i >= breaks) return {grpc::StatusCode::UNAVAILABLE, ""};
      models::ActualLRPsResponse chunk;
      chunk.set_revision(7);
      models::ActualLRP* lrp = chunk.add_actual_lrps();
      lrp->mutable_actual_lrp_key()->set_process_guid("p");
      lrp->mutable_actual_lrp_key()->set_index(i);
      lrp->set_state("UNCLAIMED");
      writer->Write(chunk);
    }
    return grpc::Status::OK;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const SubscribeRequest* request,
                         grpc::ServerWriter<SubscribeResponse>* writer) override {
    if (grpc::Status status = Admit(); !status.ok()) return status;
    int64_t at = request->after_revision();
    const bool known = data.With([&](Data& d) {
      const auto last = static_cast<int64_t>(d.history.size());
      if (!request->has_after_revision()) at = last;
      ++d.streams;
      return at >= d.oldest && at <= last;
    });
    if (!known) return rpc::ToGrpc(absl::OutOfRangeError("too old, resync"));
    SubscribeResponse bookmark;
    bookmark.set_revision(at);
    bookmark.set_complete(true);
    writer->Write(bookmark);
    return Follow(context, at, writer);
  }

 private:
  grpc::Status Admit() {
    ++calls;
    const bool active = data.With([](const Data& d) { return d.active; });
    return active ? grpc::Status::OK : rpc::ToGrpc(absl::UnavailableError("standing by"));
  }

  grpc::Status Follow(grpc::ServerContext* context, int64_t at,
                      grpc::ServerWriter<SubscribeResponse>* writer) {
    int sent = 0;
    while (!context->IsCancelled()) {
      std::vector<std::string> tasks;
      int breaks = 0;
      absl::Status break_with;
      const bool more = data.When(
          [&](const Data& d) {
            return d.stopped || !d.active || static_cast<int64_t>(d.history.size()) > at;
          },
          absl::Milliseconds(20),
          [&](Data& d, bool ready) {
            if (d.stopped || !d.active) return false;
            breaks = d.break_after_events;
            break_with = d.break_with;
            if (ready) tasks = d.history[at];
            return true;
          });
      if (!more) return {grpc::StatusCode::UNAVAILABLE, "gone"};
      if (tasks.empty()) continue;
      ++at;
      for (size_t i = 0; i < tasks.size(); ++i) {
        if (breaks > 0 && sent == breaks) return rpc::ToGrpc(break_with);
        SubscribeResponse response;
        response.set_revision(at);
        response.set_complete(i + 1 == tasks.size());
        models::Task* task = response.mutable_task_created()->mutable_task();
        task->set_task_guid(tasks[i]);
        // A name that the reader cannot make sense of.
        task->set_state(tasks[i] == "bad" ? static_cast<models::Task::State>(99)
                                          : models::Task::Pending);
        writer->Write(response);
        ++sent;
      }
    }
    return grpc::Status::CANCELLED;
  }
};

}  // namespace diego::clients
