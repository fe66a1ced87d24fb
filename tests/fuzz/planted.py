"""Faults planted to hold that the fuzz command finds them: one kind of input each."""

import os
import random
import time
from pathlib import Path

from sim77.core.errors import Sim77Error
from tests.fuzz.cases import Files, Subject


def _sample() -> tuple[Files, ...]:
    return ({"file": b"sound"},)


def _change(rng: random.Random, name: str, content: bytes) -> tuple[str, bytes]:
    return "spoilt", b"spoilt"


def _is_sound(folder: Path) -> bool:
    return (folder / "file").read_bytes() == b"sound"


def _told(folder: Path) -> None:
    if not _is_sound(folder):
        raise Sim77Error("the file is spoilt.")


def _raises(folder: Path) -> None:
    assert _is_sound(folder), "spoilt"


def _hangs(folder: Path) -> None:
    while not _is_sound(folder):
        time.sleep(0.1)


def _dies(folder: Path) -> None:
    if not _is_sound(folder):
        os._exit(3)


def _grows(folder: Path) -> None:
    held = []
    while not _is_sound(folder):
        held.append(b"x" * 2**25)
        time.sleep(0.02)


def _writes_elsewhere(folder: Path) -> None:
    if not _is_sound(folder):
        folder.with_name(f"{folder.name}-elsewhere").mkdir()
        folder.with_name(f"{folder.name}-elsewhere").rmdir()


SUBJECTS = {
    read.__name__: Subject(_sample, read, change=_change)
    for read in (_told, _raises, _hangs, _dies, _grows, _writes_elsewhere)
}
