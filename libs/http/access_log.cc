#include "libs/http/access_log.h"

#include <memory>
#include <utility>

#include "libs/rpc/trace_id.h"

namespace diego::http {
namespace {

// Hands everything on to the answer's way, and writes the line.
class Witness final : public ResponseSink {
 public:
  Witness(const Request& request, Responder way, const log::Logger& log, const Clock& clock)
      : way_(std::move(way)), log_(log), clock_(clock), began_at_(clock.Monotonic()) {
    fields_ = {{"method", request.method}, {"path", request.path}};
    if (request.peer) fields_.emplace_back("peer", request.peer->common_name);
    const std::string trace_id = rpc::TraceIdOf(request.header(rpc::kTraceHeader));
    if (!trace_id.empty()) fields_.emplace_back("trace_id", trace_id);
  }

  void Send(Response response) override {
    fields_.emplace_back("bytes", response.body.size());
    Write(response.status);
    way_.Send(std::move(response));
  }
  void Stream(StreamHead head, std::unique_ptr<StreamSource> source) override {
    fields_.emplace_back("stream", true);
    Write(head.status);
    way_.Stream(std::move(head), std::move(source));
  }
  std::function<void()> Waker() override { return way_.Waker(); }

 private:
  void Write(int status) {
    fields_.emplace_back("status", status);
    fields_.emplace_back("took", clock_.Monotonic() - began_at_);
    log_.Info("request", fields_);
  }

  const Responder way_;
  const log::Logger log_;
  const Clock& clock_;
  const absl::Duration began_at_;
  log::Fields fields_;
};

}  // namespace

Handler WithAccessLog(Handler handler, const log::Logger& log, const Clock& clock) {
  return [handler = std::move(handler), log, &clock](Request request, const Responder& responder) {
    auto witness = std::make_shared<Witness>(request, responder, log, clock);
    handler(std::move(request), Responder(std::move(witness)));
  };
}

}  // namespace diego::http
