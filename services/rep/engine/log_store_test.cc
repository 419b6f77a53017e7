#include "services/rep/engine/log_store.h"

#include <catch2/catch.hpp>

namespace diego::rep {
namespace {

LogLine Line(const std::string& text) {
  LogLine line;
  line.text = text;
  return line;
}

TEST_CASE("log store: the last lines are kept, and read on from a number", "[rep][logs]") {
  LogStore store({3, 1000, 1});
  CHECK_FALSE(store.TailStart("a", 0));
  for (const char* text : {"1", "2", "3", "4", "5"}) store.Write({"a", {}}, Line(text));
  CHECK(*store.TailStart("a", 0) == 2);
  CHECK(*store.TailStart("a", 1) == 4);
  CHECK(*store.TailStart("a", 100) == 2);
  LogChunk chunk = store.Read("a", 0, 2);
  CHECK(chunk.lines == std::vector<LogLine>{Line("3"), Line("4")});
  CHECK(chunk.next == 4);
  chunk = store.Read("a", chunk.next, 10);
  CHECK(chunk.lines == std::vector<LogLine>{Line("5")});
  CHECK_FALSE(chunk.ended);
  store.Close("a");
  CHECK(store.Read("a", 5, 10).ended);
  CHECK_FALSE(store.Read("a", 2, 1).ended);
}

TEST_CASE("log store: bytes and ended containers are bounded", "[rep][logs]") {
  LogStore store({100, 10, 1});
  for (int i = 0; i < 5; ++i) store.Write({"a", {}}, Line("12345"));
  CHECK(store.Read("a", 0, 100).lines.size() == 2);
  store.Write({"b", {}}, Line("x"));
  store.Close("a");
  store.Close("b");
  CHECK_FALSE(store.TailStart("a", 0));
  CHECK(store.TailStart("b", 0));
  CHECK(store.Read("a", 0, 1).ended);
  const uint64_t version = store.Wait(0, absl::ZeroDuration());
  store.Write({"c", {}}, Line("x"));
  CHECK(store.Wait(version, absl::Seconds(10)) != version);
}

}  // namespace
}  // namespace diego::rep
