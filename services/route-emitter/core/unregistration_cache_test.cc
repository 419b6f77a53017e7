#include "services/route-emitter/core/unregistration_cache.h"

#include <catch2/catch.hpp>

namespace diego::route_emitter {
namespace {

RegistryMessage Message(const std::string& host, const std::string& uri) {
  RegistryMessage message;
  message.host = host;
  message.port = 80;
  message.uris = {uri};
  return message;
}

TEST_CASE("unregistration cache: a message is repeated so many times and then dropped",
          "[route-emitter][unregistration]") {
  UnregistrationCache cache(3, 10);
  cache.Note({{Message("a", "x")}, {}, {}, {}});
  for (int i = 0; i < 3; ++i) CHECK(cache.Due().size() == 1);
  CHECK(cache.Due().empty());
  CHECK(cache.size() == 0);
}

TEST_CASE("unregistration cache: registering again forgets it", "[route-emitter][unregistration]") {
  UnregistrationCache cache(3, 10);
  cache.Note({{Message("a", "x"), Message("a", "y")}, {}, {}, {}});
  RegistryMessage again = Message("a", "x");
  again.app = "other fields do not matter";
  cache.Note({{}, {again}, {}, {}});
  CHECK(cache.Due() == std::vector<RegistryMessage>{Message("a", "y")});
}

TEST_CASE("unregistration cache: unregistering again starts the count anew",
          "[route-emitter][unregistration]") {
  UnregistrationCache cache(2, 10);
  cache.Note({{Message("a", "x")}, {}, {}, {}});
  cache.Due();
  cache.Note({{Message("a", "x")}, {}, {}, {}});
  CHECK(cache.Due().size() == 1);
  CHECK(cache.Due().size() == 1);
  CHECK(cache.Due().empty());
}

TEST_CASE("unregistration cache: internal routes are not kept, and there is a bound",
          "[route-emitter][unregistration]") {
  UnregistrationCache cache(2, 1);
  cache.Note({{}, {}, {Message("a", "internal")}, {}});
  CHECK(cache.size() == 0);
  cache.Note({{Message("a", "x"), Message("b", "x")}, {}, {}, {}});
  CHECK(cache.size() == 1);
}

}  // namespace
}  // namespace diego::route_emitter
