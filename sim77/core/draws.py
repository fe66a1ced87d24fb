"""Counter-based random draws: every draw is a pure function of who, when and what for.

The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, *Parallel random numbers: as
easy as 1, 2, 3*). One block turns a counter of four 32-bit words and a key of two into four
32-bit draws. The words are

=========  =======================================================================================
key 0      seed (0 to 2**32 - 1)
key 1      purpose: one number for each kind of decision, see `Purpose`
counter 0  low word of the identity (worker: ``(work & 3) << 30 | csp << 27 | number``, and
           ``1 << 26`` for who works at home; employer: zone, size class and number; site: its key)
counter 1  high word of the identity (worker: ``home << 15 | work >> 2``; employer: 0xE0000000;
           site: 0)
counter 2  day (`datetime.date.toordinal()`), 0 for what is drawn once in a life
counter 3  what is drawn inside the decision: key of a telecentre, number of a block
=========  =======================================================================================

Home and work of a worker are INSEE's codes as numbers, ``csp`` is the category of the census, and
the number counts those who share the three (`sim77.engine.population.flows`).

Nothing depends on positions in arrays, on threads or on the order of work, so a sample, another
scope or another scenario gives the same person the same luck (common random numbers). Only what
an employer draws is another matter in a sample, which has fewer employers and so other ones
(`sim77.engine.population.population`).
"""

import math
import zlib
from enum import IntEnum
from typing import NamedTuple

import numba as nb
import numpy as np

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_TO_UNIT = 2.0**-32


class Purpose(IntEnum):
    """The decisions that draw; each has its own stream, so adding one never shifts another.

    The numbers are part of every draw: they never change, and one that is missing stays so.
    """

    SAMPLE = 1
    TELEWORKABLE = 3
    CAR = 4
    WEEKDAYS = 5
    EMPLOYER_SIZE = 6
    EMPLOYER = 7
    MODE_TASTE = 9
    PLACE_TASTE = 10
    INDEPENDENT = 11
    EMPLOYER_AGREEMENT = 12
    HALF_OF_DAY = 13
    ABSENCE = 14
    BOOKING_ORDER = 15
    EXOGENOUS_USERS = 16
    SAMPLED_DESKS = 17
    ERROR_DAY = 18
    ERROR_HALF = 19
    ERROR_CENTRE = 20
    BARRED_CAR = 21
    STAGGERED_DAYS = 22
    MOBILE_STAFF = 23
    ERROR_PLACE = 26
    AWARENESS = 27
    CONSIDERATION = 28


@nb.njit(cache=True, forceinline=True)
def philox(counter0, counter1, counter2, counter3, key0, key1):
    """Return the four 32-bit words of one Philox4x32-10 block.

    Parameters
    ----------
    counter0, counter1, counter2, counter3, key0, key1 : numpy.uint32
        The words of the module docstring.

    Returns
    -------
    tuple of four numpy.uint32
    """
    c0, c1, c2, c3 = (
        np.uint32(counter0),
        np.uint32(counter1),
        np.uint32(counter2),
        np.uint32(counter3),
    )
    k0, k1 = np.uint32(key0), np.uint32(key1)
    for _ in range(10):
        p0 = _M0 * np.uint64(c0)
        p1 = _M1 * np.uint64(c2)
        n0 = np.uint32(p1 >> _32) ^ c1 ^ k0
        n2 = np.uint32(p0 >> _32) ^ c3 ^ k1
        c1 = np.uint32(p1 & _LOW)
        c3 = np.uint32(p0 & _LOW)
        c0 = np.uint32(n0)
        c2 = np.uint32(n2)
        k0 = np.uint32(k0 + _W0)
        k1 = np.uint32(k1 + _W1)
    return c0, c1, c2, c3


@nb.njit(cache=True, forceinline=True)
def unit(word):
    """Turn a 32-bit word into a uniform draw strictly between 0 and 1: ``(word + 0.5) / 2**32``."""
    return (np.float64(word) + 0.5) * _TO_UNIT


@nb.njit(cache=True, forceinline=True)
def gumbel(word):
    """Turn a 32-bit word into a standard Gumbel draw, ``-log(-log(u))``."""
    return -math.log(-math.log(unit(word)))


@nb.njit(cache=True, forceinline=True)
def log_positive_stable(word_angle, word_exponential, mu):
    """Return the logarithm of a positive stable draw of index `mu` (Kanter 1975).

    ``S`` has the Laplace transform ``exp(-t**mu)``. With ``u`` uniform on (0, pi) and ``e``
    standard exponential,

    ``log S = log sin(mu u) + r log sin((1 - mu) u) - log sin(u) / mu - r log e``, where
    ``r = (1 - mu) / mu``

    Parameters
    ----------
    word_angle, word_exponential : numpy.uint32
        Words that give ``u`` and ``e``.
    mu : float
        Index in (0, 1]; at 1 the draw is the constant 1, so 0 is returned.

    Returns
    -------
    float
    """
    if mu >= 1.0:
        return 0.0
    angle = math.pi * unit(word_angle)
    exponential = -math.log(unit(word_exponential))
    ratio = (1.0 - mu) / mu
    return (
        math.log(math.sin(mu * angle))
        + ratio * math.log(math.sin((1.0 - mu) * angle) / exponential)
        - math.log(math.sin(angle)) / mu
    )


BOUND_BITS = 10
"""Leading bits of a draw that index the tables of `error_bounds`."""
_MARGIN = 1e-9


class ErrorBounds(NamedTuple):
    """Upper bounds by the leading `BOUND_BITS` bits of a draw; shape (2**BOUND_BITS,) each.

    ``gumbel`` bounds a Gumbel error; ``angle`` plus ``exponential`` bound the logarithm of the
    positive stable variable of a nest, those of ``place`` that of the nest of a place.
    """

    gumbel: np.ndarray
    angle: np.ndarray
    exponential: np.ndarray
    place_angle: np.ndarray
    place_exponential: np.ndarray


def error_bounds(mu: float, mu_place: float) -> ErrorBounds:
    """Return tables that bound errors from above without working them out.

    Every part grows with its draw (the exponential's falls with the exponential, which falls with
    the draw), so the last draw of a bin bounds the bin.

    Parameters
    ----------
    mu, mu_place : float
        Indices of the positive stable variables, in (0, 1].

    Returns
    -------
    ErrorBounds
    """
    of_gumbel, angle, exponential = _bounds_of(mu)
    _, place_angle, place_exponential = _bounds_of(mu_place)
    return ErrorBounds(of_gumbel, angle, exponential, place_angle, place_exponential)


def _bounds_of(mu: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    step = np.uint64(2 ** (32 - BOUND_BITS))
    last_word = (np.arange(1, 2**BOUND_BITS + 1, dtype=np.uint64) * step) - np.uint64(1)
    u = (last_word + 0.5) * _TO_UNIT
    of_gumbel = -np.log(-np.log(u))
    if mu >= 1.0:
        return of_gumbel + _MARGIN, np.zeros(u.size), np.zeros(u.size)
    ratio = (1.0 - mu) / mu
    of_angle = (
        np.log(np.sin(mu * np.pi * u))
        + ratio * np.log(np.sin((1.0 - mu) * np.pi * u))
        - np.log(np.sin(np.pi * u)) / mu
    )
    return of_gumbel + _MARGIN, of_angle + _MARGIN, ratio * of_gumbel + _MARGIN


@nb.njit(cache=True, nogil=True)
def _fill_units(seed, purpose, low, high, day, sub, out):
    for i in range(low.size):
        words = philox(low[i], high[i], day, sub, seed, purpose)
        for lane in range(out.shape[1]):
            out[i, lane] = unit(words[lane])


def units(
    seed: int,
    purpose: int,
    low: np.ndarray,
    high: np.ndarray,
    *,
    day: int = 0,
    sub: int = 0,
    lanes: int = 1,
) -> np.ndarray:
    """Draw uniforms for many identities at once.

    Parameters
    ----------
    seed : int
        Seed, 0 to 2**32 - 1 (0 for draws that do not depend on the seed).
    purpose : int
        A `Purpose`.
    low, high : numpy.ndarray of uint32, shape (n,)
        Identity words, see the module docstring.
    day, sub : int
        Third and fourth counter words.
    lanes : int
        How many of the block's four draws to return.

    Returns
    -------
    numpy.ndarray of float64, shape (n, lanes)
        Uniform draws strictly between 0 and 1.
    """
    out = np.empty((low.size, lanes))
    _fill_units(
        np.uint32(seed),
        np.uint32(purpose),
        np.ascontiguousarray(low, dtype=np.uint32),
        np.ascontiguousarray(high, dtype=np.uint32),
        np.uint32(day),
        np.uint32(sub),
        out,
    )
    return out


def block(
    seed: int, purpose: int, low: int, high: int, day: int = 0, sub: int = 0
) -> tuple[int, ...]:
    """Return one block's four 32-bit words as plain integers, for explanations and tests."""
    words = philox(
        np.uint32(low),
        np.uint32(high),
        np.uint32(day),
        np.uint32(sub),
        np.uint32(seed),
        np.uint32(purpose),
    )
    return tuple(int(word) for word in words)


def site_key(telecentre_id: str) -> int:
    """Return the stable 32-bit key of a telecentre: the CRC-32 of its id."""
    return zlib.crc32(telecentre_id.encode())
