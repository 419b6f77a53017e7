// Action: what is to be done in a container, as a tree of plain values. The rep makes it from a
// models.Action; nothing here knows protobuf.
// Source: reference/wire-models.md "Actions".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace diego::rep {

struct EnvironmentVariable {
  std::string name;
  std::string value;

  friend bool operator==(const EnvironmentVariable&, const EnvironmentVariable&) = default;
};
using Environment = std::vector<EnvironmentVariable>;

struct Action;
// Immutable and shared: copying a tree copies one pointer.
using ActionPtr = std::shared_ptr<const Action>;

struct RunAction {
  std::string path;  // looked up in PATH inside the container when it holds no slash
  std::vector<std::string> args;
  std::string dir;  // empty = the user's home directory
  Environment env;
  std::optional<uint64_t> nofile;
  std::string user;  // name in the image's /etc/passwd, or "UID" or "UID:GID"
  std::string log_source;
  bool suppress_log_output = false;
};

struct DownloadAction {
  std::string artifact;   // name for people; empty = nothing is told
  std::string from;       // http or https URL of a tar, tar.gz or zip archive
  std::string to;         // directory in the container the archive is expanded into
  std::string cache_key;  // empty = not cached
  std::string log_source;
  std::string user;
  std::string checksum_algorithm;  // md5, sha1, sha256 in any case, or empty
  std::string checksum_value;      // hexadecimal
};

struct UploadAction {
  std::string artifact;
  std::string from;  // path in the container; a directory sends its first file
  std::string to;    // http or https URL
  std::string log_source;
  std::string user;
};

struct TimeoutAction {
  ActionPtr action;
  absl::Duration timeout;
  std::string log_source;
};

struct EmitProgressAction {
  ActionPtr action;
  std::string start_message;
  std::string success_message;
  std::string failure_message_prefix;
  std::string log_source;
};

struct TryAction {
  ActionPtr action;
  std::string log_source;
};

struct ParallelAction {
  std::vector<ActionPtr> actions;
  std::string log_source;
};

struct SerialAction {
  std::vector<ActionPtr> actions;
  std::string log_source;
};

struct CodependentAction {
  std::vector<ActionPtr> actions;
  std::string log_source;
};

struct Action {
  std::variant<RunAction, DownloadAction, UploadAction, TimeoutAction, EmitProgressAction,
               TryAction, ParallelAction, SerialAction, CodependentAction>
      node;
};

// MakeAction(RunAction{...})
template <typename Node>
ActionPtr MakeAction(Node node) {
  return std::make_shared<const Action>(Action{std::move(node)});
}

}  // namespace diego::rep
