#include "libs/config/testing/values.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "libs/config/reader.h"

namespace diego::config::testing {

void CheckValues(const Schema& schema, void* config,
                 const std::vector<std::pair<const char*, const char*>>& want) {
  const nlohmann::json printed = nlohmann::json::parse(Print(schema, config));
  for (const auto& [key, text] : want) {
    INFO(key);
    REQUIRE(printed.contains(key));
    const nlohmann::json& value = printed[key];
    CHECK((value.is_string() ? value.get<std::string>() : value.dump()) == text);
  }
}

}  // namespace diego::config::testing
