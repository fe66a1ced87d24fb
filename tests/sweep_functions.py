"""Functions that studies of the tests evaluate in place of the model; workers import them."""

import math
import os
import sys
import time
from collections.abc import Mapping

import psutil

from sim77.analysis.sweep.evaluate import Evaluation

Point = Mapping[str, float]

SOBOL_G = (0.0, 1.0, 4.5, 9.0)


def ishigami(point: Point, seed: int) -> dict[str, float]:
    """Ishigami & Homma (1990) with a = 7, b = 0.1; the seed does not matter."""
    x1, x2, x3 = (point[name] for name in ("x1", "x2", "x3"))
    return {"y": math.sin(x1) + 7.0 * math.sin(x2) ** 2 + 0.1 * x3**4 * math.sin(x1)}


def sobol_g(point: Point, seed: int) -> dict[str, float]:
    """Sobol's g-function of four factors in 0 to 1."""
    value = 1.0
    for place, a in enumerate(SOBOL_G, start=1):
        value *= (abs(4.0 * point[f"x{place}"] - 2.0) + a) / (1.0 + a)
    return {"y": value}


def noisy(point: Point, seed: int) -> dict[str, float]:
    """Return a value that depends on the point and, by a fixed rule, on the seed."""
    return {"y": point["x"] + point.get("spread", 1.0) * math.sin(12.9898 * seed)}


def noisy_by_lever(point: Point, seed: int) -> dict[str, float]:
    """Return a value in which the seed does more at x = 1 than at 0."""
    return {"y": 10.0 * point["x"] + (1.0 + point["x"]) * math.sin(12.9898 * seed)}


def slow(point: Point, seed: int) -> dict[str, float]:
    """Take twenty milliseconds."""
    time.sleep(0.02)
    return noisy(point, seed)


def fails_in_part(point: Point, seed: int) -> dict[str, float]:
    """Raise beyond x = 0.5, unless the file named in SIM77_TEST_MENDED exists."""
    mended = os.environ.get("SIM77_TEST_MENDED", "")
    if point["x"] > 0.5 and not os.path.exists(mended):
        raise ValueError("x is too large today")
    return noisy(point, seed)


def kills_in_part(point: Point, seed: int) -> dict[str, float]:
    """End the whole process beyond x = 0.9."""
    if point["x"] > 0.9:
        os._exit(9)
    return noisy(point, seed)


def dies(pair: object, threads: int) -> None:
    """Stand in for a pair of runs whose process is ended from outside when memory runs out."""
    psutil.Process().kill()


def rarely_else(point: Point, seed: int) -> dict[str, float]:
    """Return the same value but in a corner."""
    return {"y": 1.0 if float(point["x1"]) > 0.98 * math.pi else 0.0}


def nothing(point: Point, seed: int) -> dict[str, float]:
    """Return at once: what remains is the runner's own time."""
    return {"y": 0.0}


def not_finite(point: Point, seed: int) -> dict[str, float]:
    """Return what is no number."""
    return {"y": math.nan}


def stands_in(given: Evaluation) -> dict[str, float]:
    """Return at once what a simulated run would."""
    return {outcome.name: float(given.seed) for outcome in given.outcomes} | {"seconds": 0.1}


def pid() -> int:
    """Return the process that this is called in."""
    return os.getpid()


def sleeps(seconds: float) -> None:
    """Return after some time."""
    time.sleep(seconds)


def talks(word: str) -> str:
    """Write a line to standard output, and return what standard input says."""
    print(word, flush=True)
    return sys.stdin.read()


def fails(error: Exception) -> None:
    """Raise an error."""
    raise error
