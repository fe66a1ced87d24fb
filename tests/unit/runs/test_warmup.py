"""Nobody waits in silence while loops are compiled. ``tools/try_wheel.py`` sees it done once."""

import numba as nb
import pytest
from numba.core import event

from sim77.runs.warmup import BEGINS, CompilingShown

pytestmark = pytest.mark.unit


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


def test_what_is_compiled_already_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    kernel = nb.njit(lambda x: x + 1)
    kernel(1)
    with event.install_listener("numba:compile", CompilingShown([kernel])):
        kernel(2)
    assert capsys.readouterr().err == ""
