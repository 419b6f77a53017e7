#include "services/rep/containers/command_words.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace diego::rep {
namespace {

TEST_CASE("command words: blanks part them, quotes and backslashes do not", "[rep]") {
  struct Case {
    const char* text;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"", {}},
      {" \t ", {}},
      {"/bin/x", {"/bin/x"}},
      {"  a  b\tc\n", {"a", "b", "c"}},
      {"sh -c 'rm -f /home/vcap/app/**/.java-buildpack.log'",
       {"sh", "-c", "rm -f /home/vcap/app/**/.java-buildpack.log"}},
      {R"(sh -c "echo 'it is' \"so\"")", {"sh", "-c", R"(echo 'it is' "so")"}},
      {R"('a\b' "c\\d" e\ f)", {R"(a\b)", R"(c\d)", "e f"}},
      {R"(a'b 'c"d "e)", {"ab cd e"}},
      {R"('' "")", {"", ""}},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto words = CommandWords(c.text);
    REQUIRE(words.ok());
    CHECK(*words == c.words);
  }
}

TEST_CASE("command words: what is not closed is said", "[rep]") {
  CHECK(CommandWords("sh -c 'rm").status().message() == "has a ' that is not closed");
  CHECK(CommandWords(R"(echo "a\")").status().message() == "has a \" that is not closed");
  CHECK(CommandWords("a\\").status().message() == "ends with a backslash");
}

}  // namespace
}  // namespace diego::rep
