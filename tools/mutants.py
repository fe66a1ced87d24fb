"""Break the package in small ways, one at a time, and count the breaks that a test notices.

`make mutants` prints the share for each layer. A mutant is known by its function and its line, not
by its place in a file: the same ones are drawn again after code has moved. Each is tried on the
tests that enter its function, the quickest first, for `BUDGET_S` at most: the share is one from
below. As a plugin of pytest this module notes which test enters which function.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from sys import monitoring  # type: ignore[attr-defined]  # since Python 3.12
from types import CodeType
from typing import Any

import pytest
from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[1]
OUT = ROOT / "out" / "mutants"
SAMPLE = {  # mutants of each layer
    "core": 40, "scenario": 40, "territory": 70, "engine": 80, "runs": 40, "analysis": 90,
    "report": 60,
}  # fmt: skip
SEED = 77
BUDGET_S = 20.0
"""Seconds of tests a mutant, as long as they take unbroken; the first test may take longer."""
OPERATORS = (
    "AddNot", "NumberReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue",
    "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceContinueWithBreak", "ZeroIterationForLoop",
    "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub",
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div", "ReplaceBinaryOperator_Div_Mul",
    "ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is",
)  # fmt: skip
CHOSEN = "SIM77_MUTANTS_TESTS"  # the file that names the tests to run
COMPILED = ("njit", "@loop", "@inner", "@entry")  # what is compiled is not seen to be entered


class Tracer:
    """The plugin of pytest that notes which functions of the package each test enters.

    What is entered while a test is set up may be a fixture of its file: it counts for all tests
    there.
    """

    def __init__(self) -> None:
        self.entered: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = defaultdict(float)
        self.subject = ""
        self.once = monitoring.DISABLE
        self.package = f"{ROOT / 'sim77'}{os.sep}"
        monitoring.use_tool_id(4, "mutants")
        monitoring.register_callback(4, monitoring.events.PY_START, self._enter)
        monitoring.set_events(4, monitoring.events.PY_START)

    def _enter(self, code: CodeType, offset: int) -> object:
        if code.co_filename.startswith(self.package):
            path = Path(code.co_filename).relative_to(ROOT).as_posix()
            self.entered[self.subject].add(f"{path}:{code.co_qualname}")
        return self.once

    def _follow(self, subject: str) -> None:
        self.subject = subject
        monitoring.restart_events()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note what follows for the file of a test."""
        self._follow(item.nodeid.partition("::")[0])

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Note what follows for a test alone."""
        self._follow(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up how long a test takes, its fixtures included."""
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:  # the process that only hands out the tests enters nothing
            entered = {subject: sorted(names) for subject, names in self.entered.items()}
            trace = {"entered": entered, "seconds": self.seconds}
            monitoring.set_events(4, 0)
            (OUT / f"trace-{worker}.json").write_text(json.dumps(trace), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Trace, unless tests of a mutant are run."""
    if CHOSEN not in os.environ:
        config.pluginmanager.register(Tracer())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a mutant, in their order."""
    if CHOSEN in os.environ:
        chosen = Path(os.environ[CHOSEN]).read_text(encoding="utf-8").split("\n")
        place = {name: index for index, name in enumerate(chosen)}
        items[:] = [item for item in items if json.dumps(item.nodeid) in place]
        items.sort(key=lambda item: place[json.dumps(item.nodeid)])


@dataclass(frozen=True)
class Mutant:
    """One change to one line: where it stands, and the operator of cosmic-ray that makes it."""

    key: str
    layer: str
    path: str
    line: int
    function: str  # its qualified name, empty for what stands outside of functions
    operator: str
    occurrence: int


def _spans(tree: ast.Module) -> tuple[list[tuple[int, int, str]], list[tuple[Any, Any]]]:
    """Return the lines of each function, outer ones first, and the spans that are not run."""
    functions: list[tuple[int, int, str]] = []
    idle: list[tuple[Any, Any]] = []

    def visit(node: ast.AST, name: str) -> None:
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                inner = name
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    inner = f"{name}{child.name}."
                    if not isinstance(child, ast.ClassDef):
                        functions.append((child.lineno, child.end_lineno or 0, inner[:-1]))
                        inner += "<locals>."
                elif isinstance(child, ast.expr) and field in {
                    "annotation", "returns", "decorator_list",
                }:  # fmt: skip
                    start = (child.lineno, child.col_offset)
                    idle.append((start, (child.end_lineno, child.end_col_offset)))
                visit(child, inner)

    visit(tree, "")
    return functions, idle


def _of_file(path: Path, layer: str) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    functions, idle = _spans(ast.parse(source))
    operators = {name: get_operator(f"core/{name}")() for name in OPERATORS}
    found: list[tuple[str, int, tuple[int, int]]] = []
    counts: dict[str, int] = defaultdict(int)

    class Places(Visitor):
        def visit(self, node: Any) -> Any:
            for name, operator in operators.items():
                for start, _ in operator.mutation_positions(node):
                    found.append((name, counts[name], start))
                    counts[name] += 1
            return node

    Places().walk(get_ast(source))
    twins: dict[str, int] = defaultdict(int)
    for operator, occurrence, start in found:
        if any(first <= start < last for first, last in idle):
            continue
        within = [name for first, last, name in functions if first <= start[0] <= last]
        function = within[-1] if within else ""
        text = f"{SEED} {layer} {function} {operator} {lines[start[0] - 1].strip()}"
        twins[text] += 1
        key = hashlib.sha256(f"{text} {twins[text]}".encode()).hexdigest()
        name = path.relative_to(ROOT).as_posix()
        yield Mutant(key, layer, name, start[0], function, operator, occurrence)


def drawn() -> list[Mutant]:
    """Return the mutants of each layer with the lowest keys, as many as `SAMPLE` says."""
    sample = []
    for layer, size in SAMPLE.items():
        files = sorted((ROOT / "sim77" / layer).rglob("*.py"))
        mutants = [mutant for path in files for mutant in _of_file(path, layer)]
        sample += sorted(mutants, key=lambda mutant: mutant.key)[:size]
    return sample


class Trace:
    """Which tests enter a function, and how long each test takes."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.of_file: dict[str, list[str]] = defaultdict(list)
        traces = [json.loads(path.read_text(encoding="utf-8")) for path in OUT.glob("trace-*.json")]
        for trace in traces:
            self.seconds.update(trace["seconds"])
        for test in self.seconds:
            self.of_file[test.partition("::")[0]].append(test)
        for trace in traces:
            for subject, names in trace["entered"].items():
                for name in names:
                    self.tests[name].update(self.of_file.get(subject, [subject]))

    def _entering(self, path: str) -> set[str]:
        of_path = (tests for name, tests in self.tests.items() if name.startswith(f"{path}:"))
        return set().union(*of_path)

    def chosen(self, mutant: Mutant) -> list[str]:
        """Return the tests to try on a mutant: oracles, then the quickest, within the budget."""
        text = (ROOT / mutant.path).read_text(encoding="utf-8")
        if any(word in text for word in COMPILED):
            stem = Path(mutant.path).stem
            callers = (
                path.relative_to(ROOT).as_posix()
                for path in (ROOT / "sim77").rglob("*.py")
                if stem in path.read_text(encoding="utf-8")
            )
            tests = set().union(*map(self._entering, {*callers, mutant.path}))
        elif mutant.function:
            tests = self.tests[f"{mutant.path}:{mutant.function}"]
        else:
            tests = self._entering(mutant.path)
        known = sorted(
            (test for test in tests if test in self.seconds),
            key=lambda test: (not test.startswith("tests/oracle"), self.seconds[test], test),
        )
        kept: list[str] = []
        spent = 0.0
        for test in known:
            spent += self.seconds[test]
            if kept and spent > BUDGET_S:
                break
            kept.append(test)
        return kept


def tried(mutant: Mutant, tests: list[str], copy: Path) -> str:
    """Return how a mutant ended in a copy of the project: killed, survived or not tested."""
    if not tests:
        return "not tested"
    target = copy / mutant.path
    source = target.read_text(encoding="utf-8")
    operator = get_operator(f"core/{mutant.operator}")()
    broken = mutate_code(source, operator, mutant.occurrence)
    chosen = copy / "chosen.txt"
    # One a line, whatever the name of a test holds.
    chosen.write_text("\n".join(map(json.dumps, tests)), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), CHOSEN: str(chosen)}
    if any(word in source for word in COMPILED):
        environment["NUMBA_CACHE_DIR"] = str(copy / "out" / "kernels" / mutant.key)
    command = [
        *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "tools.mutants"),
        *("-p", "no:cacheprovider"),
        *sorted({test.partition("::")[0] for test in tests}),
    ]
    target.write_text(broken, encoding="utf-8")
    try:
        ended = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, timeout=10 * BUDGET_S
        ).returncode
    except subprocess.TimeoutExpired:
        return "killed"
    finally:
        target.write_text(source, encoding="utf-8")
        shutil.rmtree(copy / "out" / "kernels", ignore_errors=True)
    return {0: "survived", 5: "not tested"}.get(ended, "killed")


def main() -> int:
    """Trace the tests, try the sample, and print the killed share of each layer."""
    OUT.mkdir(parents=True, exist_ok=True)
    if not list(OUT.glob("trace-*.json")):
        arguments = "ARGS=-p tools.mutants"
        subprocess.run(["make", "test", arguments], cwd=ROOT, check=True)
    trace = Trace()
    results_file = OUT / "results.json"
    results = json.loads(results_file.read_text(encoding="utf-8")) if results_file.is_file() else {}
    sample = drawn()
    copies: SimpleQueue[Path] = SimpleQueue()
    for index in range(os.cpu_count() or 1):
        copy = OUT / f"copy-{index}"
        shutil.rmtree(copy, ignore_errors=True)
        away = shutil.ignore_patterns(".venv", ".git", "node_modules", "out", "_build", ".*_cache")
        shutil.copytree(ROOT, copy, ignore=away)
        copies.put(copy)

    def one(mutant: Mutant) -> tuple[Mutant, str]:
        copy = copies.get()
        try:
            return mutant, tried(mutant, trace.chosen(mutant), copy)
        finally:
            copies.put(copy)

    left = [mutant for mutant in sample if mutant.key not in results]
    began = time.monotonic()
    with ThreadPoolExecutor(copies.qsize()) as pool:
        for done, (mutant, ended) in enumerate(pool.map(one, left), start=1):
            results[mutant.key] = ended
            results_file.write_text(json.dumps(results), encoding="utf-8")
            minutes = (time.monotonic() - began) / done * (len(left) - done) / 60
            place = f"{mutant.path}:{mutant.line} {mutant.operator}"
            print(f"{done}/{len(left)} {ended:10} {place} ({minutes:.0f} min left)", flush=True)
    print("\nlayer        mutants  killed  not tested  share")
    for layer in SAMPLE:
        ends = [results[mutant.key] for mutant in sample if mutant.layer == layer]
        killed, untested = ends.count("killed"), ends.count("not tested")
        print(f"{layer:12} {len(ends):7} {killed:7} {untested:11}  {killed / len(ends):5.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
