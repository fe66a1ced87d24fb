"""How the page writes numbers, in a real browser: what differs looks different, nothing is -0."""

import random
import re
from typing import Any

import pytest

from sim77.app.assets import STATIC

pytestmark = pytest.mark.app

INTERVAL = """(ends) => {
  const decimals = effectDecimals(...ends);
  return ends.map((end) => createFormat("en").signed(end, decimals));
}"""

SIDE_BY_SIDE = """(cases) => cases.map((values) => {
  const decimals = decimalsApart(values, 0);
  return values.map((value) => createFormat("fr").num(value, decimals));
})"""


@pytest.fixture
def formats(page: Any) -> Any:
    """A page with the formatting functions and nothing else."""
    page.set_content("<p></p>")
    page.add_script_tag(content=(STATIC / "format.js").read_text(encoding="utf-8"))
    return page


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        # Clear, and told as clear: the nearer end is not written as zero.
        ([-0.002, -0.0038, -0.0002], ["−0.0020", "−0.0038", "−0.0002"]),
        ([-240.2, -366.4, -112.9], ["−240", "−366", "−113"]),
        ([0.0004, 0.00038, 0.00042], ["+0.00040", "+0.00038", "+0.00042"]),
        ([-1e-11, -1e-11, -1e-11], ["0", "0", "0"]),
    ],
)
def test_an_effect_and_its_ends_look_as_different_as_they_are(
    ends: list[float], told: list[str], formats: Any
) -> None:
    assert formats.evaluate(INTERVAL, ends) == told


def test_numbers_side_by_side_look_alike_only_where_they_are(formats: Any) -> None:
    draw = random.Random(7)
    cases = [
        [draw.uniform(-1.0, 1.0) * 10.0 ** draw.randint(-8, 6) for _ in range(3)]
        for _ in range(500)
    ]
    told = formats.evaluate(SIDE_BY_SIDE, cases)
    for values, texts in zip(cases, told, strict=True):
        finest = max(2e-9, 1e-10 * max(map(abs, values)))
        for i, one in enumerate(values):
            assert not re.fullmatch("\u22120(,0+)?", texts[i])
            assert abs(one) <= finest or re.search("[1-9]", texts[i])
            for k in range(i):
                assert abs(one - values[k]) <= finest or texts[i] != texts[k]
