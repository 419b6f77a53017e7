// A BBS of the original for tests of its clients: HTTP and server-sent events, answers as told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "libs/base/status_util.h"
#include "libs/http/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"

namespace diego::clients {

// Thread-safe. Start and Stop: the test's own thread.
class OriginalBbs {
 public:
  struct Asked {
    std::string path;
    std::string body;
    std::string content_type;
    std::string trace_id;
  };
  // "127.0.0.1:0" takes any free port.
  absl::Status Start(const rpc::TlsFiles& tls, const std::string& address) {
    http::ServerOptions options;
    options.address = address;
    options.tls = tls;
    DIEGO_ASSIGN_OR_RETURN(server_, http::Server::Start(options, [this](http::Request request,
                                                                        http::Responder responder) {
                             Serve(std::move(request), std::move(responder));
                           }));
    return absl::OkStatus();
  }
  void Stop() { server_.reset(); }
  std::string address() const { return absl::StrCat("127.0.0.1:", server_->port()); }
  std::string url() const { return "https://" + address(); }

  // What a path answers from now on; nothing: an empty message, the same as success.
  void Answer(const std::string& path, const google::protobuf::Message& message) {
    Answer(path, {.content_type = "application/x-protobuf", .body = message.SerializeAsString()});
  }
  void Answer(const std::string& path, http::Response response) {
    data_.With([&](Data& data) { data.answers[path] = std::move(response); });
  }
  std::vector<Asked> TakeAsked() {
    return data_.With([](Data& data) { return std::exchange(data.asked, {}); });
  }

  // Waits until so many event streams have been asked for in all.
  bool WaitForStreams(size_t count) {
    return data_.When([count](const Data& data) { return data.streams.size() >= count; },
                      absl::Seconds(20), [](const Data&, bool held) { return held; });
  }
  // To all event streams that are open.
  void Send(const std::string& name, const google::protobuf::Message& event) {
    Tell(absl::StrCat("id: 0\nevent: ", name,
                      "\ndata: ", absl::Base64Escape(event.SerializeAsString()), "\n\n"));
  }
  void SendBytes(const std::string& bytes) { Tell(bytes); }
  void EndStreams() { Tell(""); }

 private:
  struct Stream {
    std::vector<std::string> waiting;  // "" ends it
    std::function<void()> wake;
  };
  struct Data {
    std::map<std::string, http::Response> answers;
    std::vector<Asked> asked;
    std::vector<std::shared_ptr<Guarded<Stream>>> streams;
  };
  class Source final : public http::StreamSource {
   public:
    explicit Source(std::shared_ptr<Guarded<Stream>> stream) : stream_(std::move(stream)) {}
    Next Write(http::ChunkWriter* out, size_t) override {
      const auto waiting =
          stream_->With([](Stream& stream) { return std::exchange(stream.waiting, {}); });
      for (const std::string& text : waiting) {
        if (text.empty()) return Next::kEnd;
        out->Write(text);
      }
      return Next::kWait;
    }

   private:
    const std::shared_ptr<Guarded<Stream>> stream_;
  };

  void Serve(http::Request request, http::Responder responder) {
    const Asked asked{request.path, request.body, std::string(request.header("Content-Type")),
                      std::string(request.header("X-Vcap-Request-Id"))};
    http::Response answer{.content_type = "application/x-protobuf"};
    data_.With([&](Data& data) {
      data.asked.push_back(asked);
      const auto told = data.answers.find(request.path);
      if (told != data.answers.end()) answer = told->second;
    });
    if (!absl::StartsWith(request.path, "/v1/events/")) return responder.Send(std::move(answer));
    auto stream = std::make_shared<Guarded<Stream>>();
    stream->With([&](Stream& fresh) { fresh.wake = responder.Waker(); });
    data_.With([&](Data& data) { data.streams.push_back(stream); });
    responder.Stream({.content_type = "text/event-stream; charset=utf-8", .chunk_size_suffix = ";"},
                     std::make_unique<Source>(stream));
  }
  void Tell(const std::string& text) {
    const auto streams = data_.With([](Data& data) { return data.streams; });
    for (const auto& stream : streams) {
      stream->With([&](Stream& one) { one.waiting.push_back(text); });
      stream->With([](const Stream& one) { return one.wake; })();
    }
  }

  Guarded<Data> data_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace diego::clients
