// The tags that the rep writes on a container, from which it knows it again.
// Source: reference/rep-auctioneer-http-api.md "container tags".
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/rep/core/cell_facts.h"

namespace diego::rep {

// lifecycle, domain, process-guid, process-index, instance-guid, placement-tags, volume-drivers
// (the last two JSON arrays), and ours: root-fs, definition-id.
using ContainerTags = std::map<std::string, std::string>;

inline constexpr char kDefinitionTag[] = "definition-id";

ContainerTags TagsOf(const ContainerIdentity& identity);
// InvalidArgument naming the tag that is missing or malformed.
absl::StatusOr<ContainerIdentity> IdentityOf(const std::string& guid, const ContainerTags& tags);

}  // namespace diego::rep
