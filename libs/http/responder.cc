#include "libs/http/responder.h"

#include "absl/strings/str_cat.h"

namespace diego::http {

void ChunkWriter::Write(absl::string_view data) {
  if (data.empty()) return;
  absl::StrAppend(out_, absl::Hex(data.size()), size_suffix_, "\r\n", data, "\r\n");
}

void ChunkWriter::WriteEnd() { out_->append("0\r\n\r\n"); }

}  // namespace diego::http
