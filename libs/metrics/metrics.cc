#include "libs/metrics/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/sync/guarded.h"
#include "libs/sync/worker.h"

namespace diego::metrics {
namespace {

constexpr absl::string_view kUnits[] = {"_total", "_seconds", "_bytes", "_ratio",
                                        "_count", "_info",    "_state"};

bool IsSnakeCase(absl::string_view text) {
  return !text.empty() && absl::ascii_islower(text[0]) && absl::c_all_of(text, [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

bool EndsWithUnit(absl::string_view name) {
  return absl::c_any_of(kUnits, [&](absl::string_view unit) { return absl::EndsWith(name, unit); });
}

}  // namespace

void Counter::Increment(double by) { counter_->Increment(by); }
double Counter::Value() const { return counter_->Value(); }
void Gauge::Set(double value) { gauge_->Set(value); }
void Gauge::Add(double by) { gauge_->Increment(by); }
double Gauge::Value() const { return gauge_->Value(); }
void Histogram::Observe(double value) { histogram_->Observe(value); }
void Histogram::Observe(absl::Duration value) { histogram_->Observe(absl::ToDoubleSeconds(value)); }

std::vector<double> LatencyBuckets() {
  return {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60};
}

std::vector<double> SizeBuckets() {
  std::vector<double> buckets;
  for (double bound = 1; bound <= 65536; bound *= 2) buckets.push_back(bound);
  return buckets;
}

struct Registry::State {
  std::string service;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Guarded<std::set<std::string>> names;
};

Registry::Registry(absl::string_view service) : state_(std::make_unique<State>()) {
  DIEGO_CHECK(IsSnakeCase(service)) << "no service name for metrics: " << service;
  state_->service = std::string(service);
}

Registry::~Registry() = default;

std::string Registry::FullName(absl::string_view name) {
  DIEGO_CHECK(IsSnakeCase(name) && EndsWithUnit(name)) << "no metric name with unit: " << name;
  std::string full = absl::StrCat("diego_", state_->service, "_", name);
  const bool is_new =
      state_->names.With([&](std::set<std::string>& names) { return names.insert(full).second; });
  DIEGO_CHECK(is_new) << "metric made twice: " << full;
  return full;
}

Counter Registry::AddCounter(absl::string_view name, absl::string_view help) {
  const std::string full = FullName(name);
  DIEGO_CHECK(absl::EndsWith(name, "_total")) << "a counter ends in _total: " << name;
  auto& family =
      prometheus::BuildCounter().Name(full).Help(std::string(help)).Register(*state_->registry);
  return Counter(&family.Add({}));
}

Gauge Registry::AddGauge(absl::string_view name, absl::string_view help) {
  auto& family = prometheus::BuildGauge()
                     .Name(FullName(name))
                     .Help(std::string(help))
                     .Register(*state_->registry);
  return Gauge(&family.Add({}));
}

Histogram Registry::AddHistogram(absl::string_view name, absl::string_view help,
                                 std::vector<double> buckets) {
  auto& family = prometheus::BuildHistogram()
                     .Name(FullName(name))
                     .Help(std::string(help))
                     .Register(*state_->registry);
  return Histogram(&family.Add({}, std::move(buckets)));
}

Labelled<Counter> Registry::AddCounters(absl::string_view name, absl::string_view help,
                                        absl::string_view label,
                                        const std::vector<std::string>& values) {
  DIEGO_CHECK(absl::EndsWith(name, "_total")) << "a counter ends in _total: " << name;
  auto& family = prometheus::BuildCounter()
                     .Name(FullName(name))
                     .Help(std::string(help))
                     .Register(*state_->registry);
  Labelled<Counter> all;
  for (const std::string& value : values) {
    all.metrics_.push_back(Counter(&family.Add({{std::string(label), value}})));
  }
  return all;
}

Labelled<Gauge> Registry::AddGauges(absl::string_view name, absl::string_view help,
                                    absl::string_view label,
                                    const std::vector<std::string>& values) {
  auto& family = prometheus::BuildGauge()
                     .Name(FullName(name))
                     .Help(std::string(help))
                     .Register(*state_->registry);
  Labelled<Gauge> all;
  for (const std::string& value : values) {
    all.metrics_.push_back(Gauge(&family.Add({{std::string(label), value}})));
  }
  return all;
}

Labelled<Histogram> Registry::AddHistograms(absl::string_view name, absl::string_view help,
                                            absl::string_view label,
                                            const std::vector<std::string>& values,
                                            const std::vector<double>& buckets) {
  auto& family = prometheus::BuildHistogram()
                     .Name(FullName(name))
                     .Help(std::string(help))
                     .Register(*state_->registry);
  Labelled<Histogram> all;
  for (const std::string& value : values) {
    all.metrics_.push_back(Histogram(&family.Add({{std::string(label), value}}, buckets)));
  }
  return all;
}

std::string Registry::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

absl::StatusOr<std::unique_ptr<Exposition>> Exposition::Start(const std::string& address,
                                                              const Registry& registry) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(address, 2);
    exposer->RegisterCollectable(registry.state_->registry);
    return std::unique_ptr<Exposition>(new Exposition(std::move(exposer)));
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        absl::StrCat("metrics_address \"", address, "\" cannot be served: ", error.what()));
  }
}

Exposition::Exposition(std::unique_ptr<prometheus::Exposer> exposer)
    : exposer_(std::move(exposer)) {}

namespace {

// Connects to our own port once.
void Knock(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connection < 0) return;
  static_cast<void>(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
  close(connection);
}

}  // namespace

Exposition::~Exposition() {
  // The HTTP server looks for its end every two seconds, and after each connection: knocking spares
  // every process those two seconds when it stops.
  const int knocked = port();
  Worker knocker("metrics-stop", [knocked] {
    Knock(knocked);
    return absl::Milliseconds(5);
  });
  exposer_.reset();
}

int Exposition::port() const {
  const std::vector<int> ports = exposer_->GetListeningPorts();
  return ports.empty() ? 0 : ports[0];
}

}  // namespace diego::metrics
