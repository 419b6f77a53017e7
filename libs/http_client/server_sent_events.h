// Cuts a byte stream of server-sent events into events: "id: N", "event: NAME", "data: BASE64", an
// empty line. Source: reference/bbs-http-api.md "Event streams". A plain value.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace diego::http_client {

class ServerSentEvents {
 public:
  using Take = std::function<void(const std::string& name, const std::string& bytes)>;
  // `take` gets each event that is complete: its name, and its data out of base64. False when the
  // stream is none: data that is not base64, or an event without end.
  bool Feed(absl::string_view bytes, const Take& take);

 private:
  bool EndLine(const Take& take);

  std::string line_;
  std::string name_;
  std::string data_;
};

}  // namespace diego::http_client
