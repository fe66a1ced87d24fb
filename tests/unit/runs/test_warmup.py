"""A new machine compiles everything before the first day, and nobody waits in silence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numba as nb
import pytest
from numba.core import event

from sim77.runs.warmup import BEGINS, CompilingShown

RUN = ["run", "network-2014", "--scale", "0.01", "--from", "2014-09-01", "--to", "2014-09-02"]
COMPARE = ["compare", "no-telecentres", *RUN[1:], "--seeds", "2"]


@pytest.mark.unit
def test_compiling_is_announced_once_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    inner = nb.njit(lambda x: x + 1)
    first, second = nb.njit(lambda x: inner(x)), nb.njit(lambda x: 2 * x)
    shown = CompilingShown([inner, first, second])
    with event.install_listener("numba:compile", shown):
        assert (first(1), first(2), second(3), second(0.5)) == (2, 3, 6, 1.0)
    message = capsys.readouterr().err
    assert message.startswith(BEGINS) and message.count(BEGINS) == 1
    assert (shown._bar.n, shown._bar.total) == (3, 3)
    shown.close()


@pytest.mark.unit
def test_what_is_compiled_already_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    kernel = nb.njit(lambda x: x + 1)
    kernel(1)
    with event.install_listener("numba:compile", CompilingShown([kernel])):
        kernel(2)
    assert capsys.readouterr().err == ""


@pytest.mark.long
@pytest.mark.cli
def test_only_the_first_command_of_a_machine_compiles(tmp_path: Path) -> None:
    """All kernels at once, before worker processes start that would each compile them."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}

    def stderr_of(words: list[str]) -> str:
        return subprocess.run(
            [sys.executable, "-m", "sim77", *words], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip

    first = stderr_of(COMPARE)
    assert first.startswith(BEGINS) and first.count(BEGINS) == 1
    assert re.search(r"\b(\d+)/\1\b", first)
    assert stderr_of(RUN) == stderr_of(COMPARE) == ""
