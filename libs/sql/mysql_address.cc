// The go-sql-driver form of a MySQL address, `user:pass@tcp(host:port)/db?parameters`.
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/sql/database.h"

namespace diego::sql {
namespace {

absl::Status Fault(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("database connection string: ", what,
                   "; expected user:password@tcp(host:port)/database or "
                   "user:password@unix(/path/of/socket)/database"));
}

absl::Status ParseHostAndPort(absl::string_view text, MysqlAddress* address) {
  const size_t colon = text.rfind(':');
  const bool bare_ipv6 = absl::StrContains(text, "[") && text.back() == ']';
  if (colon == absl::string_view::npos || bare_ipv6) {
    address->host = std::string(text);
  } else {
    address->host = std::string(text.substr(0, colon));
    if (!absl::SimpleAtoi(text.substr(colon + 1), &address->port) || address->port < 1 ||
        address->port > 65535) {
      return Fault("the port is not a number from 1 to 65535");
    }
  }
  if (address->host.size() > 1 && address->host.front() == '[' && address->host.back() == ']') {
    address->host = address->host.substr(1, address->host.size() - 2);
  }
  return address->host.empty() ? Fault("the host is empty") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<MysqlAddress> ParseMysqlAddress(absl::string_view connection_string) {
  MysqlAddress address;
  // A password may contain '/' and '@', so the address is looked for from the end.
  const size_t slash = connection_string.rfind('/');
  const size_t at = connection_string.rfind('@', slash);
  if (slash == absl::string_view::npos) return Fault("there is no '/database'");
  const bool has_login = at != absl::string_view::npos;
  const absl::string_view login = connection_string.substr(0, has_login ? at : 0);
  const size_t colon = login.find(':');
  address.user = std::string(login.substr(0, colon));
  if (colon != absl::string_view::npos) address.password = std::string(login.substr(colon + 1));

  absl::string_view database = connection_string.substr(slash + 1);
  address.database = std::string(database.substr(0, database.find('?')));
  if (address.database.empty()) return Fault("the database name is empty");

  // As in the original's driver, protocol and place may be left out: tcp to this machine.
  const absl::string_view network =
      connection_string.substr(has_login ? at + 1 : 0, slash - (has_login ? at + 1 : 0));
  const size_t open = network.find('(');
  if (open != absl::string_view::npos && network.back() != ')') {
    return Fault("the address has no closing parenthesis");
  }
  const absl::string_view protocol = network.substr(0, open);
  absl::string_view place;
  if (open != absl::string_view::npos) {
    place = network.substr(open + 1, network.size() - open - 2);
    if (place.empty()) return Fault("the address is empty");
  } else if (protocol.empty() || protocol == "tcp") {
    address.host = "127.0.0.1";
    return address;
  }
  if (protocol == "unix") {
    if (place.empty()) return Fault("the path of the socket is missing");
    address.socket = std::string(place);
    return address;
  }
  if (protocol != "tcp") return Fault("the protocol is neither tcp nor unix");
  if (absl::Status status = ParseHostAndPort(place, &address); !status.ok()) return status;
  return address;
}

}  // namespace diego::sql
