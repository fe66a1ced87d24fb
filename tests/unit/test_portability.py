"""Nothing that Windows or macOS lack is used: read from the syntax, as neither is here to try."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
OURS = ("sim77", "tools", "experiments", "benchmarks")


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULES = words("fcntl resource pwd grp termios tty pty posix syslog readline curses spwd")
NAMES = {
    "os": words(
        "fork forkpty kill killpg getpgid setpgid setsid getuid geteuid getgid getegid setuid "
        "setgid getppid nice sysconf statvfs mkfifo mknod chown chroot uname wait waitpid wait4 "
        "sched_getaffinity sched_setaffinity sched_yield symlink link readlink rename getloadavg "
        "O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_SYNC WNOHANG pread pwrite register_at_fork"
    ),
    "signal": words(
        "SIGKILL SIGHUP SIGALRM SIGUSR1 SIGUSR2 SIGQUIT SIGSTOP SIGCONT SIGCHLD SIGPIPE SIGWINCH "
        "alarm setitimer pause pthread_kill pthread_sigmask sigwait set_wakeup_fd"
    ),
    "socket": {"AF_UNIX", "SO_REUSEADDR", "SO_REUSEPORT"},
    "time": {"tzset", "clock_gettime", "CLOCK_MONOTONIC"},
}
METHODS = {"symlink_to", "hardlink_to", "is_mount", "chmod"}
"""Of paths."""
ARGUMENTS = {"preexec_fn", "start_new_session", "process_group", "pass_fds"}
"""Of `subprocess.Popen`."""
STARTS = {"fork", "forkserver"}
"""Of worker processes."""
PLACES = re.compile(r"^/(proc|tmp|dev|etc|usr|var|home|bin)\b")


def tricks(source: str) -> Iterator[str]:
    """Yield what is used outside of a test whether it is there."""

    def walk(node: ast.AST, tested: frozenset[str]) -> Iterator[str]:
        if isinstance(node, ast.If | ast.IfExp):
            tested |= guards(node.test)
        if "sys.platform" not in tested:
            yield from (each for each in used(node) if each.split(".")[-1] not in tested)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, tested)

    yield from walk(ast.parse(source), frozenset())


def guards(test: ast.expr) -> set[str]:
    """Return what a condition asks for: ``hasattr(os, name)``, or the platform."""
    found = set()
    for node in ast.walk(test):
        match node:
            case ast.Call(func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=str(name))]):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="sys"), attr="platform"):
                found.add("sys.platform")
    return found


def used(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        case ast.ImportFrom(module=str(module)):
            if module in MODULES:
                yield module
            for alias in node.names:
                if alias.name in NAMES.get(module, ()):
                    yield f"{module}.{alias.name}"
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in NAMES.get(module, ()):
            yield f"{module}.{name}"
        case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
            yield name
        case ast.Call(func=ast.Attribute(attr="read_text" | "write_text" as name)):
            if not any(each.arg == "encoding" for each in node.keywords):
                yield f"{name} without an encoding"
        case ast.Call(func=ast.Attribute(attr="rename"), args=[each], keywords=[]):
            if not isinstance(each, ast.Constant):  # a table's column
                yield "rename, where replace works over a file on every system"
        case ast.keyword(arg=name) if name in ARGUMENTS:
            yield str(name)
        case ast.Constant(value=str(text)) if text in STARTS or PLACES.match(text):
            yield text


ALLOWED = {
    ("sim77/runs/run.py", "/proc/self/status"),  # read where it is there
    ("tools/try_wheel.py", "/usr/bin/python3"),  # tried, and passed over where it is not there
}


@pytest.mark.parametrize("folder", OURS)
def test_nothing_is_used_that_other_systems_lack(folder: str) -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), trick)
        for path in (ROOT / folder).rglob("*.py")
        for trick in tricks(path.read_text(encoding="utf-8"))
    }
    assert found - ALLOWED == set()


def test_no_module_that_windows_lacks_is_imported_anywhere() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), trick)
        for path in (ROOT / "tests").rglob("*.py")
        for trick in tricks(path.read_text(encoding="utf-8"))
        if trick in MODULES
    }
    assert found == set()


@pytest.mark.parametrize(
    ("source", "trick"),
    [
        ("import fcntl", "fcntl"),
        ("from resource import getrusage", "resource"),
        ("import os\nos.fork()", "os.fork"),
        ("from os import sched_getaffinity", "os.sched_getaffinity"),
        ("import signal\nsignal.SIGKILL", "signal.SIGKILL"),
        ("path.symlink_to(other)", "symlink_to"),
        ("get_context('fork')", "fork"),
        ("Popen(words, start_new_session=True)", "start_new_session"),
        ("open('/tmp/x')", "/tmp/x"),
        ("path.read_text()", "read_text without an encoding"),
        ("if hasattr(os, 'fork'):\n    pass\nos.kill(1, 2)", "os.kill"),
    ],
)
def test_a_planted_trick_is_found(source: str, trick: str) -> None:
    assert list(tricks(source)) == [trick]


@pytest.mark.parametrize(
    "source",
    [
        "if hasattr(os, 'sched_getaffinity'):\n    n = len(os.sched_getaffinity(0))",
        "if sys.platform != 'win32':\n    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
        "table.rename(columns=names)",
        "column.rename('share')",
    ],
)
def test_what_is_there_or_asked_for_is_no_trick(source: str) -> None:
    assert list(tricks(source)) == []


def test_a_code_page_without_subscripts_ends_no_command() -> None:
    """As Windows gives it to a file or a pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "sim77", "indicators"], capture_output=True, encoding="cp1252",
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "CO?" in done.stdout
