#include "services/cfdot/session.h"

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/clients/bbs_over_http.h"

namespace diego::cfdot {

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Invocation& invocation, Io& io) {
  auto session = std::unique_ptr<Session>(new Session(invocation, io));
  if (invocation.command->peers == Peers::kNone) return session;
  const std::string output = invocation.Text("output");
  if (invocation.Has("output") && output != "json" && output != "table") {
    return Invalid(absl::StrCat("invalid argument \"", output,
                                "\" for \"-o, --output\" flag: it should be json or table"));
  }
  session->as_table_ = output == "table";
  DIEGO_ASSIGN_OR_RETURN(session->settings_, ReadConnectionSettings(invocation, io.environment));
  DIEGO_ASSIGN_OR_RETURN(session->credentials_,
                         MakeCredentials(session->settings_, io.clock.Now()));
  session->request_id_ = RandomUuid();
  return session;
}

std::unique_ptr<BbsPeer> Session::MakeBbsPeer(absl::Duration timeout, int rounds,
                                              absl::Duration pause) const {
  clients::BbsOverHttpOptions options;
  options.tls = HttpTls();
  return std::make_unique<BbsPeer>(
      settings_.addresses, timeout, rounds, pause, credentials_, request_id_,
      [http = clients::BbsOverHttp(options)](const std::string& url) { return http.Open(url); });
}

http_client::Tls Session::HttpTls() const {
  return {settings_.ca_file, settings_.cert_file, settings_.key_file, !settings_.skip_verification};
}

BbsPeer& Session::bbs() {
  if (!bbs_) bbs_ = MakeBbsPeer(settings_.timeout, 1);
  return *bbs_;
}

LocketPeer& Session::locket() {
  if (!locket_) {
    locket_ = std::make_unique<LocketPeer>(settings_.addresses, settings_.timeout, 1,
                                           kPauseBetweenRounds, credentials_, request_id_);
  }
  return *locket_;
}

}  // namespace diego::cfdot
