// BbsOverHttp: carries calls of diego.Bbs to a BBS of the original, by its HTTP API.
//
// It stands below the stubs that gRPC generates: on its channels each call is taken out of gRPC's
// hands (a hijacking interceptor) and posted as the route that stands for its method, and the
// answer handed in as if a BBS of ours had given it. So callers need not know which kind of BBS
// they talk to. The differences that remain:
//
//   - Our request ids say nothing to the original: a call that is repeated may be carried out
//     twice, as with the original's own client.
//   - A list is one answer. Its revision, and those of events, are counted here (libs/models/
//     revision.h). Subscribe answers OutOfRange until the events' stream is open; lists made from
//     then on can be followed without a gap for as long as the stream lasts.
//   - What only we have is Unimplemented; what a cell says about definitions is passed over.
//
// Source: reference/bbs-http-api.md. For calls of the synchronous kind only.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "libs/http_client/request.h"

namespace diego::clients {

struct BbsOverHttpOptions {
  http_client::Tls tls = {};
  absl::Duration connect_timeout = absl::Seconds(5);
};

// Thread-safe. Its channels may outlive it.
class BbsOverHttp {
 public:
  explicit BbsOverHttp(const BbsOverHttpOptions& options);
  // `url`: "https://host:port".
  std::shared_ptr<grpc::Channel> Open(const std::string& url) const;

  class Core;

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace diego::clients
