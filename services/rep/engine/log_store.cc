#include "services/rep/engine/log_store.h"

#include <algorithm>

namespace diego::rep {

void LogStore::Write(const LogOrigin& origin, const LogLine& line) {
  data_.With([&](Data& data) {
    Log& log = data.logs[origin.container_guid];
    log.lines.push_back(line);
    log.bytes += line.text.size();
    while (log.lines.size() > options_.most_lines ||
           (log.bytes > options_.most_bytes && log.lines.size() > 1)) {
      log.bytes -= log.lines.front().text.size();
      log.lines.pop_front();
      ++log.first;
    }
    ++data.version;
  });
}

void LogStore::Close(const std::string& container_guid) {
  data_.With([&](Data& data) {
    const auto found = data.logs.find(container_guid);
    if (found == data.logs.end() || found->second.ended) return;
    found->second.ended = true;
    data.ended.push_back(container_guid);
    while (data.ended.size() > options_.most_ended) {
      data.logs.erase(data.ended.front());
      data.ended.pop_front();
    }
    ++data.version;
  });
}

std::optional<uint64_t> LogStore::TailStart(const std::string& container_guid, size_t tail) const {
  return data_.With([&](const Data& data) -> std::optional<uint64_t> {
    const auto found = data.logs.find(container_guid);
    if (found == data.logs.end()) return std::nullopt;
    const Log& log = found->second;
    const size_t kept = log.lines.size();
    return log.first + (tail == 0 || tail > kept ? 0 : kept - tail);
  });
}

LogChunk LogStore::Read(const std::string& container_guid, uint64_t from, size_t most) const {
  return data_.With([&](const Data& data) {
    LogChunk chunk;
    chunk.next = from;
    const auto found = data.logs.find(container_guid);
    if (found == data.logs.end()) {
      chunk.ended = true;
      return chunk;
    }
    const Log& log = found->second;
    const uint64_t end = log.first + log.lines.size();
    const uint64_t start = std::clamp(from, log.first, end);
    chunk.next = std::min<uint64_t>(start + most, end);
    for (uint64_t i = start; i < chunk.next; ++i) chunk.lines.push_back(log.lines[i - log.first]);
    chunk.ended = log.ended && chunk.next == end;
    return chunk;
  });
}

uint64_t LogStore::Wait(uint64_t version, absl::Duration timeout) {
  return data_.When([version](const Data& data) { return data.version != version; }, timeout,
                    [](Data& data, bool) { return data.version; });
}

}  // namespace diego::rep
