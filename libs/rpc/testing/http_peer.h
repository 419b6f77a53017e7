// HttpPeer: an HTTPS server made by hand, one request a connection, that records what it was asked
// and answers what a test says. Shares no code with libs/http, so that what our clients send is
// judged by something else than our servers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/rpc/tls_files.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"
#include "libs/testing/loopback_listener.h"

namespace diego::rpc {

class HttpPeer {
 public:
  struct Asked {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;  // by name in lower case
    std::string body;
    std::string client;  // common name of the client's certificate

    std::string line() const { return method + " " + path; }
  };
  struct Answer {
    int status = 200;
    std::string body = {};
    bool never = false;  // leaves the client waiting until it goes
  };
  using Handler = std::function<Answer(const Asked&)>;

  // Listens on a free port of 127.0.0.1, with mutual TLS. `handler` is called on a thread of the
  // peer.
  HttpPeer(const TlsFiles& tls, Handler handler);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  int port() const { return listener_.port(); }
  std::string url() const { return "https://" + address(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  // All requests so far; waits until there are `count`, at most 20 s.
  std::vector<Asked> Requests(size_t count = 0);

 private:
  struct Tls;
  void Step();
  void Serve(int fd);

  const Handler handler_;
  std::unique_ptr<Tls> tls_;
  testing::LoopbackListener listener_{1000};
  Guarded<bool> stopping_;
  Guarded<std::vector<Asked>> asked_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace diego::rpc
