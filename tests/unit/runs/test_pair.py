"""Which pairs say something about claims."""

import pytest

from sim77.runs.pair import tests_claims as compares_telecentres_with_none


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [((), ("melun",), True), (("melun",), ("melun", "rebais"), False),
     (("melun",), (), False), ((), (), False)],
)  # fmt: skip
def test_claims_are_tested_where_telecentres_are_what_only_b_has(
    a: tuple[str, ...], b: tuple[str, ...], expected: bool
) -> None:
    assert compares_telecentres_with_none(a, b) == expected
