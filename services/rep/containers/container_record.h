// What a container may have left on the machine, written to the work directory before it is made,
// so that a cleanup after any crash knows what to undo.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/rep/containers/runtime.h"

namespace diego::rep {

struct ContainerRecord {
  std::string handle;
  std::map<std::string, std::string> labels;
  std::vector<PortMapping> ports;

  friend bool operator==(const ContainerRecord&, const ContainerRecord&) = default;
};

absl::Status SaveRecord(const std::string& path, const ContainerRecord& record);
// NotFound when there is none, InvalidArgument when it cannot be understood.
absl::StatusOr<ContainerRecord> LoadRecord(const std::string& path);

}  // namespace diego::rep
