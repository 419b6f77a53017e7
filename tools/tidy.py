#!/usr/bin/env python3
"""The house rules that a compiler does not check. Run by ctest and by `./dev lint`.

Prints one line a fault, `path:line: rule: what to do`, and exits with 1 if there is any.
Rules: include arrows between layers, file and function length, no real clock, sleep, randomness or
raw lock where they do not belong, left-over notes, dead links in documents. See docs/adr/0003 and CONTRIBUTING.md.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70

# Include arrows: for a file below the first path, these include prefixes are refused.
CORE_ALLOWED = ("libs/base/", "libs/models/", "absl/")
CORE_REFUSED_STD = {
    "thread", "mutex", "shared_mutex", "condition_variable", "chrono", "filesystem", "fstream",
    "iostream", "future", "atomic", "random", "ctime", "unistd.h", "sys/socket.h",
}
CORE_REFUSED_ABSL = ("absl/synchronization", "absl/time/clock.h", "absl/random")
ROOMS = {
    # room: rooms of the same service that it may include
    "core": {"core"},
    "engine": {"core", "engine", "containers"},  # of containers only ports are linked: LAYER core
    "store": {"core", "engine", "store"},
    "api": {"core", "engine", "api", "containers"},
    "effects": {"core", "engine", "effects", "containers"},
    "containers": {"core", "containers"},
}
LIBS_OF_ROOM = {
    "core": {"base", "models"},
    "engine": {"base", "models", "sync", "log", "metrics"},
    "store": {"base", "models", "sync", "log", "metrics", "sql", "crypto", "wire"},
    "api": {"base", "models", "sync", "log", "metrics", "wire", "rpc", "http", "clients"},
    "effects": {"base", "models", "sync", "log", "metrics", "http_client", "wire", "rpc", "http",
                "clients"},
    "containers": {"base", "models", "sync", "log", "metrics", "http_client"},
}

REAL_TIME = re.compile(
    r"absl::Now\(|system_clock::now|steady_clock::now|sleep_for|SleepFor|\busleep\(|\bnanosleep\(|"
    r"\bsleep\(|std::rand\b|\brand\(\)|random_device|\bgettimeofday\(|\btime\(nullptr\)")
RAW_THREADS = re.compile(
    r"std::(recursive_|shared_)?mutex|std::thread|std::jthread|std::condition_variable|absl::Mutex\b|"
    r"pthread_create|std::async\(")
NOTES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')

# Where a rule's own subject lives.
MAY_USE_REAL_TIME = ("libs/base/",)
MAY_USE_RAW_THREADS = ("libs/sync/",)


def tracked_files(*patterns):
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).exists()]


def strip_comments_and_strings(text):
    """The text with comments and string contents blanked, line structure kept."""
    pattern = re.compile(
        r'R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'',
        re.DOTALL)

    def blank(match):
        token = match.group(0)
        kept = "\n" * token.count("\n")
        return ('""' if token[0] in '"R' else "") + kept

    return pattern.sub(blank, text)


def room_of(rel):
    parts = rel.split("/")
    if parts[0] == "services" and len(parts) > 3:
        return parts[1], parts[2]
    return None, None


def check_includes(rel, lines):
    service, room = room_of(rel)
    is_test = rel.endswith("_test.cc") or "/testing" in rel or "/test_" in rel
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        if rel.startswith("libs/") and target.startswith("services/"):
            yield number, f"layers: a library may not include {target}"
        if service and target.startswith("services/"):
            other, other_room = room_of(target + "/x" if target.count("/") < 3 else target)
            if other and other != service:
                yield number, f"layers: services meet in proto, not in {target}"
            elif not is_test and room in ROOMS and other_room and other_room not in ROOMS[room]:
                yield number, f"layers: {room} may not include {target}"
        if is_test or room not in LIBS_OF_ROOM:
            continue
        if target.startswith("libs/") and target.split("/")[1] not in LIBS_OF_ROOM[room]:
            yield number, f"layers: {room} may not include {target}"
        if room == "core":
            if target in CORE_REFUSED_STD or target.startswith(CORE_REFUSED_ABSL):
                yield number, f"core: {target} is not for pure code; pass the value in"
            elif "/" in target and not target.startswith(
                    CORE_ALLOWED + (f"services/{service}/core/",)):
                yield number, f"core: {target} is not for pure code"


def check_words(rel, code_lines):
    for number, line in enumerate(code_lines, 1):
        if REAL_TIME.search(line) and not rel.startswith(MAY_USE_REAL_TIME):
            yield number, "time: use the injected Clock or Random (libs/base), wait on conditions"
        if RAW_THREADS.search(line) and not rel.startswith(MAY_USE_RAW_THREADS):
            yield number, "threads: use libs/sync (Guarded, BoundedQueue, Published, Worker)"


def check_functions(code):
    """Heuristic: a brace block that opens after a `)` at namespace or class level is a function."""
    lines = code.split("\n")
    depth_is_function = []
    start = 0
    header = ""
    in_function = 0
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("#"):
            continue
        for char in line:
            if char == "{":
                text = header.strip()
                is_function = (in_function == 0 and ")" in text and
                               not re.match(r"(namespace|class|struct|enum|union|extern)\b", text) and
                               "=" not in text.split("(")[0] and "TEST_CASE" not in text)
                if is_function:
                    start = number
                    in_function = 1
                elif in_function:
                    in_function += 1
                depth_is_function.append(is_function)
                header = ""
            elif char == "}":
                if depth_is_function:
                    depth_is_function.pop()
                if in_function:
                    in_function -= 1
                    if in_function == 0 and number - start + 1 > MAX_FUNCTION_LINES:
                        yield start, (f"length: function of {number - start + 1} lines "
                                      f"(at most {MAX_FUNCTION_LINES})")
                header = ""
            elif char == ";":
                header = ""
            else:
                header += char
        header += " "


def check_file(path):
    rel = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    code = strip_comments_and_strings(text)
    is_test = rel.endswith("_test.cc")
    faults = []
    if len(lines) - 1 > MAX_FILE_LINES and not is_test:
        faults.append((1, f"length: {len(lines) - 1} lines (at most {MAX_FILE_LINES}); split by purpose"))
    if rel.endswith(".h") and "#pragma once" not in text:
        faults.append((1, "header: wants #pragma once"))
    faults += check_includes(rel, lines)
    faults += check_words(rel, code.split("\n"))
    if not is_test:
        faults += check_functions(code)
    is_table = False  # decision tables stay one row a line, between clang-format off and on
    for number, line in enumerate(lines, 1):
        if "clang-format off" in line or "clang-format on" in line:
            is_table = "clang-format off" in line
        if NOTES.search(line):
            faults.append((number, "notes: finish it, or write it down in an issue"))
        if len(line) > 100 and not (is_table or is_test or INCLUDE.match(line) or "http" in line):
            faults.append((number, f"length: line of {len(line)} columns (at most 100)"))
    return [(rel, number, what) for number, what in faults]


def check_links(path):
    """Links to files of the tree; those to elsewhere are not followed."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        for target in LINK.findall(line):
            if "://" not in target and not (path.parent / target).exists():
                yield path.relative_to(ROOT), number, f"links: there is no {target}"


def main():
    faults = []
    for path in tracked_files("*.h", "*.cc"):
        faults += check_file(path)
    for path in tracked_files("*.md"):
        faults += check_links(path)
    for rel, number, what in faults:
        print(f"{rel}:{number}: {what}")
    if faults:
        print(f"{len(faults)} faults", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
