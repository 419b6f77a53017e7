#include "libs/http/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "libs/http/acceptor.h"
#include "libs/http/connection.h"
#include "libs/http/loop.h"

namespace diego::http {
namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(100);

// Thousands of clients need as many descriptors; what the operator allows is the hard limit.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler,
                                                      const Clock& clock) {
  std::signal(SIGPIPE, SIG_IGN);
  RaiseFileLimit();
  std::unique_ptr<TlsContext> tls;
  if (options.tls) {
    DIEGO_ASSIGN_OR_RETURN(tls, TlsContext::Load(*options.tls, clock.Now(), options.log));
  }
  std::unique_ptr<Server> server(new Server());
  server->shared_ = std::make_shared<Shared>(std::move(options), std::move(handler), clock);
  const ServerOptions& given = server->shared_->options;
  for (int i = 0; i < std::max(given.threads, 1); ++i) {
    server->loops_.push_back(std::make_shared<Loop>(server->shared_));
  }
  server->acceptor_ = std::make_unique<Acceptor>(server->loops_, std::move(tls));
  DIEGO_RETURN_IF_ERROR(server->acceptor_->Listen());
  server->port_ = server->acceptor_->port();
  const size_t colon = given.address.rfind(':');
  server->address_ = absl::StrCat(given.address.substr(0, colon), ":", server->port_);
  server->acceptor_->Accept();
  for (size_t i = 0; i < server->loops_.size(); ++i) {
    Acceptor* acceptor = i == 0 ? server->acceptor_.get() : nullptr;
    server->workers_.push_back(std::make_unique<Worker>(absl::StrCat(given.name, "-", i),
                                                        [loop = server->loops_[i], acceptor] {
                                                          loop->context.run_for(kSweepInterval);
                                                          loop->Sweep();
                                                          if (acceptor != nullptr)
                                                            acceptor->Sweep();
                                                          return absl::ZeroDuration();
                                                        }));
  }
  return server;
}

size_t Server::connections() const {
  return shared_->open.With([](const size_t& open) { return open; });
}

void Server::Shutdown(absl::Duration grace) {
  if (workers_.empty()) return;
  boost::asio::post(loops_[0]->context, [this] { acceptor_->Close(); });
  for (const std::shared_ptr<Loop>& loop : loops_) {
    boost::asio::post(loop->context, [loop = loop.get()] { loop->Drain(); });
  }
  shared_->open.When([](const size_t& open) { return open == 0; }, grace, [](size_t&, bool) {});
  for (const std::shared_ptr<Loop>& loop : loops_) loop->context.stop();
  workers_.clear();
  for (const std::shared_ptr<Loop>& loop : loops_) loop->End();
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

}  // namespace diego::http
