"""Weigh the project: lines of code, complexity, time of the tests, words of the documents.

`make weight` prints it. The time of the tests is that of the last `make test`.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pandas as pd
from radon.complexity import cc_visit
from radon.raw import analyze

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "out" / "tests.xml"
GENERATED = re.compile(r"<!--.*generated", re.IGNORECASE)


def code_lines(folder: str, depth: int) -> pd.DataFrame:
    """Count the lines of the Python files below a folder.

    Returns
    -------
    DataFrame
        One row for each subfolder `depth` levels below the root: its `files`, lines of `code`,
        and `other` lines (docstrings, comments, blank lines).
    """
    rows = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        raw = analyze(path.read_text(encoding="utf-8"))
        name = "/".join(path.relative_to(ROOT).parts[:-1][:depth])
        rows.append((name, 1, raw.sloc, raw.loc - raw.sloc))
    table = pd.DataFrame(rows, columns=["folder", "files", "code", "other"])
    return table.groupby("folder").sum().sort_values("code", ascending=False)


def script_lines() -> pd.DataFrame:
    """Count the lines of the app's JavaScript that hold code, in the columns of `code_lines`."""
    rows = []
    for path in sorted((ROOT / "web" / "src").rglob("*.js")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        code = sum(bool(line) and not line.startswith(("//", "/*", "*")) for line in lines)
        name = "/".join(path.relative_to(ROOT).parts[:-1][:3])
        rows.append((name, 1, code, len(lines) - code))
    table = pd.DataFrame(rows, columns=["folder", "files", "code", "other"])
    return table.groupby("folder").sum().sort_values("code", ascending=False)


def complexities() -> pd.Series:
    """Return the cyclomatic complexity of each function of the package, by `file:line name`."""
    found = {}
    for path in sorted((ROOT / "sim77").rglob("*.py")):
        for block in cc_visit(path.read_text(encoding="utf-8")):
            if not hasattr(block, "methods"):  # of a class its methods stand for themselves
                name = f"{path.relative_to(ROOT)}:{block.lineno} {block.name}"
                found[name] = block.complexity
    return pd.Series(found, name="complexity").sort_values(ascending=False, kind="stable")


def test_times() -> pd.DataFrame:
    """Return the time of each test of the last `make test`.

    Returns
    -------
    DataFrame
        One row a test: its `folder`, `test`, `seconds` by the clock and `cpu_seconds` of its
        process and of those that it started and waited for.
    """
    rows = []
    for case in ElementTree.parse(TESTS).iter("testcase"):
        parts = case.get("classname", "").split(".")
        cpu = case.find("properties/property[@name='cpu_seconds']")
        rows.append(
            (
                "/".join(parts[: 3 if parts[1] == "unit" else 2]),
                f"{'/'.join(parts)}.py::{case.get('name')}",
                float(case.get("time", 0)),
                0.0 if cpu is None else float(cpu.get("value", 0)),
            )
        )
    return pd.DataFrame(rows, columns=["folder", "test", "seconds", "cpu_seconds"])


def words() -> pd.DataFrame:
    """Count the words of each document, and say which are generated."""
    rows = []
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        relative = path.relative_to(ROOT)
        if relative.parts[:2] not in {("docs", "_build"), ("docs", "api")}:
            text = path.read_text(encoding="utf-8")
            rows.append((str(relative), len(text.split()), bool(GENERATED.search(text[:400]))))
    table = pd.DataFrame(rows, columns=["document", "words", "generated"]).set_index("document")
    return table.sort_values("words", ascending=False)


def show(title: str, table: pd.DataFrame | pd.Series) -> None:
    """Print a table under its title."""
    print(f"\n{title}\n{table.to_string(float_format='{:.1f}'.format)}")


def main() -> int:
    """Print all weights."""
    for title, folder, depth in (("Package", "sim77", 2), ("Tests", "tests", 2)):
        table = code_lines(folder, depth)
        show(f"{title}: {table.code.sum():,} lines of code", table)
    script = script_lines()
    show(f"JavaScript of the app: {script.code.sum():,} lines of code", script)
    complexity = complexities()
    show(
        f"Complexity of {len(complexity):,} functions: {complexity.mean():.2f} on average, "
        f"{(complexity > 10).sum()} above 10, of them",
        complexity.head(10),
    )
    documents = words()
    sums = documents.groupby("generated").words.sum()
    show(
        f"Words of documents: {sums.get(False, 0):,} by hand, {sums.get(True, 0):,} generated",
        documents.head(12),
    )
    if not TESTS.is_file():
        print("\nTime of the tests: unknown until `make test` has run.")
        return 0
    times = test_times()
    folders = times.groupby("folder")[["seconds", "cpu_seconds"]].sum()
    folders.insert(0, "tests", times.groupby("folder").size())
    show(
        f"{len(times):,} tests: {times.cpu_seconds.sum():.0f} CPU seconds, workers' start apart",
        folders.sort_values("cpu_seconds", ascending=False),
    )
    slowest = times.sort_values("cpu_seconds", ascending=False).head(30).set_index("test")
    show("The thirty slowest", slowest[["seconds", "cpu_seconds"]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
