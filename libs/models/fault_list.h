// Collects every fault of a request so that they are reported together.
#pragma once

#include <string>
#include <vector>
#include "absl/strings/string_view.h"

#include "absl/status/status.h"

namespace diego {

class FaultList {
 public:
  // "Invalid field: <name>".
  void Field(absl::string_view name);
  // A text of its own.
  void Text(absl::string_view text);

  bool empty() const { return faults_.empty(); }
  const std::vector<std::string>& faults() const { return faults_; }
  // OK when empty; else InvalidRequest with the faults in order, joined by ", ".
  absl::Status ToStatus() const;

 private:
  std::vector<std::string> faults_;
};

}  // namespace diego
