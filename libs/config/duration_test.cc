#include "libs/config/duration.h"

#include <catch2/catch.hpp>

#include "libs/config/address.h"

namespace diego::config {
namespace {

TEST_CASE("durations in Go's syntax are read", "[config]") {
  const auto [text, expected] = GENERATE(table<std::string, absl::Duration>({
      {"0", absl::ZeroDuration()},
      {"30s", absl::Seconds(30)},
      {"1m30s", absl::Seconds(90)},
      {"1h0m0s", absl::Hours(1)},
      {"1.5h", absl::Minutes(90)},
      {"250ms", absl::Milliseconds(250)},
      {"10us", absl::Microseconds(10)},
      {"10µs", absl::Microseconds(10)},
      {"7ns", absl::Nanoseconds(7)},
      {"-2s", absl::Seconds(-2)},
      {"+2s", absl::Seconds(2)},
      {".5s", absl::Milliseconds(500)},
  }));
  const auto duration = ParseGoDuration(text);
  REQUIRE(duration.ok());
  CHECK(*duration == expected);
}

TEST_CASE("what is no duration is refused with the remedy", "[config]") {
  const std::string text = GENERATE("", "30", "s", "1d", "1 s", "1m30", "-", "abc", ".s", "1..2s",
                                    "99999999999h", "9223372036854775808ns");
  const auto duration = ParseGoDuration(text);
  REQUIRE_FALSE(duration.ok());
  CHECK(absl::IsInvalidArgument(duration.status()));
}

TEST_CASE("durations are printed as Go does, and read back", "[config]") {
  const auto [duration, expected] = GENERATE(table<absl::Duration, std::string>({
      {absl::ZeroDuration(), "0s"},
      {absl::Seconds(90), "1m30s"},
      {absl::Hours(1), "1h0m0s"},
      {absl::Milliseconds(1500), "1.5s"},
      {absl::Milliseconds(250), "250ms"},
      {absl::Microseconds(1500), "1.5ms"},
      {absl::Nanoseconds(7), "7ns"},
      {absl::Seconds(-2), "-2s"},
  }));
  CHECK(FormatGoDuration(duration) == expected);
  CHECK(ParseGoDuration(expected).value() == duration);
}

TEST_CASE("addresses are read, with https:// as the original writes them", "[config]") {
  const auto [text, host, port, printed] =
      GENERATE(table<std::string, std::string, int, std::string>({
          {"bbs.internal:8889", "bbs.internal", 8889, "bbs.internal:8889"},
          {"127.0.0.1:0", "127.0.0.1", 0, "127.0.0.1:0"},
          {"[::1]:80", "::1", 80, "[::1]:80"},
          {"https://bbs.service.cf.internal:8889", "bbs.service.cf.internal", 8889,
           "bbs.service.cf.internal:8889"},
          {"https://bbs:8889/", "bbs", 8889, "bbs:8889"},
          {"https://bbs.internal", "bbs.internal", 443, "bbs.internal:443"},
          {"https://[::1]", "::1", 443, "[::1]:443"},
          {":8889", "0.0.0.0", 8889, "0.0.0.0:8889"},
      }));
  const auto address = ParseAddress(text);
  REQUIRE(address.ok());
  CHECK(address->host == host);
  CHECK(address->port == port);
  CHECK(address->ToString() == printed);
  CHECK(address->is_url == (text.rfind("https://", 0) == 0));
}

TEST_CASE("what is no address is refused", "[config]") {
  const std::string text =
      GENERATE("", ":", "bbs", "[::1]", "https://", "https://:80", "bbs:", "bbs:x", "bbs:65536",
               "bbs:-1", "http://bbs:80", "a/b:80", "::1:80", "bbs:80/path");
  CHECK_FALSE(ParseAddress(text).ok());
}

TEST_CASE("a list of addresses is read", "[config]") {
  const auto addresses = ParseAddressList("a:1, https://b:2");
  REQUIRE(addresses.ok());
  CHECK(FormatAddressList(*addresses) == "a:1,b:2");
  CHECK_FALSE(ParseAddressList("a:1,").ok());
}

}  // namespace
}  // namespace diego::config
