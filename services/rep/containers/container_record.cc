#include "services/rep/containers/container_record.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_util.h"
#include "nlohmann/json.hpp"
#include "services/rep/containers/file_io.h"

namespace diego::rep {

using nlohmann::json;

absl::Status SaveRecord(const std::string& path, const ContainerRecord& record) {
  json ports = json::array();
  for (const PortMapping& port : record.ports) {
    ports.push_back({port.container_port, port.host_port});
  }
  const json saved = {{"handle", record.handle}, {"labels", record.labels}, {"ports", ports}};
  return WriteWholeFile(path, saved.dump(-1, ' ', false, json::error_handler_t::replace), 0600);
}

absl::StatusOr<ContainerRecord> LoadRecord(const std::string& path) {
  DIEGO_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  const json saved = json::parse(text, nullptr, false);
  const absl::Status bad =
      absl::InvalidArgumentError(absl::StrCat(path, ": not the record of a container"));
  if (!saved.is_object()) return bad;
  ContainerRecord record;
  for (const auto& [key, value] : saved.items()) {
    if (key == "handle" && value.is_string()) {
      record.handle = value.get<std::string>();
    } else if (key == "labels" && value.is_object()) {
      for (const auto& [name, label] : value.items()) {
        if (label.is_string()) record.labels[name] = label.get<std::string>();
      }
    } else if (key == "ports" && value.is_array()) {
      for (const json& pair : value) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() ||
            !pair[1].is_number_unsigned()) {
          return bad;
        }
        record.ports.push_back({pair[0].get<uint16_t>(), pair[1].get<uint16_t>()});
      }
    }
  }
  if (record.handle.empty()) return bad;
  return record;
}

}  // namespace diego::rep
