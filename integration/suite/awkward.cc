#include "integration/suite/awkward.h"

#include <iterator>
#include <limits>

namespace diego::suite {

std::string AwkwardText(Random* random) {
  static const std::string kTexts[] = {"",
                                       "web",
                                       "demo",
                                       "cell-1",
                                       "instance-1",
                                       "preloaded:busybox",
                                       "docker:///x",
                                       "RUNNING",
                                       "10.0.0.1",
                                       "rw",
                                       "tcp",
                                       std::string("a\0b", 3),
                                       "'; DROP TABLE locks; --",
                                       "../../etc/passwd",
                                       "\xf0\x9f\x92\xa5",
                                       std::string(300, 'x'),
                                       std::string(70000, 'y')};
  // The long ones seldom: they cost more than they find.
  const size_t most = OneIn(random, 50) ? std::size(kTexts) : std::size(kTexts) - 2;
  return kTexts[random->Below(most)];
}

int64_t AwkwardNumber(Random* random) {
  constexpr int64_t kNumbers[] = {0,
                                  1,
                                  2,
                                  15,
                                  8080,
                                  65536,
                                  -1,
                                  std::numeric_limits<int32_t>::max(),
                                  std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int64_t>::max(),
                                  std::numeric_limits<int64_t>::min()};
  return kNumbers[random->Below(std::size(kNumbers))];
}

std::string Noise(Random* random, size_t most) {
  std::string bytes(random->Below(most), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random->Next());
  return bytes;
}

std::string Truncated(Random* random, const std::string& bytes) {
  return bytes.empty() ? "" : bytes.substr(0, random->Below(bytes.size()));
}

std::string Changed(Random* random, std::string bytes) {
  for (int n = 0; n < 3 && !bytes.empty(); ++n) {
    bytes[random->Below(bytes.size())] = static_cast<char>(random->Next());
  }
  return bytes;
}

}  // namespace diego::suite
