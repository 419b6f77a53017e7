#include "services/rep/containers/line_splitter.h"

#include <algorithm>
#include <utility>

namespace diego::rep {

LineSplitter::LineSplitter(size_t most_bytes, std::function<void(absl::string_view)> on_line)
    : most_bytes_(most_bytes), on_line_(std::move(on_line)) {}

void LineSplitter::Add(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t room = most_bytes_ - pending_.size();
    const size_t end = bytes.find_first_of("\r\n");
    const bool ends = end != absl::string_view::npos && end <= room;
    const size_t take = ends ? end : std::min(room, bytes.size());
    pending_.append(bytes.data(), take);
    bytes.remove_prefix(take + (ends ? 1 : 0));
    if (ends || pending_.size() == most_bytes_) Flush();
  }
}

void LineSplitter::Flush() {
  if (pending_.empty()) return;
  on_line_(pending_);
  pending_.clear();
}

}  // namespace diego::rep
