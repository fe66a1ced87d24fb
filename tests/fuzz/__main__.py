"""``python -m tests.fuzz``: try hostile input and print what came of it, grouped by place."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

from tests.fuzz.cases import Case
from tests.fuzz.pool import Asked, Finding, try_cases
from tests.fuzz.subjects import SUBJECTS


def main(words: Sequence[str] | None = None) -> int:
    """Try the cases asked for; the exit code says whether anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    add = parser.add_argument
    add("--cases", type=int, default=1000, metavar="N", help="how many (default 1000)")
    add("--seed", type=int, default=1, metavar="N", help="which ones (default 1)")
    add("--only", default="", choices=["", *SUBJECTS], help="one kind of input")
    add("--case", type=int, metavar="N", help="this one alone, shown whole")
    add("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    given = parser.parse_args(words)
    numbers = list(range(given.cases)) if given.case is None else [given.case]
    asked = Asked(given.seed, given.only)
    began, found = time.monotonic(), list[Finding]()
    for done, findings in enumerate(try_cases(numbers, asked, given.processes), start=1):
        found += findings
        if sys.stderr.isatty():
            print(f"\r{done:,} of {len(numbers):,}", end="", file=sys.stderr, flush=True)
    if given.case is not None:
        _show_case(asked.case(given.case))
    groups = defaultdict(list)
    for each in found:
        groups[each.kind, each.place, each.subject].append(each)
    for (kind, place, subject), those in sorted(groups.items(), key=lambda item: -len(item[1])):
        least = min(those, key=lambda each: each.size)
        print(f"{len(those)} x {kind} in {subject}, {place}: {least.told}")
        only = f" --only {given.only}" if given.only else ""
        print(f"    {least.change[:200]}")
        print(f"    python -m tests.fuzz --seed {given.seed}{only} --case {least.number}")
        if given.case is not None:
            print(least.trace)
    seconds = time.monotonic() - began
    print(
        f"{len(numbers):,} cases in {seconds:.0f} s: {len(found)} findings at {len(groups)} places."
    )
    return 1 if found else 0


def _show_case(case: Case) -> None:
    print(f"{case.subject}, {case.told}{', and run if accepted' if case.goes_on else ''}")
    for name, content in case.files.items():
        if case.told.startswith(f"{name}: "):
            print(f"--- {name}\n{content[:4000].decode('utf-8', 'backslashreplace')}\n---")


if __name__ == "__main__":
    sys.exit(main())
