// Callbacks to https URLs: who the BBS shows itself as, and whom it believes.
#include <catch2/catch.hpp>
#include <string>

#include "libs/http_client/loop.h"
#include "libs/rpc/testing/http_peer.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::bbs {
namespace {

http_client::Outcome PostTo(const std::string& url, const rpc::TlsFiles& files) {
  http_client::Loop posts;
  http_client::Outcome answer = absl::UnknownError("no answer");
  http_client::Request request;
  request.method = "POST";
  request.url = url;
  request.body = "{}";
  request.tls = {files.ca_file, files.cert_file, files.key_file};
  posts.Begin(std::move(request), [&](const http_client::Outcome& outcome) { answer = outcome; });
  while (posts.under_way() > 0) posts.Step(absl::Milliseconds(20));
  return answer;
}

}  // namespace

TEST_CASE("task callbacks: over TLS as the BBS itself, to receivers of its own CA only",
          "[bbs][effects]") {
  rpc::TestCertificates ours;
  rpc::TestCertificates strangers;
  const rpc::TlsFiles bbs = ours.For(rpc::Role::kBbs);
  const auto done = [](const rpc::HttpPeer::Asked&) { return rpc::HttpPeer::Answer(); };
  rpc::HttpPeer receiver(ours.For(rpc::Role::kOperator), done);
  const http_client::Outcome told = PostTo(receiver.url(), bbs);
  INFO(told.status());
  REQUIRE(told.ok());
  CHECK(told->status == 200);
  CHECK_THAT(receiver.Requests(1)[0].client, Catch::Contains("bbs"));

  rpc::HttpPeer stranger(strangers.For(rpc::Role::kOperator), done);
  CHECK(absl::IsUnavailable(PostTo(stranger.url(), bbs).status()));
  CHECK(stranger.Requests().empty());
}

}  // namespace diego::bbs
