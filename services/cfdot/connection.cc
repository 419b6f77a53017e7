#include "services/cfdot/connection.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "libs/base/status_util.h"
#include "libs/config/address.h"
#include "libs/config/shared_blocks.h"
#include "libs/rpc/tls.h"
#include "services/cfdot/failure.h"
#include "services/cfdot/files.h"

namespace diego::cfdot {
namespace {

// The flags as given, or their variables.
class Given {
 public:
  Given(const Invocation& invocation, const Environment& environment)
      : invocation_(invocation), environment_(environment) {}

  std::string Text(absl::string_view flag, const std::string& variable) const {
    if (invocation_.Has(flag)) return invocation_.Text(flag);
    return environment_(variable).value_or("");
  }

  absl::StatusOr<int64_t> Seconds(absl::string_view flag, const std::string& variable) const {
    const std::string text = Text(flag, variable);
    int64_t seconds = 0;
    if (!text.empty() && (!absl::SimpleAtoi(text, &seconds) || seconds < 0)) {
      return Invalid(absl::StrCat("invalid argument \"", text, "\" for --", flag, " or ", variable,
                                  ": it should be a number of seconds, 0 for no limit"));
    }
    return seconds;
  }

  absl::StatusOr<bool> Bool(absl::string_view flag, const std::string& variable) const {
    const std::string text = Text(flag, variable);
    bool truth = false;
    if (!text.empty() && !absl::SimpleAtob(text, &truth)) {
      return Invalid(absl::StrCat("invalid argument \"", text, "\" for --", flag, " or ", variable,
                                  ": it should be true or false"));
    }
    return truth;
  }

 private:
  const Invocation& invocation_;
  const Environment& environment_;
};

// The configuration's fault with advice for the command line, where a bare address is gRPC's.
std::string Fault(const absl::Status& status) {
  const absl::string_view message = status.message();
  return absl::StrCat(message.substr(0, message.find("; write it like")),
                      "; write it like \"https://bbs.internal:8889\", the BBS's HTTP port as the "
                      "original has it, or like \"bbs.internal:8892\", its gRPC port");
}

absl::StatusOr<std::vector<std::string>> BbsAddresses(const std::string& url) {
  constexpr char kRemedy[] =
      "Please specify one with the '--bbsURL' flag or the 'BBS_URL' environment variable.";
  if (url.empty()) return Invalid(absl::StrCat("BBS URL not set. ", kRemedy));
  for (const absl::string_view part : absl::StrSplit(url, ',')) {
    if (absl::StrContains(part, "://") && !absl::StartsWith(part, "https://")) {
      return Invalid(
          absl::StrCat("The URL '", part, "' does not have an 'https' scheme. ", kRemedy));
    }
  }
  auto addresses = config::ParseAddressList(url);
  if (!addresses.ok()) return Invalid(absl::StrCat("--bbsURL: ", Fault(addresses.status())));
  config::BbsAddressConfig config;
  config.bbs_address = *std::move(addresses);
  return config::BbsAddresses(config);
}

absl::StatusOr<std::vector<std::string>> LocketAddresses(const std::string& location) {
  if (location.empty()) {
    return Invalid(
        "Locket API Location not set. Please specify one with the '--locketAPILocation' flag or "
        "the 'LOCKET_API_LOCATION' environment variable.");
  }
  const auto addresses = config::ParseAddressList(location);
  if (!addresses.ok()) {
    return Invalid(absl::StrCat("--locketAPILocation: ", addresses.status().message()));
  }
  return config::AddressStrings(*addresses);
}

}  // namespace

absl::StatusOr<ConnectionSettings> ReadConnectionSettings(const Invocation& invocation,
                                                          const Environment& environment) {
  const Given given(invocation, environment);
  ConnectionSettings settings;
  const Peers peers = invocation.command->peers;
  if (peers == Peers::kLocket) {
    DIEGO_ASSIGN_OR_RETURN(settings.addresses,
                           LocketAddresses(given.Text("locketAPILocation", "LOCKET_API_LOCATION")));
  } else {
    DIEGO_ASSIGN_OR_RETURN(settings.addresses, BbsAddresses(given.Text("bbsURL", "BBS_URL")));
  }
  if (peers == Peers::kBbs) {
    DIEGO_ASSIGN_OR_RETURN(const int64_t seconds, given.Seconds("timeout", "CFDOT_TIMEOUT"));
    if (seconds > 0) settings.timeout = absl::Seconds(seconds);
  }
  DIEGO_ASSIGN_OR_RETURN(settings.skip_verification,
                         given.Bool("skipCertVerify", "SKIP_CERT_VERIFY"));
  settings.ca_file = given.Text("caCertFile", "CA_CERT_FILE");
  settings.cert_file = given.Text("clientCertFile", "CLIENT_CERT_FILE");
  settings.key_file = given.Text("clientKeyFile", "CLIENT_KEY_FILE");
  if (!settings.skip_verification) {
    if (settings.ca_file.empty()) {
      return Invalid(
          "--caCertFile (or CA_CERT_FILE) must be specified unless --skipCertVerify is set");
    }
    DIEGO_RETURN_IF_ERROR(ReadFile("CA cert", settings.ca_file).status());
  }
  if (settings.cert_file.empty() != settings.key_file.empty()) {
    return Invalid(
        "--clientCertFile and --clientKeyFile (or CLIENT_CERT_FILE and CLIENT_KEY_FILE) must both "
        "be specified, or neither");
  }
  if (!settings.cert_file.empty()) {
    DIEGO_RETURN_IF_ERROR(ReadFile("cert", settings.cert_file).status());
    DIEGO_RETURN_IF_ERROR(ReadFile("key", settings.key_file).status());
  }
  return settings;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const ConnectionSettings& settings, absl::Time now) {
  grpc::SslCredentialsOptions pem;
  if (!settings.cert_file.empty()) {
    DIEGO_ASSIGN_OR_RETURN(pem.pem_cert_chain, ReadFile("cert", settings.cert_file));
    DIEGO_ASSIGN_OR_RETURN(pem.pem_private_key, ReadFile("key", settings.key_file));
  }
  if (!settings.skip_verification) {
    DIEGO_ASSIGN_OR_RETURN(pem.pem_root_certs, ReadFile("CA cert", settings.ca_file));
    if (!settings.cert_file.empty()) {
      const absl::Status files =
          rpc::CheckTlsFiles({settings.ca_file, settings.cert_file, settings.key_file}, now);
      if (!files.ok()) return Invalid(files.message());
    }
    return grpc::SslCredentials(pem);
  }
  namespace experimental = grpc::experimental;
  experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<experimental::NoOpCertificateVerifier>());
  if (!settings.cert_file.empty()) {
    options.set_certificate_provider(std::make_shared<experimental::StaticDataCertificateProvider>(
        std::vector<experimental::IdentityKeyCertPair>{{pem.pem_private_key, pem.pem_cert_chain}}));
    options.watch_identity_key_cert_pairs();
  }
  return experimental::TlsCredentials(options);
}

}  // namespace diego::cfdot
