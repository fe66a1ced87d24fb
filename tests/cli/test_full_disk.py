"""A disk that is full: which path, what is safe, and nothing half-written."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.cli

FREE = 4096
LIMITED = (
    "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
    "import sys; from sim77.cli.main import main; sys.exit(main())"
)
PLAIN = "import sys; from sim77.cli.main import main; sys.exit(main())"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that takes few bytes, and how to start sim77 so that it is full: a file system in
    memory where one may be mounted, else a limit on the size of files."""
    folder = tmp_path / "small"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        words = ["mount", "-t", "tmpfs", "-o", f"size={FREE}", "tmpfs", str(folder)]
        with contextlib.suppress(OSError):
            if subprocess.run(words, capture_output=True, check=False).returncode == 0:
                stack.callback(subprocess.run, ["umount", str(folder)], check=True)
        yield folder, PLAIN if os.path.ismount(folder) else LIMITED


@pytest.mark.parametrize(
    ("words", "named", "kept"),
    [
        (["run", "network-2014", "--scale", "0.02", "--out", "{}/r"], "r", []),
        (["schema", "scenario", "--out", "{}/s.json"], "s.json", []),
        (["territory", "example", "{}/t"], "t", []),
    ],
)
def test_a_full_disk_is_told_and_leaves_nothing_by_halves(
    small: tuple[Path, str], words: list[str], named: str, kept: list[str]
) -> None:
    folder, start = small
    words = [each.format(folder) for each in words]
    if "run" in words:
        words += ["--from", "2014-03-03", "--to", "2014-03-31"]
    found = subprocess.run(
        [sys.executable, "-c", start, *words], capture_output=True, text=True, check=False
    )
    assert found.returncode == 2, found.stderr
    (message,) = found.stderr.splitlines()
    assert str(folder / named) in message
    assert message.endswith(
        "no space is left there; what was complete is as it was: free some space and give the "
        "same command again."
    )
    assert sorted(path.name for path in folder.iterdir()) == kept
