#include "services/cfdot/help.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/cfdot/failure.h"

namespace diego::cfdot {
namespace {

std::string LeftOf(const Flag& flag) {
  const std::string shorthand =
      flag.shorthand == 0 ? "    " : absl::StrCat("-", std::string(1, flag.shorthand), ", ");
  return absl::StrCat(shorthand, "--", flag.name, flag.value.empty() ? "" : " ", flag.value);
}

std::string FlagLines(const std::vector<Flag>& flags) {
  size_t width = 0;
  for (const Flag& flag : flags) width = std::max(width, LeftOf(flag).size());
  std::string text;
  for (const Flag& flag : flags) {
    absl::StrAppend(
        &text, "  ", LeftOf(flag), std::string(width - LeftOf(flag).size() + 2, ' '), flag.summary,
        flag.environment.empty() ? "" : absl::StrCat(" [$", flag.environment, "]"), "\n");
  }
  return text;
}

// Every word that may follow the command's name with a dash.
std::vector<std::string> FlagWords(const Command& command) {
  std::vector<std::string> words;
  for (const Flag& flag : AllFlags(command)) {
    words.push_back(absl::StrCat("--", flag.name));
    if (flag.shorthand != 0) words.push_back(absl::StrCat("-", std::string(1, flag.shorthand)));
  }
  return words;
}

std::string Names(absl::Span<const Command> commands) {
  return absl::StrJoin(commands, " ", [](std::string* out, const Command& command) {
    absl::StrAppend(out, command.name);
  });
}

std::string BashScript(absl::Span<const Command> commands) {
  std::string script = absl::StrCat(
      "# cfdot completion bash > /etc/bash_completion.d/cfdot\n"
      "_cfdot() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} words='",
      Names(commands), "'\n  if [ \"$COMP_CWORD\" -gt 1 ]; then\n    case ${COMP_WORDS[1]} in\n");
  for (const Command& command : commands) {
    absl::StrAppend(&script, "      ", command.name, ") words='",
                    absl::StrJoin(FlagWords(command), " "), "' ;;\n");
  }
  absl::StrAppend(&script,
                  "    esac\n  fi\n"
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                  "}\n"
                  "complete -o default -F _cfdot cfdot\n");
  return script;
}

std::string ZshScript(absl::Span<const Command> commands) {
  std::string script =
      "#compdef cfdot\n"
      "# cfdot completion zsh > \"${fpath[1]}/_cfdot\"\n"
      "_cfdot() {\n"
      "  local -a commands flags\n"
      "  commands=(\n";
  for (const Command& command : commands) {
    absl::StrAppend(&script, "    '", command.name, ":", command.summary, "'\n");
  }
  absl::StrAppend(&script,
                  "  )\n"
                  "  if (( CURRENT == 2 )); then\n"
                  "    _describe command commands\n"
                  "    return\n"
                  "  fi\n"
                  "  case $words[2] in\n");
  for (const Command& command : commands) {
    absl::StrAppend(&script, "    ", command.name, ") flags=(",
                    absl::StrJoin(FlagWords(command), " "), ") ;;\n");
  }
  absl::StrAppend(&script,
                  "  esac\n"
                  "  compadd -- $flags\n"
                  "  _files\n"
                  "}\n"
                  "_cfdot \"$@\"\n");
  return script;
}

std::string FishScript(absl::Span<const Command> commands) {
  std::string script = "# cfdot completion fish > ~/.config/fish/completions/cfdot.fish\n";
  for (const Command& command : commands) {
    absl::StrAppend(&script, "complete -c cfdot -n __fish_use_subcommand -f -a ", command.name,
                    " -d '", command.summary, "'\n");
    for (const Flag& flag : AllFlags(command)) {
      absl::StrAppend(
          &script, "complete -c cfdot -n '__fish_seen_subcommand_from ", command.name, "' -l ",
          flag.name,
          flag.shorthand == 0 ? "" : absl::StrCat(" -s ", std::string(1, flag.shorthand)),
          flag.kind == FlagKind::kBool ? "" : " -r", " -d '", flag.summary, "'\n");
    }
  }
  return script;
}

}  // namespace

std::string OverviewText(absl::Span<const Command> commands) {
  size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.name.size());
  std::string text =
      "cfdot shows and changes what a Diego deployment runs.\n\n"
      "Usage: cfdot COMMAND [ARGS] [FLAGS]\n\nCommands:\n";
  for (const Command& command : commands) {
    absl::StrAppend(&text, "  ", command.name, std::string(width - command.name.size() + 2, ' '),
                    command.summary, "\n");
  }
  absl::StrAppend(&text,
                  "\nOutput is one JSON value a line; -o table is for people. "
                  "`cfdot help COMMAND` lists its flags.\n"
                  "Exit codes: 0 done, 3 bad flags or arguments, 4 refused, 5 a call to the BBS "
                  "went wrong, 255 anything else.\n");
  return text;
}

std::string CommandText(const Command& command, bool brief) {
  return absl::StrCat(brief ? "" : command.summary, brief ? "" : "\n\n", "Usage: cfdot ",
                      command.name, command.arguments.empty() ? "" : " ", command.arguments,
                      " [FLAGS]\n\nFlags:\n", FlagLines(AllFlags(command)),
                      brief || command.details.empty() ? "" : "\n", brief ? "" : command.details);
}

absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             absl::Span<const Command> commands) {
  if (shell == "bash") return BashScript(commands);
  if (shell == "zsh") return ZshScript(commands);
  if (shell == "fish") return FishScript(commands);
  return Invalid(absl::StrCat("there is no completion for '", shell, "'; give bash, zsh or fish"));
}

}  // namespace diego::cfdot
