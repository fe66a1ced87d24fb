"""What an error says is one line, whatever it quotes."""

import pytest

from sim77.core.errors import Sim77Error

pytestmark = pytest.mark.unit


def test_what_a_user_wrote_cannot_break_the_line_or_fill_the_screen() -> None:
    assert str(Sim77Error("unknown 'a\nb\x1b[31m\u202e\x00é'.")) == (
        r"unknown 'a\nb\x1b[31m\u202e\x00é'."
    )
    long = str(Sim77Error(f"file.yaml, line 3: unknown key '{'x' * 50_000}'. Did you mean 'y'?"))
    assert len(long) < 1000
    assert long.startswith("file.yaml, line 3: unknown key 'xxx")
    assert long.endswith("xxx'. Did you mean 'y'?")
