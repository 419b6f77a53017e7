#include "services/rep/effects/root_fs_reader.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "libs/base/status_util.h"
#include "services/rep/core/capacity.h"

namespace diego::rep {
namespace {

// Undoes Go's url.QueryEscape.
absl::StatusOr<std::string> QueryUnescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() < 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return absl::InvalidArgumentError(absl::StrCat("'%", digits, "' is not an escape"));
    }
    plain += absl::HexStringToBytes(digits);
    i += 2;
  }
  return plain;
}

using Query = std::map<std::string, std::string>;

// What stands behind the question mark; the first value of a name counts, as in Go.
absl::StatusOr<Query> ReadQuery(absl::string_view url) {
  Query query;
  const size_t mark = url.find('?');
  if (mark == absl::string_view::npos) return query;
  for (absl::string_view part : absl::StrSplit(url.substr(mark + 1), '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    DIEGO_ASSIGN_OR_RETURN(std::string value, QueryUnescape(sides.second));
    query.emplace(sides.first, std::move(value));
  }
  return query;
}

absl::StatusOr<ActionPtr> ReadLayer(const std::string& root_fs, const std::string& user) {
  DIEGO_ASSIGN_OR_RETURN(Query query, ReadQuery(root_fs));
  for (const char* name : {"layer", "layer_path", "layer_digest"}) {
    if (query[name].empty()) return absl::InvalidArgumentError(absl::StrCat("has no ", name));
  }
  DownloadAction download;
  download.from = query["layer"];
  download.to = query["layer_path"];
  download.checksum_algorithm = "sha256";
  download.checksum_value = query["layer_digest"];
  download.cache_key = absl::StrCat("sha256:", download.checksum_value);
  download.user = user.empty() ? "root" : user;
  return MakeAction(std::move(download));
}

}  // namespace

absl::StatusOr<RootFs> ReadRootFs(const std::string& root_fs, const std::string& download_user) {
  const RootFsName split = SplitRootFs(root_fs);
  if (split.scheme != "preloaded+layer") return RootFs{root_fs, nullptr};
  absl::StatusOr<ActionPtr> layer = ReadLayer(root_fs, download_user);
  if (!layer.ok()) {
    return Annotate(layer.status(), absl::StrCat("root filesystem '", root_fs, "'"));
  }
  return RootFs{absl::StrCat("preloaded:", split.name), *std::move(layer)};
}

}  // namespace diego::rep
