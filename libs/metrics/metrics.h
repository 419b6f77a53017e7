// Metrics of one process: counters, gauges and histograms, served as Prometheus text on a port of
// their own.
//
//   metrics::Registry registry("bbs");
//   metrics::Counter batches = registry.AddCounter("committed_batches_total", "…");
//   batches.Increment();                              // diego_bbs_committed_batches_total
//   auto by_outcome = registry.AddCounters("commands_total", "…", "outcome", names);
//   by_outcome[Outcome::kRefused].Increment();        // …{outcome="refused"}
//
// Names are diego_<service>_<words>_<unit>: lower case, and the last word must be a unit (_total,
// _seconds, _bytes, _ratio, _count, _info, _state). A label's values come from a closed set that is
// given when the metric is made, so that no input can grow the number of series. A wrong name, or
// one used twice, is a bug: it fails a CHECK when the process starts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace prometheus {
class Counter;
class Exposer;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace diego::metrics {

// Handles: cheap to copy, thread-safe, good as long as the registry lives.
class Counter {
 public:
  void Increment(double by = 1);  // by >= 0
  double Value() const;

 private:
  friend class Registry;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  void Set(double value);
  void Add(double by);
  double Value() const;

 private:
  friend class Registry;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  void Observe(double value);
  void Observe(absl::Duration value);  // in seconds

 private:
  friend class Registry;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_;
};

// One metric a value of a label; indexed by the value's place in the closed set.
template <typename Metric>
class Labelled {
 public:
  // `value` is an enum or number below size().
  template <typename Value>
  Metric& operator[](Value value) {
    return metrics_.at(static_cast<size_t>(value));
  }
  size_t size() const { return metrics_.size(); }

 private:
  friend class Registry;
  std::vector<Metric> metrics_;
};

// Upper bounds in seconds, 100 µs to 60 s, for calls and commits.
std::vector<double> LatencyBuckets();
// Upper bounds 1, 2, 4, … 65536 for sizes of groups and queues.
std::vector<double> SizeBuckets();

// Thread-safe.
class Registry {
 public:
  // `service` is the second part of every name: "bbs", "route_emitter".
  explicit Registry(absl::string_view service);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter AddCounter(absl::string_view name, absl::string_view help);
  Gauge AddGauge(absl::string_view name, absl::string_view help);
  Histogram AddHistogram(absl::string_view name, absl::string_view help,
                         std::vector<double> buckets = LatencyBuckets());

  // `values` is the closed set of the label's values, in the order they are indexed by.
  Labelled<Counter> AddCounters(absl::string_view name, absl::string_view help,
                                absl::string_view label, const std::vector<std::string>& values);
  Labelled<Gauge> AddGauges(absl::string_view name, absl::string_view help, absl::string_view label,
                            const std::vector<std::string>& values);
  Labelled<Histogram> AddHistograms(absl::string_view name, absl::string_view help,
                                    absl::string_view label, const std::vector<std::string>& values,
                                    const std::vector<double>& buckets = LatencyBuckets());

  // All metrics as Prometheus text.
  std::string Text() const;

 private:
  friend class Exposition;
  std::string FullName(absl::string_view name);

  struct State;
  std::unique_ptr<State> state_;
};

// Serves GET /metrics of a registry over plain HTTP, on two threads.
class Exposition {
 public:
  // `address` is "host:port", port 0 = any free one. Unavailable, with the address, when the port
  // cannot be had. The registry must outlive it.
  static absl::StatusOr<std::unique_ptr<Exposition>> Start(const std::string& address,
                                                           const Registry& registry);
  ~Exposition();
  int port() const;

 private:
  explicit Exposition(std::unique_ptr<prometheus::Exposer> exposer);
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace diego::metrics
