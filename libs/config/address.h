// A host and a port, as configuration writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace diego::config {

// An empty host means "not configured". Port 0 lets the system choose when listening.
struct Address {
  std::string host;  // name, IPv4, or IPv6 without brackets
  uint16_t port = 0;
  bool is_url = false;  // was written with "https://", as the original writes its HTTP servers

  bool empty() const { return host.empty(); }
  // "host:port"; IPv6 in brackets. "" when empty.
  std::string ToString() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// "host:port", "[::1]:port", ":port" for all addresses of this machine, or the same after
// "https://", where the port may be left out, 443 (the original writes URLs; every connection here
// is TLS, so "http://" is refused). InvalidArgument with the remedy otherwise.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// Addresses separated by commas, at least one.
absl::StatusOr<std::vector<Address>> ParseAddressList(absl::string_view text);

// "a:1,b:2".
std::string FormatAddressList(const std::vector<Address>& addresses);

// "a:1" for each.
std::vector<std::string> AddressStrings(const std::vector<Address>& addresses);

}  // namespace diego::config
