#include "libs/rpc/trace_id.h"

#include <catch2/catch.hpp>

namespace diego::rpc {
namespace {

TEST_CASE("trace id: lower-case hexadecimal digits without dashes, or none", "[rpc]") {
  struct Row {
    std::string header;
    std::string id;
  };
  for (const Row& row :
       {Row{"", ""}, Row{"AB12-cd34", "ab12cd34"},
        Row{"7F461654-74D1-1EE5-8367-77D85DF2CDAB", "7f46165474d11ee5836777d85df2cdab"},
        Row{"-", ""}, Row{"xyz", ""}, Row{"ab\ncd", ""}, Row{"ab cd", ""},
        Row{std::string(64, 'A'), std::string(64, 'a')}, Row{std::string(65, 'a'), ""}}) {
    INFO(row.header);
    CHECK(TraceIdOf(row.header) == row.id);
  }
}

}  // namespace
}  // namespace diego::rpc
