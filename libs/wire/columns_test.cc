#include "libs/wire/columns.h"

#include <catch2/catch.hpp>

#include "libs/models/error.h"

namespace diego::wire {
namespace {

TEST_CASE("columns: routes keep their raw text", "[wire][columns]") {
  const Routes routes = {{"a \"<b>", "[1.50,{\"x\":\"},:\\\"\"}]"}, {"c", "null"}, {"d", "1e3"}};
  const std::string text = RoutesToJson(routes);
  CHECK(text == R"({"a \"\u003cb\u003e":[1.50,{"x":"},:\""}],"c":null,"d":1e3})");
  CHECK(*RoutesFromJson(text) == routes);
  CHECK(*RoutesFromJson(" { \"c\" : null ,\n\"d\":1e3, \"a \\\"\\u003cb>\" : "
                        "[1.50,{\"x\":\"},:\\\"\"}] } ") == routes);
}

TEST_CASE("columns: the other texts are read back", "[wire][columns]") {
  const MetricTags tags = {{"a", {"s", MetricTagValue::Dynamic::kInvalid}},
                           {"b", {"", MetricTagValue::Dynamic::kInstanceGuid}},
                           {"c", {"s", MetricTagValue::Dynamic::kIndex}},
                           {"d", {}}};
  CHECK(MetricTagsToJson(tags) == R"({"a":{"static":"s"},"b":{"dynamic":"INSTANCE_GUID"},)"
                                  R"("c":{"static":"s","dynamic":"INDEX"},"d":{}})");
  CHECK(*MetricTagsFromJson(MetricTagsToJson(tags)) == tags);
  CHECK(MetricTagsFromJson(R"({"a":{"dynamic":"NEW"},"b":null})")->at("a") == MetricTagValue{});

  const std::vector<std::string> strings = {"a.b", "", "\"<"};
  CHECK(InternalRoutesToJson(strings) ==
        R"([{"hostname":"a.b"},{"hostname":""},{"hostname":"\"\u003c"}])");
  CHECK(*InternalRoutesFromJson(InternalRoutesToJson(strings)) == strings);
  CHECK(StringsToJson(strings) == R"(["a.b","","\"\u003c"])");
  CHECK(*StringsFromJson(StringsToJson(strings)) == strings);
  const std::map<std::string, std::string> map = {{"k", "v"}, {"l", ""}};
  CHECK(StringMapToJson(map) == R"({"k":"v","l":""})");
  CHECK(*StringMapFromJson(StringMapToJson(map)) == map);
}

TEST_CASE("columns: nothing and null are empty", "[wire][columns]") {
  const std::string text = GENERATE(as<std::string>(), "", "null");
  CHECK(RoutesFromJson(text)->empty());
  CHECK(MetricTagsFromJson(text)->empty());
  CHECK(InternalRoutesFromJson(text)->empty());
  CHECK(StringMapFromJson(text)->empty());
  CHECK(StringsFromJson(text)->empty());
  CHECK(RoutesToJson({}) == "{}");
  CHECK(MetricTagsToJson({}) == "{}");
  CHECK(InternalRoutesToJson({}) == "[]");
  CHECK(StringMapToJson({}) == "{}");
  CHECK(StringsToJson({}) == "[]");
}

TEST_CASE("columns: what is not the column's shape is a Deserialize error", "[wire][columns]") {
  for (const std::string text : {"{", "7", "\"x\"", "{\"a\":1", "[1,", "\xff"}) {
    INFO(text);
    CHECK(IsDiegoError(RoutesFromJson(text).status(), ErrorType::kDeserialize));
    CHECK(IsDiegoError(MetricTagsFromJson(text).status(), ErrorType::kDeserialize));
    CHECK(IsDiegoError(InternalRoutesFromJson(text).status(), ErrorType::kDeserialize));
    CHECK(IsDiegoError(StringMapFromJson(text).status(), ErrorType::kDeserialize));
    CHECK(IsDiegoError(StringsFromJson(text).status(), ErrorType::kDeserialize));
  }
  CHECK_FALSE(MetricTagsFromJson(R"({"a":"b"})").ok());
  CHECK_FALSE(MetricTagsFromJson(R"({"a":{"static":1}})").ok());
  CHECK_FALSE(InternalRoutesFromJson(R"([{"hostname":1}])").ok());
  CHECK_FALSE(InternalRoutesFromJson("[null]").ok());
  CHECK_FALSE(StringMapFromJson(R"({"a":1})").ok());
  CHECK_FALSE(StringsFromJson("[1]").ok());
  CHECK_FALSE(RoutesFromJson(R"({"a":)" + std::string(100000, '[')).ok());
}

}  // namespace
}  // namespace diego::wire
