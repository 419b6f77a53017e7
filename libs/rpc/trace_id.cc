#include "libs/rpc/trace_id.h"

#include "absl/strings/ascii.h"

namespace diego::rpc {

std::string TraceIdOf(absl::string_view header) {
  constexpr size_t kLongest = 64;
  std::string id;
  for (const char c : header) {
    if (c == '-') continue;
    if (!absl::ascii_isxdigit(c) || id.size() == kLongest) return "";
    id += absl::ascii_tolower(c);
  }
  return id;
}

std::string TraceIdOf(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto at = metadata.find(kTraceMetadata);
  if (at == metadata.end()) return "";
  return TraceIdOf(absl::string_view(at->second.data(), at->second.size()));
}

void SetTraceId(grpc::ClientContext* context, absl::string_view trace_id) {
  if (!trace_id.empty()) context->AddMetadata(kTraceMetadata, std::string(trace_id));
}

}  // namespace diego::rpc
