// For tests that make real containers: a busybox image, a cell of its own, and a look at what is
// left on the machine. Needs root, runc and the CNI plugins.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/sync/guarded.h"
#include "services/rep/containers/event_loop.h"
#include "services/rep/containers/runc_runtime.h"

namespace diego::rep {

// A temporary directory with an image in it; names and subnet are drawn from the process id so
// that runs do not meet.
class CellFixture {
 public:
  CellFixture();
  ~CellFixture();  // shuts the runtime down and checks nothing

  RuncConfig Config() const { return ConfigIn(dir_, getpid()); }
  // The configuration of the cell that process `owner` has in `dir`.
  static RuncConfig ConfigIn(const std::string& dir, pid_t owner);
  const std::string& dir() const { return dir_; }
  RuncRuntime& runtime() { return *runtime_; }
  EventLoop& loop() { return *loop_; }
  // Drops the runtime as a killed process would: without undoing anything.
  void Forget();
  // A new runtime on the same work directory. Fails the test when it does not start.
  void StartRuntime();

  // Everything of this cell that is on the machine: mounts, network links, NAT rules, control
  // groups, runc's containers. Empty when clean.
  std::vector<std::string> Leftovers() const;

 private:
  std::string dir_;
  std::string name_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<RuncRuntime> runtime_;
};

// Collects what one process says, and waits for its end.
class Recorder {
 public:
  ProcessCallbacks Callbacks();
  // Fails the test after 20 seconds.
  ProcessExit AwaitExit();
  // Waits until a line is there.
  void AwaitLine(const std::string& line);
  std::vector<std::string> Lines(Stream stream) const;

 private:
  struct State {
    std::vector<std::pair<Stream, std::string>> lines;
    std::vector<ProcessExit> exits;
  };
  std::shared_ptr<Guarded<State>> state_ = std::make_shared<Guarded<State>>();
};

// A shell command as root.
ProcessSpec Shell(const std::string& script);

}  // namespace diego::rep
