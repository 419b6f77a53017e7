#include "deploy/certs/certs_command.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_util.h"
#include "libs/rpc/certificates.h"

namespace diego::certs {
namespace {

constexpr char kHelp[] =
    R"(diego-certs init DIR [--days N] [--key ecdsa|rsa] [--name TEXT]
    Makes a certificate authority: DIR/ca.crt and DIR/ca.key. Refuses to replace one.

diego-certs issue --dir DIR --role ROLE [--cell ID] [--host NAME,…] [--name STEM] [--days N]
                  [--key ecdsa|rsa]
    Issues DIR/STEM.crt and DIR/STEM.key, and replaces what is there: running services pick the
    new ones up. ROLE is bbs, auctioneer, rep, route-emitter, locket or operator; a rep needs the
    id of its cell. --host names every host name and IP address that a server is reached by. STEM
    is the cell id or the role unless given.

Private keys are readable by their owner only. --days: the CA 3650, certificates 365 by default.
)";

// Clocks of other machines may lag.
constexpr absl::Duration kClockSkew = absl::Minutes(5);
constexpr int kLongestDays = 36500;

struct Arguments {
  std::vector<std::string> words;
  std::map<std::string, std::string> flags;

  std::string Get(const std::string& name, const std::string& otherwise = "") const {
    const auto found = flags.find(name);
    return found == flags.end() ? otherwise : found->second;
  }
};

absl::StatusOr<Arguments> Parse(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& allowed) {
  Arguments parsed;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (!absl::StartsWith(arguments[i], "--")) {
      parsed.words.push_back(arguments[i]);
      continue;
    }
    const std::string name = arguments[i].substr(2);
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " is unknown; known are --", absl::StrJoin(allowed, ", --")));
    }
    if (i + 1 >= arguments.size()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " has no value"));
    }
    parsed.flags[name] = arguments[++i];
  }
  return parsed;
}

absl::StatusOr<absl::Duration> ReadDays(const Arguments& arguments, int otherwise) {
  const std::string text = arguments.Get("days", absl::StrCat(otherwise));
  int days = 0;
  if (!absl::SimpleAtoi(text, &days) || days < 1 || days > kLongestDays) {
    return absl::InvalidArgumentError(
        absl::StrCat("--days is \"", text, "\"; it must be from 1 to ", kLongestDays));
  }
  return absl::Hours(24) * days;
}

absl::StatusOr<rpc::KeyKind> ReadKeyKind(const Arguments& arguments) {
  const std::string text = arguments.Get("key", "ecdsa");
  if (text == "ecdsa") return rpc::KeyKind::kEcdsaP256;
  if (text == "rsa") return rpc::KeyKind::kRsa2048;
  return absl::InvalidArgumentError(absl::StrCat("--key is \"", text, "\"; choose ecdsa or rsa"));
}

absl::Status Init(const std::vector<std::string>& words, absl::Time now, std::ostream& out) {
  DIEGO_ASSIGN_OR_RETURN(const Arguments arguments, Parse(words, {"days", "key", "name"}));
  if (arguments.words.size() != 1) {
    return absl::InvalidArgumentError("give one directory: diego-certs init DIR");
  }
  DIEGO_ASSIGN_OR_RETURN(const absl::Duration validity, ReadDays(arguments, 3650));
  DIEGO_ASSIGN_OR_RETURN(const rpc::KeyKind key_kind, ReadKeyKind(arguments));
  const std::string& directory = arguments.words[0];
  for (const std::string& path : {directory + "/ca.crt", directory + "/ca.key"}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      return absl::FailedPreconditionError(
          absl::StrCat("\"", path, "\" exists; move it away or choose another directory"));
    }
  }
  DIEGO_ASSIGN_OR_RETURN(
      const rpc::CertificateAuthority authority,
      rpc::CertificateAuthority::Create(arguments.Get("name", "Diego CA"), now - kClockSkew,
                                        now + validity, key_kind));
  DIEGO_RETURN_IF_ERROR(authority.Save(directory));
  out << directory << "/ca.crt\n" << directory << "/ca.key\n";
  return absl::OkStatus();
}

absl::Status Issue(const std::vector<std::string>& words, absl::Time now, std::ostream& out) {
  DIEGO_ASSIGN_OR_RETURN(const Arguments arguments,
                         Parse(words, {"dir", "role", "cell", "host", "name", "days", "key"}));
  if (!arguments.words.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", arguments.words[0], "\" is not understood; every argument is a flag"));
  }
  const std::string directory = arguments.Get("dir");
  if (directory.empty()) return absl::InvalidArgumentError("--dir is missing; name the CA's");
  const std::optional<rpc::Role> role = rpc::ParseRole(arguments.Get("role"));
  if (!role) {
    return absl::InvalidArgumentError(
        absl::StrCat("--role is \"", arguments.Get("role"),
                     "\"; choose bbs, auctioneer, rep, route-emitter, locket or operator"));
  }
  rpc::CertificateRequest request;
  request.role = *role;
  request.cell_id = CellId(arguments.Get("cell"));
  request.hosts = absl::StrSplit(arguments.Get("host"), ',', absl::SkipEmpty());
  request.not_before = now - kClockSkew;
  DIEGO_ASSIGN_OR_RETURN(const absl::Duration validity, ReadDays(arguments, 365));
  request.not_after = now + validity;
  DIEGO_ASSIGN_OR_RETURN(request.key_kind, ReadKeyKind(arguments));
  const std::string stem = arguments.Get(
      "name", request.cell_id.empty() ? arguments.Get("role") : request.cell_id.value());
  if (stem.empty() || stem == "ca" || stem.find('/') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--name is \"", stem, "\"; give a file name, and not that of the CA"));
  }
  DIEGO_ASSIGN_OR_RETURN(const rpc::CertificateAuthority authority,
                         rpc::CertificateAuthority::Load(directory));
  DIEGO_ASSIGN_OR_RETURN(const rpc::KeyPair pair, authority.Issue(request));
  DIEGO_ASSIGN_OR_RETURN(const rpc::TlsFiles files, rpc::SaveKeyPair(directory, stem, pair));
  out << files.cert_file << "\n" << files.key_file << "\n";
  return absl::OkStatus();
}

}  // namespace

int Run(const std::vector<std::string>& arguments, absl::Time now, std::ostream& out,
        std::ostream& err) {
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (command == "help" || command == "--help" || command == "-h") {
    out << kHelp;
    return 0;
  }
  if (command != "init" && command != "issue") {
    err << kHelp;
    return 2;
  }
  const absl::Status status =
      command == "init" ? Init(arguments, now, out) : Issue(arguments, now, out);
  if (status.ok()) return 0;
  err << "diego-certs " << command << ": " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

}  // namespace diego::certs
