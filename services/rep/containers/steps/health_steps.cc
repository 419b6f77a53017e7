#include "services/rep/containers/steps/health_steps.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/rep/containers/errno_status.h"
#include "services/rep/containers/steps/composite_steps.h"

namespace diego::rep {
namespace {

constexpr size_t kMaxStatusLineBytes = 512;

// The three digits of "HTTP/1.1 200 OK"; 0 when it is not that.
int StatusOf(absl::string_view reply) {
  int status = 0;
  const size_t blank = reply.find(' ');
  if (!absl::StartsWith(reply, "HTTP/") || blank == absl::string_view::npos) return 0;
  return absl::SimpleAtoi(reply.substr(blank + 1, 3), &status) ? status : 0;
}

std::string LowerFirst(const char* words) {
  std::string text = words;
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

}  // namespace

NetworkCheckStep::NetworkCheckStep(StepContextPtr context, HealthCheck check)
    : context_(std::move(context)), check_(std::move(check)) {}

void NetworkCheckStep::Start(Finished finished) {
  finished_ = std::move(finished);
  started_ = context_->loop->clock().Monotonic();
  const auto self = shared_from_this();
  timer_ = context_->loop->After(check_.timeout, [self] {
    self->FailBecause(absl::StrFormat("timed out after %.2f seconds",
                                      absl::ToDoubleSeconds(self->check_.timeout)));
  });
  const absl::Status connecting = Connect();
  if (!connecting.ok()) FailBecause(std::string(connecting.message()));
}

absl::Status NetworkCheckStep::Connect() {
  socket_.Reset(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return ErrnoStatus("making a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(check_.port);
  if (inet_pton(AF_INET, context_->network.container_ip.c_str(), &address.sin_addr) != 1) {
    return absl::InternalError("the container has no address");
  }
  if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return absl::UnavailableError(LowerFirst(strerror(errno)));
  }
  return context_->loop->Watch(socket_.get(), EventLoop::Interest::kWrite,
                               [self = shared_from_this()] { self->OnWritable(); });
}

void NetworkCheckStep::OnWritable() {
  const auto self = shared_from_this();
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return FailBecause(LowerFirst(strerror(error)));
  if (check_.kind == HealthCheck::Kind::kTcp) return Finish(StepResult::Done());
  const std::string request =
      absl::StrCat("GET ", absl::StartsWith(check_.path, "/") ? "" : "/", check_.path,
                   " HTTP/1.1\r\nHost: ", context_->network.container_ip, ":", check_.port,
                   "\r\nUser-Agent: diego-healthcheck\r\nConnection: close\r\n\r\n");
  context_->loop->Unwatch(socket_.get());
  // It fits into an empty send buffer.
  if (send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return FailBecause(LowerFirst(strerror(errno)));
  }
  const absl::Status watching = context_->loop->Watch(socket_.get(), EventLoop::Interest::kRead,
                                                      [self] { self->OnReadable(); });
  if (!watching.ok()) FailBecause(std::string(watching.message()));
}

void NetworkCheckStep::OnReadable() {
  const auto self = shared_from_this();
  char buffer[kMaxStatusLineBytes];
  const ssize_t n = read(socket_.get(), buffer, sizeof buffer);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return FailBecause(LowerFirst(strerror(errno)));
  reply_.append(buffer, n);
  if (n == 0 || absl::StrContains(reply_, "\n") || reply_.size() >= kMaxStatusLineBytes) {
    JudgeReply();
  }
}

void NetworkCheckStep::JudgeReply() {
  const int status = StatusOf(reply_);
  if (status == 200) return Finish(StepResult::Done());
  if (status == 0) return FailBecause("received no HTTP response");
  const absl::Duration took = context_->loop->clock().Monotonic() - started_;
  FailBecause(
      absl::StrCat("received status code ", status, " in ", absl::ToInt64Milliseconds(took), "ms"));
}

void NetworkCheckStep::FailBecause(const std::string& why) {
  const bool is_tcp = check_.kind == HealthCheck::Kind::kTcp;
  const std::string what =
      is_tcp ? "Failed to make TCP connection to"
             : absl::StrCat("Failed to make HTTP request to '", check_.path, "' on");
  Finish(StepResult::Failed(absl::StrCat(what, " port ", check_.port, ": ", why)));
}

void NetworkCheckStep::Cancel() {
  const auto self = shared_from_this();
  Finish(StepResult::Cancelled());
}

void NetworkCheckStep::Finish(StepResult result) {
  if (!finished_) return;
  context_->loop->Cancel(timer_);
  if (socket_.valid()) context_->loop->Unwatch(socket_.get());
  socket_.Reset();
  std::exchange(finished_, nullptr)(std::move(result));
}

LivenessStep::LivenessStep(StepContextPtr context, HealthProbe probe)
    : context_(std::move(context)), probe_(std::move(probe)) {}

void LivenessStep::Start(Finished finished) {
  finished_ = std::move(finished);
  Wait();
}

void LivenessStep::Wait() {
  timer_ = context_->loop->After(probe_.healthy_interval,
                                 [self = shared_from_this()] { self->CheckNow(); });
}

void LivenessStep::CheckNow() {
  check_ = probe_.make_check();
  const StepPtr check = check_;
  check->Start([self = shared_from_this()](StepResult result) { self->OnChecked(result); });
}

void LivenessStep::OnChecked(const StepResult& result) {
  check_.reset();
  if (!finished_) return;
  if (cancelled_) return std::exchange(finished_, nullptr)(StepResult::Cancelled());
  if (result.ok()) return Wait();
  if (probe_.on_liveness_failed) probe_.on_liveness_failed();
  std::exchange(finished_, nullptr)(result);
}

void LivenessStep::Cancel() {
  if (!finished_ || cancelled_) return;
  cancelled_ = true;
  context_->loop->Cancel(timer_);
  // A check under way ends first: its process must not outlive the step.
  if (const StepPtr check = check_) return check->Cancel();
  std::exchange(finished_, nullptr)(StepResult::Cancelled());
}

HealthStep::HealthStep(StepContextPtr context, std::string check_log_source, HealthTiming timing,
                       std::vector<HealthProbe> probes, std::function<void()> on_healthy)
    : context_(std::move(context)),
      check_log_source_(std::move(check_log_source)),
      timing_(timing),
      probes_(std::move(probes)),
      on_healthy_(std::move(on_healthy)) {}

void HealthStep::Start(Finished finished) {
  finished_ = std::move(finished);
  tracker_.emplace(timing_, context_->loop->clock().Monotonic());
  context_->log->Write(Stream::kStdout, "", kStartingHealthMonitoring);
  CheckNow();
}

void HealthStep::CheckNow() {
  std::vector<StepPtr> checks;
  for (const HealthProbe& probe : probes_) checks.push_back(probe.make_check());
  Begin(std::make_shared<GroupStep>(GroupStep::Kind::kParallel, std::move(checks)));
}

// The first check to fail ends the others.
void HealthStep::WatchLiveness() {
  std::vector<StepPtr> repeated;
  for (const HealthProbe& probe : probes_) {
    if (probe.healthy_interval <= absl::ZeroDuration()) continue;
    repeated.push_back(std::make_shared<LivenessStep>(context_, probe));
  }
  if (repeated.empty()) return;
  Begin(std::make_shared<GroupStep>(GroupStep::Kind::kCodependent, std::move(repeated)));
}

void HealthStep::Begin(const StepPtr& check) {
  check_ = check;
  check->Start([self = shared_from_this()](StepResult result) { self->OnChecked(result); });
}

void HealthStep::OnChecked(const StepResult& result) {
  check_.reset();
  if (!finished_) return;
  if (cancelled_) return std::exchange(finished_, nullptr)(StepResult::Cancelled());
  const HealthVerdict verdict =
      tracker_->OnCheck(result.ok(), result.reason, context_->loop->clock().Monotonic());
  const bool failed = verdict.kind == HealthVerdict::Kind::kFailed;
  if (failed && !check_log_source_.empty()) {
    context_->log->Write(Stream::kStderr, check_log_source_, result.reason);
  }
  if (!verdict.log_line.empty()) {
    context_->log->Write(failed ? Stream::kStderr : Stream::kStdout, "", verdict.log_line);
  }
  if (failed) {
    return std::exchange(finished_, nullptr)(StepResult::Failed(verdict.failure_reason));
  }
  if (verdict.next_check) {
    timer_ = context_->loop->After(*verdict.next_check,
                                   [self = shared_from_this()] { self->CheckNow(); });
  }
  if (verdict.kind != HealthVerdict::Kind::kBecameHealthy) return;
  WatchLiveness();
  on_healthy_();
}

void HealthStep::Cancel() {
  if (!finished_ || cancelled_) return;
  cancelled_ = true;
  context_->loop->Cancel(timer_);
  // A check under way ends first, as in LivenessStep.
  if (const StepPtr check = check_) return check->Cancel();
  std::exchange(finished_, nullptr)(StepResult::Cancelled());
}

}  // namespace diego::rep
