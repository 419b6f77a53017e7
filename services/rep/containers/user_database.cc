#include "services/rep/containers/user_database.h"

#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace diego::rep {
namespace {

struct Numbers {
  uint32_t uid = 0;
  std::optional<uint32_t> gid;
};

// "UID" or "UID:GID".
std::optional<Numbers> ParseNumbers(absl::string_view user) {
  const std::vector<absl::string_view> parts = absl::StrSplit(user, ':');
  Numbers numbers;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &numbers.uid)) return std::nullopt;
  if (parts.size() == 2) {
    uint32_t gid = 0;
    if (!absl::SimpleAtoi(parts[1], &gid)) return std::nullopt;
    numbers.gid = gid;
  }
  return numbers;
}

void AddGroups(absl::string_view group, UserIds* ids) {
  for (absl::string_view line : absl::StrSplit(group, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    uint32_t gid = 0;
    if (fields.size() < 4 || !absl::SimpleAtoi(fields[2], &gid) || gid == ids->gid) continue;
    for (absl::string_view member : absl::StrSplit(fields[3], ',')) {
      if (member == ids->name) ids->groups.push_back(gid);
    }
  }
}

}  // namespace

absl::StatusOr<UserIds> FindUser(absl::string_view user, absl::string_view passwd,
                                 absl::string_view group) {
  if (user.empty()) user = "root";
  const std::optional<Numbers> numbers = ParseNumbers(user);
  for (absl::string_view line : absl::StrSplit(passwd, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    UserIds ids;
    if (fields.size() < 6 || !absl::SimpleAtoi(fields[2], &ids.uid) ||
        !absl::SimpleAtoi(fields[3], &ids.gid)) {
      continue;
    }
    if (numbers ? ids.uid != numbers->uid : fields[0] != user) continue;
    ids.name = std::string(fields[0]);
    if (!fields[5].empty()) ids.home = std::string(fields[5]);
    if (numbers && numbers->gid) ids.gid = *numbers->gid;
    AddGroups(group, &ids);
    return ids;
  }
  UserIds ids;
  if (numbers) {
    ids.uid = numbers->uid;
    ids.gid = numbers->gid.value_or(0);
    return ids;
  }
  if (user == "root") {
    ids.name = "root";
    ids.home = "/root";
    return ids;
  }
  return absl::NotFoundError(
      absl::StrCat("unable to find user ", user, ": no matching entries in passwd file"));
}

}  // namespace diego::rep
