#include "integration/suite/harass.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "integration/suite/bad_http.h"
#include "libs/base/clock.h"

namespace diego::suite {
namespace {

// Longer than a server under sanitizers takes, shorter than one waits for the rest of a header.
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kRefusalPatience = absl::Seconds(8);

int64_t NumberFrom(const char* variable, int64_t otherwise) {
  const char* text = getenv(variable);
  int64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

std::unique_ptr<http::RawClient> Connect(int port, const rpc::TlsFiles& tls) {
  auto client = http::RawClient::Secure(port, {.files = tls});
  INFO(client.status().ToString());
  REQUIRE(client.ok());
  return *std::move(client);
}

void Report(absl::string_view what, const std::map<std::string, int>& counts) {
  std::string told;
  for (const auto& [name, times] : counts) absl::StrAppend(&told, " ", name, ":", times);
  std::cout << what << told << std::endl;
}

}  // namespace

uint64_t Seed() {
  static const uint64_t kSeed = [] {
    const auto seed =
        static_cast<uint64_t>(NumberFrom("DIEGO_SEED", static_cast<int64_t>(EntropySeed() >> 1)));
    std::cout << "DIEGO_SEED=" << seed << std::endl;
    return seed;
  }();
  return kSeed;
}

absl::Duration HarassFor() { return absl::Seconds(NumberFrom("DIEGO_BAD_REQUESTS_SECONDS", 4)); }

void Harass(const Door& door) {
  const absl::Duration end = RealClock().Monotonic() + HarassFor();
  std::map<std::string, int> answers;
  std::string records = door.records();
  for (uint64_t n = 0; RealClock().Monotonic() < end; ++n) {
    const size_t call = n % door.calls.size();
    const BadRequest request = door.draw(call);
    const Verdict verdict = door.ask(call, request.bytes);
    ++answers[verdict.code];
    INFO("seed " << Seed() << ", request " << n << " to " << door.calls[call] << ": "
                 << request.kind << ", " << request.bytes.size() << " bytes; " << verdict.code
                 << " " << verdict.words);
    const bool answered = verdict.done || verdict.clear;
    REQUIRE(answered);
    // Looked at now and then, as looking takes longer than calling.
    if (verdict.done || n % 16 == 0) {
      std::string now = door.records();
      if (!verdict.done) REQUIRE(now == records);
      records = std::move(now);
    }
  }
  Report(door.name + ", answers by code:", answers);
  CHECK(answers.count(door.refusal) > 0);
}

void HarassConnections(int port, const rpc::TlsFiles& tls, const std::string& path,
                       const std::string& body, const std::function<std::string()>& records) {
  BadHttp bytes(Seed(), path, body);
  const std::string before = records();
  std::map<std::string, int> kinds;
  const absl::Duration end = RealClock().Monotonic() + HarassFor() / 2;
  for (int n = 0; RealClock().Monotonic() < end; ++n) {
    const BadHttp::Bytes next = bytes.Next();
    ++kinds[next.request.kind];
    INFO("seed " << Seed() << ", connection " << n << " to " << path << ": " << next.request.kind
                 << " " << next.request.bytes.substr(0, 300));
    if (n % 8 == 0) {  // where a handshake is expected
      auto plain = http::RawClient::Plain(port);
      REQUIRE(plain.ok());
      static_cast<void>((*plain)->Send(next.request.bytes));
      continue;
    }
    const auto client = Connect(port, tls);
    // Refused in the middle of it, perhaps.
    static_cast<void>(client->Send(next.request.bytes));
    if (!next.refused) continue;
    const auto reply = client->ReadReply(kRefusalPatience);
    INFO(reply.status().ToString() << (reply.ok() ? reply->head : ""));
    const bool refused = reply.ok() ? reply->status >= 400 : absl::IsUnavailable(reply.status());
    REQUIRE(refused);
  }
  Report(absl::StrCat(path, ", connections by what was sent:"), kinds);
  CHECK(records() == before);
}

http::RawReply HttpClient::Ask(const std::string& route, const std::string& body,
                               const std::string& headers) {
  if (raw_ == nullptr) raw_ = Connect(port_, tls_);
  INFO(route << ", seed " << Seed());
  // It may answer, and close, before it has taken all.
  static_cast<void>(raw_->Send(absl::StrCat(route, " HTTP/1.1\r\nHost: a\r\n", headers,
                                            "Content-Length: ", body.size(), "\r\n\r\n", body)));
  auto reply = raw_->ReadReply(kPatience);
  INFO(reply.status().ToString());
  REQUIRE(reply.ok());
  const bool over = absl::EqualsIgnoreCase(reply->header("Connection"), "close") ||
                    !reply->header("Transfer-Encoding").empty();
  if (over) raw_.reset();
  return *reply;
}

}  // namespace diego::suite
