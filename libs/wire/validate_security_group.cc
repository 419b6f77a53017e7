#include <arpa/inet.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/wire/validate_parts.h"

namespace diego::wire {
namespace {

// The bits of the address, 32 or 128; 0 when `text` is no IP address.
int AddressBits(absl::string_view text) {
  const std::string address(text);
  unsigned char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) return 32;
  if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) return 128;
  return 0;
}

bool IsCidr(absl::string_view address, absl::string_view prefix) {
  int bits = 0;
  return AddressBits(address) > 0 && !prefix.empty() && absl::ascii_isdigit(prefix[0]) &&
         absl::SimpleAtoi(prefix, &bits) && bits <= AddressBits(address);
}

// An IP address, "a/bits" or "a-b".
bool IsDestination(absl::string_view text) {
  const size_t separator = text.find_first_of("-/");
  if (separator == absl::string_view::npos) return AddressBits(text) > 0;
  const absl::string_view first = text.substr(0, separator);
  const absl::string_view second = text.substr(separator + 1);
  if (text[separator] == '/') return IsCidr(first, second);
  return AddressBits(first) > 0 && AddressBits(second) > 0;
}

void CheckDestinations(const models::SecurityGroupRule& rule, FaultList* faults) {
  std::vector<std::string> details;
  if (rule.destinations().empty()) details.push_back("Must have at least 1 destination");
  for (const std::string& list : rule.destinations()) {
    for (const absl::string_view destination : absl::StrSplit(list, ',')) {
      if (!IsDestination(destination)) details.push_back("Invalid IP");
    }
  }
  if (!details.empty()) {
    faults->Field(absl::StrCat("destinations [ ", absl::StrJoin(details, ", "), " ]"));
  }
}

void CheckPorts(const models::SecurityGroupRule& rule, FaultList* faults) {
  if (!rule.has_port_range() && rule.ports().empty()) {
    return faults->Text("Missing required field: ports or port_range");
  }
  if (rule.has_port_range() && !rule.ports().empty()) {
    return faults->Text("Invalid: ports and port_range provided");
  }
  for (const uint32_t port : rule.ports()) {
    if (port < 1) return faults->Field("ports");
  }
  if (rule.has_port_range() && (rule.port_range().start() < 1 || rule.port_range().end() < 1 ||
                                rule.port_range().start() > rule.port_range().end())) {
    faults->Field("port_range");
  }
}

void CheckNoPorts(const models::SecurityGroupRule& rule, FaultList* faults) {
  if (rule.has_port_range()) faults->Field("port_range");
  if (!rule.ports().empty()) faults->Field("ports");
}

}  // namespace

void CheckSecurityGroupRule(const models::SecurityGroupRule& rule, FaultList* faults) {
  const std::string& protocol = rule.protocol();
  if (protocol == "tcp" || protocol == "udp") {
    CheckPorts(rule, faults);
    if (rule.has_icmp_info()) faults->Field("icmp_info");
  } else if (protocol == "icmp" || protocol == "icmpv6") {
    CheckNoPorts(rule, faults);
    if (!rule.has_icmp_info()) faults->Field("icmp_info");
  } else if (protocol == "all") {
    CheckNoPorts(rule, faults);
    if (rule.has_icmp_info()) faults->Field("icmp_info");
  } else {
    faults->Field("protocol");
  }
  CheckDestinations(rule, faults);
}

}  // namespace diego::wire
