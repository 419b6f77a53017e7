#include "libs/rpc/channel.h"

#include <catch2/catch.hpp>

#include "libs/base/clock.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/echo_service.h"
#include "libs/rpc/testing/test_certificates.h"

namespace diego::rpc {
namespace {

// Two servers of which tests choose who serves.
struct Pair {
  TestCertificates certificates;
  EchoService first_service;
  EchoService second_service;
  std::unique_ptr<Server> first;
  std::unique_ptr<Server> second;
  std::unique_ptr<FailoverChannel> channel;
  std::vector<std::unique_ptr<models::Locket::Stub>> stubs;

  // The second one may be reached by a URL, as what is not gRPC.
  enum class SecondBy { kAddress, kUrl };
  void Start(SecondBy second_by = SecondBy::kAddress) {
    const TlsFiles files = certificates.For(Role::kBbs);
    auto one = Server::Start({.address = "127.0.0.1:0", .tls = files}, {&first_service});
    auto two = Server::Start({.address = "127.0.0.1:0", .tls = files}, {&second_service});
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    first = *std::move(one);
    second = *std::move(two);
    auto credentials = MakeChannelCredentials(certificates.For(Role::kRep, "cell-1"));
    REQUIRE(credentials.ok());
    FailoverChannel::Options options;
    options.pause = absl::Milliseconds(20);
    options.connect_timeout = absl::Seconds(20);
    options.open_url = [&](const std::string& url) {
      return MakeChannel(url.substr(std::string("https://").size()), *credentials);
    };
    options.look_for_grpc = absl::ZeroDuration();
    const std::string by = second_by == SecondBy::kUrl ? "https://" : "";
    channel = std::make_unique<FailoverChannel>(
        std::vector<std::string>{first->address(), by + second->address()}, *credentials,
        ChannelOptions{}, options);
    for (size_t i = 0; i < channel->size(); ++i) {
      stubs.push_back(models::Locket::NewStub(channel->channel(i)));
    }
  }
  absl::Status Fetch(Repeat repeat = Repeat::kSafe) {
    return channel->Call(absl::Seconds(30), repeat, [&](grpc::ClientContext* context, size_t i) {
      models::FetchResponse response;
      return stubs[i]->Fetch(context, {}, &response);
    });
  }
};

TEST_CASE("failover: it moves on from a standby and stays with the one that serves", "[rpc]") {
  Pair pair;
  pair.first_service.refusal = absl::UnavailableError("standing by");
  pair.Start();
  const Repeat repeat = GENERATE(Repeat::kSafe, Repeat::kUnsafe);
  CHECK(pair.Fetch(repeat).ok());
  CHECK(pair.channel->current() == 1);
  CHECK(pair.Fetch(repeat).ok());
  CHECK(pair.first_service.calls == 1);
  CHECK(pair.second_service.calls == 2);
}

TEST_CASE("failover: it moves on from a server that is gone", "[rpc]") {
  Pair pair;
  pair.Start();
  REQUIRE(pair.Fetch().ok());
  REQUIRE(pair.channel->current() == 0);
  pair.first.reset();
  const Repeat repeat = GENERATE(Repeat::kSafe, Repeat::kUnsafe);
  CHECK(pair.Fetch(repeat).ok());
  CHECK(pair.channel->current() == 1);
}

TEST_CASE("failover: any answer but UNAVAILABLE is final", "[rpc]") {
  Pair pair;
  pair.first_service.refusal = absl::NotFoundError("no such thing");
  pair.Start();
  CHECK(absl::IsNotFound(pair.Fetch()));
  CHECK(pair.second_service.calls == 0);
  CHECK(pair.channel->current() == 0);
}

TEST_CASE("failover: when nobody serves, every address is asked each round and the last says why",
          "[rpc]") {
  Pair pair;
  pair.first_service.refusal = absl::UnavailableError("standing by");
  pair.second_service.refusal = absl::UnavailableError("standing by too");
  pair.Start();
  const absl::Status status = pair.Fetch();
  CHECK(absl::IsUnavailable(status));
  CHECK(std::string(status.message()) == pair.second->address() + ": standing by too");
  CHECK(pair.first_service.calls == 3);
  CHECK(pair.second_service.calls == 3);
}

TEST_CASE("failover: a call that may have been carried out is not repeated unless that is safe",
          "[rpc]") {
  Pair pair;
  pair.Start();
  const auto [repeat, attempts] =
      GENERATE(table<Repeat, int>({{Repeat::kSafe, 2}, {Repeat::kUnsafe, 1}}));
  int made = 0;
  const absl::Status status =
      pair.channel->Call(absl::Seconds(10), repeat, [&](grpc::ClientContext*, size_t) {
        return ++made == 1 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed")
                           : grpc::Status::OK;
      });
  CHECK(made == attempts);
  CHECK(status.ok() == (repeat == Repeat::kSafe));
}

TEST_CASE("failover: a deadline ends the rounds, and cancelling ends the pauses", "[rpc]") {
  Pair pair;
  pair.first_service.refusal = absl::UnavailableError("standing by");
  pair.second_service.refusal = absl::UnavailableError("standing by");
  pair.Start();
  const absl::Duration before = RealClock().Monotonic();
  CHECK(absl::IsUnavailable(pair.channel->Call(
      absl::Milliseconds(10), Repeat::kSafe,
      [](grpc::ClientContext*, size_t) { return ToGrpc(absl::UnavailableError("no")); })));
  CHECK(RealClock().Monotonic() - before < absl::Seconds(5));
  pair.channel->Cancel();
  CHECK(absl::IsUnavailable(pair.Fetch()));
  CHECK(pair.first_service.calls == 1);
}

TEST_CASE("failover: cancelling ends an attempt that nobody answers", "[rpc]") {
  Pair pair;
  pair.Start();
  const absl::Duration before = RealClock().Monotonic();
  const absl::Status status = pair.channel->Call(
      absl::Seconds(30), Repeat::kSafe, [&](grpc::ClientContext* context, size_t) {
        pair.channel->Cancel();  // as another thread would, while this one waits for the answer
        models::FetchResponse response;
        return pair.stubs[0]->Fetch(context, {}, &response);
      });
  CHECK(absl::IsCancelled(status));
  CHECK(RealClock().Monotonic() - before < absl::Seconds(10));
}

TEST_CASE("failover: a URL is left as soon as gRPC can be had", "[rpc]") {
  Pair pair;
  pair.Start(Pair::SecondBy::kUrl);
  const std::string address = pair.first->address();
  pair.first.reset();
  CHECK(pair.Fetch().ok());
  CHECK(pair.channel->current() == 1);
  auto back = Server::Start({.address = address, .tls = pair.certificates.For(Role::kBbs)},
                            {&pair.first_service});
  REQUIRE(back.ok());
  // Each call looks, and has gRPC connect in the meantime.
  const absl::Duration deadline = RealClock().Monotonic() + absl::Seconds(20);
  while (pair.first_service.calls == 0 && RealClock().Monotonic() < deadline) {
    REQUIRE(pair.Fetch().ok());
  }
  CHECK(pair.channel->current() == 0);
}

}  // namespace
}  // namespace diego::rpc
