#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/cord.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_util.h"
#include "libs/base/strong_id.h"

namespace diego {
namespace {

TEST_CASE("random: the same seed draws the same numbers", "[base][random]") {
  Random a(7), b(7), c(8);
  CHECK(a.Next() == b.Next());
  CHECK(a.Uuid() == b.Uuid());
  CHECK(a.Next() != c.Next());
}

TEST_CASE("random: Below stays below its bound and reaches every value", "[base][random]") {
  Random random(1);
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Below(5));
  CHECK(seen == std::set<uint64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("random: a UUID has version 4 and the RFC 4122 variant", "[base][random]") {
  for (const std::string& uuid : {Random(3).Uuid(), RandomUuid()}) {
    REQUIRE(uuid.size() == 36);
    CHECK(uuid[14] == '4');
    CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  }
}

TEST_CASE("status: Annotate keeps code and payloads and puts the context in front", "[base]") {
  absl::Status status = absl::NotFoundError("no row");
  status.SetPayload("url", absl::Cord("payload"));
  const absl::Status annotated = Annotate(status, "loading");
  CHECK(annotated.code() == absl::StatusCode::kNotFound);
  CHECK(annotated.message() == "loading: no row");
  CHECK(annotated.GetPayload("url") == absl::Cord("payload"));
  CHECK(Annotate(absl::OkStatus(), "loading").ok());
}

TEST_CASE("clock: the monotonic clock does not go back", "[base][clock]") {
  const absl::Duration first = RealClock().Monotonic();
  CHECK(RealClock().Monotonic() >= first);
}

}  // namespace
}  // namespace diego
