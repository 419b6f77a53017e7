// When the loss of cells is believed, and when it is held; design-notes.md section 1.
#include "services/bbs/core/cell_loss.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace diego::bbs {
namespace {

// "abc": the cells a, b and c; "?": unreadable.
CellReading Reading(const std::string& cells, absl::Duration now) {
  CellReading reading{now, std::nullopt};
  if (cells == "?") return reading;
  reading.present.emplace();
  for (const char cell : cells) reading.present->insert(CellId(std::string(1, cell)));
  return reading;
}

std::string HoldName(const CellLosses& losses) {
  switch (losses.hold) {
    case CellLossHold::kNone: return "";
    case CellLossHold::kNotRead: return " unread";
    case CellLossHold::kUnreadable: return " unreadable";
    case CellLossHold::kMassLoss: return " mass";
    case CellLossHold::kNoCells: return " none";
  }
  return "";
}

// What readings come to. A script is a list of "AT:CELLS" in seconds, and of "accept" and
// "expect:CELLS" in between. The answer has a word for each reading: "-", or "act", then what is
// lost while losses are held and why.
std::string Play(const std::string& script, const CellLossSettings& settings = {}) {
  CellLosses losses;
  std::vector<std::string> told;
  for (const std::string& step : std::vector<std::string>(absl::StrSplit(script, ' '))) {
    if (step == "accept") {
      losses = Accepting(losses);
      continue;
    }
    const std::vector<std::string> parts = absl::StrSplit(step, ':');
    if (parts[0] == "expect") {
      losses = Expecting(losses, *Reading(parts[1], {}).present);
      CHECK(losses.held());
      continue;
    }
    const CellLossDecision decision =
        Judge(losses, Reading(parts[1], absl::Seconds(std::stoi(parts[0]))), settings);
    losses = decision.losses;
    CHECK_FALSE((decision.act && losses.held()));
    std::string word = decision.act ? "act" : "-";
    if (losses.held()) {
      word = absl::StrJoin(losses.lost, "", [](std::string* out, const auto& lost) {
        absl::StrAppend(out, lost.first.value());
      });
      absl::StrAppend(&word, HoldName(losses));
    }
    told.push_back(word);
  }
  return absl::StrJoin(told, ", ");
}

}  // namespace

TEST_CASE("cell losses: what is believed, held and believed after all", "[bbs][cells]") {
  struct Row {
    const char* rule;
    const char* script;
    const char* told;
  };
  const Row rows[] = {
      {"nothing vanishes", "0:abcde 1:abcde", "-, -"},
      {"one cell dies: acted on at once", "0:abcde 1:abcd", "-, act"},
      {"and only once", "0:abcde 1:abcd 2:abcd", "-, act, -"},
      {"two of three: fewer than least_cells", "0:abc 1:a", "-, act"},
      {"three of eight: 38 %, not more than the share", "0:abcdefgh 1:abcde", "-, act"},
      {"two of five, just the share", "0:abcde 1:abc", "-, act"},
      {"three of seven: 43 %", "0:abcdefg 1:abcd", "-, efg mass"},
      {"all of them", "0:abcde 1:", "-, abcde mass"},
      {"one after the other within the window: the last one trips it",
       "0:abcdefg 10:abcdef 20:abcde 30:abcd", "-, act, act, efg mass"},
      {"one after the other, slower than the window", "0:abcdefg 30:abcdef 60:abcde 91:abcd",
       "-, act, act, act"},
      {"those that came back do not count", "0:abcdefg 10:abcdef 20:abcdefg 30:abcde 40:abcd",
       "-, act, -, act, efg mass"},
      {"held losses do not grow old", "0:abcdefg 1:abcd 3600:abcd", "-, efg mass, efg mass"},
      {"nor are further ones believed", "0:abcdefg 1:abcd 2:abc", "-, efg mass, defg mass"},
      {"recovery: all are back", "0:abcdefg 1:abcd 2:abcdefg 3:abcdef", "-, efg mass, -, act"},
      {"recovery: few are missing, for as long as presences take to come back",
       "0:abcdefg 1:abcd 2:abcdef 16:abcdef 17:abcdef 18:abcdef",
       "-, efg mass, g mass, g mass, act, -"},
      {"no recovery: many are missing again meanwhile",
       "0:abcdefg 1:abcd 2:abcdef 10:abcd 17:abcdef 31:abcdef 32:abcdef",
       "-, efg mass, g mass, efg mass, g mass, g mass, act"},
      {"an operator accepts: no longer held, and only new losses are news",
       "0:abcdefg 1:abcd accept 2:abcd 3:abc", "-, efg mass, -, act"},
      {"a new cell is no loss", "0:abc 1:abcd 2:bcd", "-, -, act"},
      {"unreadable: held", "0:abc 1:? 2:?", "-,  unreadable,  unreadable"},
      {"unreadable, read again: nothing was lost", "0:abc 1:? 2:abc 3:ab",
       "-,  unreadable, -, act"},
      {"unreadable, read again with one missing: it may be about to come back",
       "0:abc 1:? 2:ab 16:ab 17:ab 18:ab", "-,  unreadable, c unreadable, c unreadable, act, -"},
      {"and does", "0:abc 1:? 2:ab 5:abc 6:ab", "-,  unreadable, c unreadable, -, act"},
      {"unreadable, read again with many missing", "0:abcde 1:? 2:ab 60:ab",
       "-,  unreadable, cde mass, cde mass"},
      {"unreadable cannot be accepted away", "0:abc 1:? accept 2:?", "-,  unreadable,  unreadable"},
      {"read again, it can", "0:abc 1:? 2:ab accept 3:ab", "-,  unreadable, c unreadable, -"},
      {"not read yet", "0:? 1:abc", " unreadable, -"},
      {"the last of few: believed when it lasts",
       "0:a 1: 30: 31: 32:", "-, a none, a none, act, -"},
      {"the last of few is back", "0:a 1: 5:a 6:", "-, a none, -, a none"},
      {"the last of few, accepted", "0:a 1: accept 2:", "-, a none, -"},
      {"none at all from the start", "0: 60:", "-, -"},
      {"a term begins with work on cells that are not there: just lost",
       "0:abcde expect:cdefg 1:abcde", "-, act"},
      {"a term begins with work on many that are not there", "0:ab expect:abcdef 1:ab 120:ab",
       "-, cdef mass, cdef mass"},
      {"a BBS starts with work on many that are not there", "expect:abcdef 1:ab 2:abcdef",
       "cdef mass, -"},
      {"a term begins: what another term held is forgotten", "0:abcdefg 1:abcd expect:ab 2:abcd",
       "-, efg mass, -"},
  };
  for (const Row& row : rows) {
    INFO(row.rule << ": " << row.script);
    CHECK(Play(row.script) == row.told);
  }
}

TEST_CASE("cell losses: the share, the least and the window are the operator's", "[bbs][cells]") {
  CellLossSettings settings;
  settings.share = 0.5;
  CHECK(Play("0:abcdefg 1:abcd", settings) == "-, act");
  CHECK(Play("0:abcdefg 1:abc", settings) == "-, defg mass");
  settings = {};
  settings.least_cells = 2;
  CHECK(Play("0:abc 1:a", settings) == "-, bc mass");
  settings = {};
  settings.window = absl::Seconds(5);
  CHECK(Play("0:abcdefg 10:abcdef 20:abcde 30:abcd", settings) == "-, act, act, act");
}

}  // namespace diego::bbs
