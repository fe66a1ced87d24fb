"""The modules from which loops are compiled: what is on disk is stale when one has changed."""

from sim77.core import draws, units
from sim77.engine import aggregation, arrays, axes, booking_kernels, loops, mode_kernels
from sim77.engine.choice import (
    allowance_kernels,
    choose_kernels,
    plan_kernels,
    utility,
    utility_kernels,
    week_kernels,
)  # fmt: skip
from sim77.engine.organisations import awareness_kernels
from sim77.engine.supply import fatigue, journey_kernels

KERNEL_SOURCES = (
    units, draws, axes, arrays, fatigue, utility, loops, mode_kernels, allowance_kernels,
    utility_kernels, plan_kernels, week_kernels, choose_kernels, booking_kernels,
    awareness_kernels, aggregation, journey_kernels,
)  # fmt: skip
"""Those that hold compiled loops, and all that these import."""
