#include "libs/config/address.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace diego::config {
namespace {

constexpr absl::string_view kHttpsPort = "443";
constexpr absl::string_view kAnyHost = "0.0.0.0";

absl::Status Bad(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" ", why, "; write it like \"bbs.internal:8889\""));
}

bool IsHostCharacter(char c, bool bracketed) {
  return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' ||
         (bracketed && (c == ':' || c == '%'));
}

}  // namespace

std::string Address::ToString() const {
  if (empty()) return "";
  if (host.find(':') != std::string::npos) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  if (absl::StartsWith(rest, "http://")) return Bad(text, "is plain http, only TLS is spoken");
  const bool is_url = absl::ConsumePrefix(&rest, "https://");
  absl::ConsumeSuffix(&rest, "/");
  const size_t colon = rest.rfind(':');
  const bool has_port = colon != absl::string_view::npos && !absl::EndsWith(rest, "]");
  if (!has_port && !is_url) return Bad(text, "has no port");
  absl::string_view host = rest.substr(0, has_port ? colon : rest.size());
  const absl::string_view port = has_port ? rest.substr(colon + 1) : kHttpsPort;
  if (host.empty() && has_port && !is_url) host = kAnyHost;
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return Bad(text, "has no host");
  for (const char c : host) {
    if (!IsHostCharacter(c, bracketed)) return Bad(text, "is not a host and a port");
  }
  uint32_t number = 0;
  if (!absl::SimpleAtoi(port, &number) || number > 65535) {
    return Bad(text, "has no port from 0 to 65535 behind the last colon");
  }
  return Address{std::string(host), static_cast<uint16_t>(number), is_url};
}

absl::StatusOr<std::vector<Address>> ParseAddressList(absl::string_view text) {
  std::vector<Address> addresses;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::StatusOr<Address> address = ParseAddress(part);
    if (!address.ok()) return address.status();
    addresses.push_back(*address);
  }
  return addresses;
}

std::vector<std::string> AddressStrings(const std::vector<Address>& addresses) {
  std::vector<std::string> strings;
  for (const Address& address : addresses) strings.push_back(address.ToString());
  return strings;
}

std::string FormatAddressList(const std::vector<Address>& addresses) {
  return absl::StrJoin(AddressStrings(addresses), ",");
}

}  // namespace diego::config
