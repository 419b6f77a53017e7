// Calls whatever a service offers, again and again for a while, with requests that are bad, and
// watches what it answers. The seed is printed; DIEGO_SEED replays it, DIEGO_BAD_REQUESTS_SECONDS
// makes it longer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "integration/suite/awkward.h"
#include "libs/http/testing/raw_client.h"

namespace diego::suite {

uint64_t Seed();
// How long each door is called.
absl::Duration HarassFor();

struct Verdict {
  bool done = false;   // carried out: the records may be others now
  bool clear = false;  // refused, with an answer that says something
  std::string code;    // what to count it under
  std::string words;
};

struct Door {
  std::string name;
  std::vector<std::string> calls;
  std::function<BadRequest(size_t call)> draw;
  std::function<Verdict(size_t call, const std::string& bytes)> ask;
  // All records, as bytes; nothing when the service keeps none.
  std::function<std::string()> records = [] { return ""; };
  // That of the most usual refusal: it must have been among the answers.
  std::string refusal;
};

// REQUIREs: each call is done or clearly refused, and a refused one changes nothing.
void Harass(const Door& door);

// Sends to the port, behind TLS and without, what BadHttp draws from a request that posts `body` to
// `path` and would change the records. REQUIREs: what can be refused is, and nothing changes.
void HarassConnections(
    int port, const rpc::TlsFiles& tls, const std::string& path, const std::string& body,
    const std::function<std::string()>& records = [] { return ""; });

// A client of an HTTP server that connects anew when it must. One thread; REQUIREs answers.
class HttpClient {
 public:
  HttpClient(int port, rpc::TlsFiles tls) : port_(port), tls_(std::move(tls)) {}

  // `route`: "POST /v1/ping". Of an answer without end only the head is read.
  http::RawReply Ask(const std::string& route, const std::string& body,
                     const std::string& headers = "");

 private:
  const int port_;
  const rpc::TlsFiles tls_;
  std::unique_ptr<http::RawClient> raw_;
};

}  // namespace diego::suite
