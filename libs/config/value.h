// How one value is read into its place and printed from it. Internal to libs/config.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/config/table.h"
#include "nlohmann/json.hpp"

namespace diego::config {

// "duration", "address", "array of text", …
absl::string_view TypeNameOf(const Target& target);

// "" or what is wrong and what to do. A value that is refused leaves the place as it was.
std::string StoreJson(const nlohmann::json& value, const Target& target);
std::string StoreText(absl::string_view text, const Target& target);

nlohmann::ordered_json ToJson(const Target& target);

}  // namespace diego::config
