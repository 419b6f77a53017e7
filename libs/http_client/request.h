// One HTTP request and its answer, with libcurl. The only place that knows libcurl outside of
// tests: who needs one request at a time calls Perform, who needs many at once takes Loop
// (loop.h, on a thread of its own) or Client (client.h, from any thread).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace diego::http_client {

// PEM files, read for every new connection. Empty: the system's CAs, no certificate of ours. With a
// `ca_file` none of the system's is trusted.
struct Tls {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool verify = true;  // that the server's certificate descends from the CA and names the host
  // What the server is called by: in its certificate and in the header Host. Empty: as in the URL.
  std::string server_name = {};
};

struct Request {
  std::string method = "GET";
  std::string url;                   // http:// or https://
  std::vector<std::string> headers;  // "Name: value"
  std::string body;                  // sent with every method but GET
  Tls tls;
  absl::Duration timeout = absl::Seconds(10);  // of the whole request
  absl::Duration connect_timeout = {};         // zero: `timeout`
  absl::Duration idle_timeout = {};            // without one byte; zero: `timeout`
  int redirects = 0;                           // followed at most
  bool direct = false;                         // past any proxy that the environment names
  size_t max_answer_bytes = 64 << 20;          // of a body that is kept in memory

  // For bodies that are not kept in memory; called from within the request.
  // As soon as the head of an answer is there; of the first one, if it redirects.
  std::function<void(int)> take_status;
  std::function<bool(absl::string_view)> take_body;  // false ends the request
  // Fills the buffer of that size; 0 at the end, nothing on a failure. With `give_bytes` in all.
  std::function<std::optional<size_t>(char*, size_t)> give_body;
  uint64_t give_bytes = 0;
  std::function<bool()> cancelled;  // asked now and then
};

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // by name in lower case; of the last redirection
  std::string body;                            // empty with take_body
  uint64_t body_bytes = 0;
};

// How a request ended without an answer:
//   Unavailable        no connection, or TLS refused: nothing was asked
//   DeadlineExceeded   no answer in time, or the connection broke underneath: it may have been
//   heard ResourceExhausted  the answer is larger than max_answer_bytes Cancelled `cancelled` said
//   so, or take_body or give_body gave up InvalidArgument    no http or https URL
using Outcome = absl::StatusOr<Answer>;

// The file of the system's CAs, as far as libcurl knows; "" if it knows none. Any thread.
std::string SystemCaFile();

// Carries it out, blocking. Any thread.
Outcome Perform(const Request& request);

}  // namespace diego::http_client
