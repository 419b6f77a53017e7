// Lease renewals a second of a whole Locket: gRPC over mutual TLS, group commit, SQL. Server and
// clients share this process and its cores. `locket_bench --help` says what can be set.
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/guarded.h"
#include "libs/testing/mariadb.h"
#include "proto/models/locket.grpc.pb.h"
#include "services/locket/server.h"

namespace diego::locket {
namespace {

constexpr char kHelp[] =
    "Usage: locket_bench [--store sqlite|mysql] [--clients N] [--seconds S]\n"
    "N clients each renew a lease of their own, one call at a time, for S seconds.\n";

struct Options {
  std::string store = "mysql";
  int clients = 200;
  int seconds = 10;
};

struct Progress {
  int64_t renewals = 0;
  int64_t failures = 0;
  int running = 0;
};

// One client: its next call starts when the last one is answered.
class Client {
 public:
  Client(models::Locket::Stub& stub, int number, absl::Duration end, Guarded<Progress>& progress)
      : stub_(stub), end_(end), progress_(progress) {
    models::Resource* resource = request_.mutable_resource();
    resource->set_key(absl::StrCat("cell-", number));
    resource->set_owner("bench");
    resource->set_value(std::string(500, 'v'));
    resource->set_type_code(models::PRESENCE);
    request_.set_ttl_in_seconds(60);
  }
  void Next() {
    context_ = rpc::MakeContext();
    stub_.async()->Lock(context_.get(), &request_, &response_, [this](const grpc::Status& status) {
      const bool goes_on = status.ok() && RealClock().Monotonic() < end_;
      progress_.With([&](Progress& progress) {
        progress.renewals += status.ok();
        progress.failures += !status.ok();
        progress.running -= !goes_on;
      });
      if (goes_on) Next();
    });
  }

 private:
  models::Locket::Stub& stub_;
  const absl::Duration end_;
  Guarded<Progress>& progress_;
  models::LockRequest request_;
  models::LockResponse response_;
  std::unique_ptr<grpc::ClientContext> context_;
};

void Run(const Options& options, const LocketConfig& config, rpc::TestCertificates& certificates) {
  auto server = LocketServer::Start(config, log::Logger::Discard(), [](int) {});
  DIEGO_CHECK(server.ok()) << server.status().ToString();
  const auto stub =
      models::Locket::NewStub(certificates.Channel((*server)->port(), rpc::Role::kOperator));
  Guarded<Progress> progress;
  const absl::Duration start = RealClock().Monotonic();
  const absl::Duration end = start + absl::Seconds(options.seconds);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < options.clients; ++i) {
    clients.push_back(std::make_unique<Client>(*stub, i, end, progress));
    progress.With([](Progress& all) { ++all.running; });
    clients.back()->Next();
  }
  const Progress total =
      progress.When([](const Progress& all) { return all.running == 0; },
                    absl::Seconds(options.seconds + 60), [](Progress& all, bool) { return all; });
  DIEGO_CHECK(total.running == 0) << "clients that never heard an answer";
  const double took = absl::ToDoubleSeconds(RealClock().Monotonic() - start);
  std::printf("%s, %d clients: %.0f renewals/s, %lld failures\n", options.store.c_str(),
              options.clients, static_cast<double>(total.renewals) / took,
              static_cast<long long>(total.failures));
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--store") {
      options->store = argv[i + 1];
    } else if (name == "--clients") {
      if (!absl::SimpleAtoi(argv[i + 1], &options->clients)) return false;
    } else if (name == "--seconds") {
      if (!absl::SimpleAtoi(argv[i + 1], &options->seconds)) return false;
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && options->clients > 0 && options->seconds > 0 &&
         (options->store == "sqlite" || options->store == "mysql");
}

int Main(const Options& options) {
  rpc::TestCertificates certificates;
  const rpc::TlsFiles tls = certificates.For(rpc::Role::kLocket);
  LocketConfig config;
  config.listen_address = {"127.0.0.1", 0};
  config.ca_file = tls.ca_file;
  config.cert_file = tls.cert_file;
  config.key_file = tls.key_file;
  config.database.driver = options.store;
  if (options.store == "sqlite") {
    char directory[] = "/tmp/diego-locket-bench-XXXXXX";
    DIEGO_CHECK(mkdtemp(directory) != nullptr);
    config.database.connection_string = absl::StrCat(directory, "/locket.db");
    Run(options, config, certificates);
    std::filesystem::remove_all(directory);
    return 0;
  }
  auto database = testing::MariaDb::Start();
  DIEGO_CHECK(database.ok()) << database.status().ToString();
  DIEGO_CHECK((*database)->CreateDatabase("locket").ok());
  config.database.connection_string = (*database)->ConnectionString("locket");
  Run(options, config, certificates);
  return 0;
}

}  // namespace
}  // namespace diego::locket

int main(int argc, char** argv) {
  diego::locket::Options options;
  if (!diego::locket::Parse(argc, argv, &options)) {
    std::fputs(diego::locket::kHelp, stderr);
    return 2;
  }
  return diego::locket::Main(options);
}
