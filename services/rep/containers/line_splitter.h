// Cuts a byte stream into log lines. Pure.
// Source: reference/behaviours.md section 10 "log pipeline".
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace diego::rep {

// Lines end at LF or CR; longer ones are cut at `most_bytes`; empty ones are dropped. Used by one
// thread.
class LineSplitter {
 public:
  LineSplitter(size_t most_bytes, std::function<void(absl::string_view)> on_line);
  void Add(absl::string_view bytes);
  // Tells what is left without an end.
  void Flush();

 private:
  const size_t most_bytes_;
  const std::function<void(absl::string_view)> on_line_;
  std::string pending_;
};

}  // namespace diego::rep
