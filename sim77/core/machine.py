"""What the machine lets this process use."""

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Of a container on Linux: microseconds of processor time, or ``max``, in every so many."""


def usable_cores(quota: Path = QUOTA) -> int:
    """Return how many cores this process may use, at least 1.

    On a cluster or in a container these are fewer than the machine has. A part of a core counts as
    one.

    Parameters
    ----------
    quota : Path
        A file like `QUOTA`; there need be none.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    if not quota.is_file():
        return cores
    time, period = quota.read_text(encoding="utf-8").split()
    return cores if time == "max" else min(cores, math.ceil(int(time) / int(period)))
