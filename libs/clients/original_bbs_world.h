// A BBS of the original and clients of it, for tests.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/clients/bbs_client.h"
#include "libs/clients/original_bbs.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::clients {

struct OriginalBbsWorld {
  OriginalBbsWorld() { REQUIRE(bbs.Start(certificates.For(rpc::Role::kNone), "127.0.0.1:0").ok()); }

  ConnectionOptions OptionsFor(std::vector<std::string> addresses) {
    ConnectionOptions options;
    options.addresses = std::move(addresses);
    options.tls = certificates.For(rpc::Role::kNone);
    options.pause = absl::Milliseconds(20);
    options.timeout = options.list_timeout = absl::Seconds(30);
    options.connect_timeout = absl::Seconds(20);
    return options;
  }
  static std::unique_ptr<BbsClient> Connect(const ConnectionOptions& options) {
    auto client = BbsClient::Create(options);
    REQUIRE(client.ok());
    return *std::move(client);
  }
  std::unique_ptr<BbsClient> Connect(std::vector<std::string> addresses) {
    return Connect(OptionsFor(std::move(addresses)));
  }
  std::unique_ptr<BbsClient> Connect() { return Connect(std::vector<std::string>{bbs.url()}); }

  rpc::TestCertificates certificates;
  OriginalBbs bbs;
};

}  // namespace diego::clients
