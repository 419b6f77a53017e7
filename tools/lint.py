#!/usr/bin/env python3
"""clang-tidy over all sources but tests: `tools/lint.py [BUILD_DIR] [PATH…]` (below those paths).

Nearly all of clang-tidy's time goes into the headers of each source, so sources are read several at
a time, as one file that includes them. The compiler says first which of them do not go together
(two have a file-local name in common); should it be wrong, they are read in halves. Needs a configured build
directory (default build/tidy) in which the generated code is there. Prints the findings and exits
with 1 if there are any, with 2 if something could not be read at all.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AT_A_TIME = 12  # more save little and cost memory
# Our own files, whichever way they come in: headers, and the sources of a joined file.
OURS = f"^{re.escape(str(ROOT))}/(libs|services|integration|benchmarks|deploy)/"
COMPILE_ERROR = "[clang-diagnostic-error"


def sources_by_flags(build_dir, below):
    """{flags: [source…]} of what is ours and no test, from the compile commands."""
    found = collections.defaultdict(set)
    seen = set()  # a source that two targets compile is read once
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        source = entry["file"]
        if source in seen or not re.match(OURS, source) or source.endswith("_test.cc"):
            continue
        seen.add(source)
        if below and not any(source.startswith(f"{ROOT}/{path}") for path in below):
            continue
        flags = [word for word in shlex.split(entry["command"]) if re.match(r"-(I|isystem|D|std)", word)]
        found[tuple(flags)].add(source)
    return {flags: sorted(sources) for flags, sources in found.items()}


def run_joined(sources, command, flags):
    """`command FILE flags` on a file that includes the sources."""
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as joined:
        joined.writelines(f'#include "{source}"\n' for source in sources)
        joined.flush()
        return subprocess.run([*command, joined.name, *flags], capture_output=True, text=True, check=False)


def that_go_together(sources, flags):
    """The sources, in groups that compile as one file. Of two that clash the later is complained of."""
    groups, rest = [], sources
    while rest:
        done = run_joined(rest, ["clang++", "-w", "-fsyntax-only", "-ferror-limit=0"], flags)
        clashing = set(re.findall(r"^(/[^:\n]+):\d+:\d+: error:", done.stderr, re.MULTILINE))
        group = [source for source in rest if source not in clashing] or rest[:1]
        groups.append(group)
        rest = [source for source in rest if source not in group]
    return groups


def read(sources, flags):
    """clang-tidy's findings in `sources`, read together: (text, whether all compiled)."""
    done = run_joined(sources, ["clang-tidy", "--quiet", f"--header-filter={OURS}",
                                f"--config-file={ROOT}/.clang-tidy"], ["--", *flags])
    findings = done.stdout.strip()
    if done.returncode != 0 and not findings:
        findings = done.stderr.strip() + COMPILE_ERROR
    return findings, COMPILE_ERROR not in findings


def lint(sources, flags):
    """Findings in `sources`, and those of them that do not compile."""
    findings, compiled = read(sources, flags)
    if compiled or len(sources) == 1:
        return findings, [] if compiled else sources
    middle = len(sources) // 2
    halves = [lint(half, flags) for half in (sources[:middle], sources[middle:])]
    return "\n".join(text for text, _ in halves if text), halves[0][1] + halves[1][1]


def main():
    build_dir = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/tidy").resolve()
    work = []
    for flags, sources in sources_by_flags(build_dir, sys.argv[2:]).items():
        work += [(flags, sources[i:i + AT_A_TIME]) for i in range(0, len(sources), AT_A_TIME)]
    work.sort(key=lambda item: -len(item[1]))
    failed, unread = 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def timed(item):
            started = time.monotonic()
            parts = [lint(group, item[0]) for group in that_go_together(item[1], item[0])]
            texts = [text for text, _ in parts if text]
            return "\n".join(texts), sum((broken for _, broken in parts), []), time.monotonic() - started
        running = {pool.submit(timed, item): item for item in work}
        for count, done in enumerate(concurrent.futures.as_completed(running), 1):
            sources = [pathlib.Path(source).relative_to(ROOT) for source in running[done][1]]
            findings, broken, took = done.result()
            print(f"[{count}/{len(work)}] {sources[0]} and {len(sources) - 1} more, {took:.0f} s", flush=True)
            if findings:
                failed += 1
                print(findings, flush=True)
            unread += broken
    for source in unread:
        print(f"{source}: could not be read; is the generated code built, and does it compile?", file=sys.stderr)
    sys.exit(2 if unread else 1 if failed else 0)


if __name__ == "__main__":
    main()
