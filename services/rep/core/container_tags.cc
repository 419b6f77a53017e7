#include "services/rep/core/container_tags.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"

namespace diego::rep {
namespace {

// A JSON array of texts; bytes above 0x7f are taken as they are.
std::string JsonArray(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    absl::StrAppend(&json, json.size() > 1 ? ",\"" : "\"");
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        absl::StrAppend(&json, "\\", absl::string_view(&c, 1));
      } else if (static_cast<unsigned char>(c) < 0x20) {
        absl::StrAppend(&json, "\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4));
      } else {
        json.push_back(c);
      }
    }
    json.push_back('"');
  }
  return json + "]";
}

// Reads one quoted text that starts at `*at`; false when malformed. Knows the escapes of JsonArray.
bool ReadText(absl::string_view json, size_t* at, std::string* text) {
  if (*at >= json.size() || json[*at] != '"') return false;
  for (++*at; *at < json.size() && json[*at] != '"'; ++*at) {
    if (json[*at] != '\\') {
      text->push_back(json[*at]);
      continue;
    }
    if (++*at >= json.size()) return false;
    if (json[*at] == 'u') {
      uint32_t code = 0;
      if (!absl::SimpleHexAtoi(json.substr(*at + 1, 4), &code) || code > 0x7f) return false;
      text->push_back(static_cast<char>(code));
      *at += 4;
    } else {
      text->push_back(json[*at]);
    }
  }
  return (*at)++ < json.size();
}

absl::Status ParseJsonArray(absl::string_view tag, absl::string_view json,
                            std::vector<std::string>* texts) {
  const auto malformed = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("container tag ", tag, " is '", json, "'; want a JSON array of texts"));
  };
  if (json.size() < 2 || json.front() != '[' || json.back() != ']') return malformed();
  size_t at = 1;
  while (at + 1 < json.size()) {
    if (!texts->empty() && json[at++] != ',') return malformed();
    std::string text;
    if (!ReadText(json, &at, &text)) return malformed();
    texts->push_back(std::move(text));
  }
  return absl::OkStatus();
}

}  // namespace

ContainerTags TagsOf(const ContainerIdentity& identity) {
  ContainerTags tags = {
      {"lifecycle", identity.lifecycle == Lifecycle::kLrp ? "lrp" : "task"},
      {"domain", identity.domain.value()},
      {"placement-tags", JsonArray(identity.placement.placement_tags)},
      {"volume-drivers", JsonArray(identity.placement.volume_drivers)},
      {"root-fs", identity.placement.root_fs},
  };
  if (identity.lifecycle == Lifecycle::kLrp) {
    tags["process-guid"] = identity.lrp.process_guid.value();
    tags["process-index"] = absl::StrCat(identity.lrp.index);
    tags["instance-guid"] = identity.guid;
    if (!identity.definition_id.empty()) tags[kDefinitionTag] = identity.definition_id;
  }
  return tags;
}

absl::StatusOr<ContainerIdentity> IdentityOf(const std::string& guid, const ContainerTags& tags) {
  const auto tag = [&](const char* name) {
    const auto found = tags.find(name);
    return found == tags.end() ? std::string() : found->second;
  };
  ContainerIdentity identity;
  identity.guid = guid;
  identity.domain = Domain(tag("domain"));
  identity.placement.root_fs = tag("root-fs");
  const std::string lifecycle = tag("lifecycle");
  if (lifecycle != "lrp" && lifecycle != "task") {
    return absl::InvalidArgumentError(
        absl::StrCat("container tag lifecycle is '", lifecycle, "'; want lrp or task"));
  }
  DIEGO_RETURN_IF_ERROR(
      ParseJsonArray("placement-tags", tag("placement-tags"), &identity.placement.placement_tags));
  DIEGO_RETURN_IF_ERROR(
      ParseJsonArray("volume-drivers", tag("volume-drivers"), &identity.placement.volume_drivers));
  if (lifecycle == "task") {
    identity.lifecycle = Lifecycle::kTask;
    return identity;
  }
  identity.lrp.process_guid = ProcessGuid(tag("process-guid"));
  identity.lrp.domain = identity.domain;
  identity.definition_id = tag(kDefinitionTag);
  if (!absl::SimpleAtoi(tag("process-index"), &identity.lrp.index)) {
    return absl::InvalidArgumentError(
        absl::StrCat("container tag process-index is '", tag("process-index"), "'; want a number"));
  }
  return identity;
}

}  // namespace diego::rep
