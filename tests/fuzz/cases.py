"""One hostile input: which sample, what was changed in it, and who is to read it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.mutations import Change, changed_file

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Subject:
    """One kind of input.

    Attributes
    ----------
    samples : callable
        Returns valid inputs, each the files of a folder by name.
    read : callable
        Reads what is in a folder as a user's command would, as far as it is without running.
    run : callable
        Goes on with what was accepted, at a small scale.
    change : callable
        Changes one of the files.
    """

    samples: Callable[[], tuple[Files, ...]]
    read: Callable[[Path], Any]
    run: Callable[[Path, Any], object] = field(default=lambda folder, found: None)
    change: Callable[[random.Random, str, bytes], Change] = changed_file


@dataclass(frozen=True)
class Case:
    """A changed input, made from a seed and a number alone."""

    number: int
    subject: str
    told: str
    files: Files
    goes_on: bool


def make_case(subjects: Mapping[str, Subject], seed: int, number: int, only: str = "") -> Case:
    """Make a case; the same seed and number give the same one."""
    rng = random.Random(f"{seed} {number}")
    names = list(subjects)
    name = only or names[number % len(names)]
    subject = subjects[name]
    files = dict(rng.choice(subject.samples()))
    changed = rng.choice(sorted(files))
    told, files[changed] = subject.change(rng, changed, files[changed])
    return Case(number, name, f"{changed}: {told}", files, goes_on=rng.random() < 0.2)
