#include "services/rep/containers/app_log.h"

#include "absl/strings/str_cat.h"

namespace diego::rep {

AppLog::AppLog(const std::string& container_guid, const LogConfig& config, int64_t lines_per_second,
               LogSink& sink, const Clock& clock)
    : origin_{container_guid, config.tags},
      default_source_(config.source.empty() ? "LOG" : config.source),
      rate_({config.bytes_per_second, lines_per_second}),
      sink_(sink),
      clock_(clock) {
  origin_.tags.emplace(kSourceIdTag, config.source_id());
  origin_.tags.emplace("instance_id", absl::StrCat(config.index));
}

void AppLog::Write(Stream stream, absl::string_view source, absl::string_view text) {
  const LogRate::Answer answer = rate_.OnLine(text.size(), clock_.Monotonic());
  if (!answer.complaint.empty()) WriteUnlimited(Stream::kStderr, "", answer.complaint);
  if (answer.write) WriteUnlimited(stream, source, text);
}

void AppLog::WriteUnlimited(Stream stream, absl::string_view source, absl::string_view text) {
  sink_.Write(origin_, {clock_.Now(), stream,
                        source.empty() ? default_source_ : std::string(source), std::string(text)});
}

}  // namespace diego::rep
