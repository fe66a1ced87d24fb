"""On the shipped territory the models agree too, and mistakes planted in the plain one show."""

from itertools import islice

import pytest

from .compare import differences, engine_model, plain_model, shipped_scenario
from .plain_model import PlainModel
from .plain_network import PlainNetwork
from .plain_worker import PlainWorker

pytestmark = pytest.mark.oracle

SCALE = 0.004
BURN_IN = {"burn_in_days": 5.0}
"""A week before the first day has memories enough to differ in; the plain model is slow."""


class PriceSign(PlainWorker):
    """Choice: a price attracts."""

    def price_utility(self, eur):
        return -super().price_utility(eur)


class NoWeekValue(PlainWorker):
    """Allowance: half-days left are worth nothing."""

    def rest_of_week_value(self, half_days_left):
        return 0.0


class NothingKeptForClosedDays(PlainWorker):
    """Allowance: days on which the office is closed may be left without half-days."""

    @property
    def half_days_today(self):
        return max(self.half_days_left, super().half_days_today)


class FewerCoveredFarAway(PlainWorker):
    """Agreements: the farther somebody lives, the less."""

    def odds_of_distance(self):
        return 1 / super().odds_of_distance()


class PresenceSign(PlainWorker):
    """Influence: colleagues at the office keep people away."""

    def presence_utility(self, weekday):
        return -super().presence_utility(weekday)


class BookingReversed(PlainModel):
    """Booking: the last comes first."""

    def booking_rank(self, worker):
        return tuple(-each for each in super().booking_rank(worker))


class NobodyDrivesToCentres(PlainModel):
    """Access: nobody thinks of driving to a centre."""

    def best_way(self, ways):
        return super().best_way([way for way in ways if way.mode != "car"])


class CrowdingSign(PlainNetwork):
    """Network: a crowd shortens the ride."""

    def crowding(self, number, wanted, share_trains):
        return 2 - super().crowding(number, wanted, share_trains)


class LearningSign(PlainModel):
    """Learning: expectations run away from experience."""

    def learn(self, expected, today):
        learnt = super().learn(expected, today)
        return {name: 2 * expected[name] - learnt[name] for name in expected}


def planted(mistake: type) -> type[PlainModel]:
    """Return a plain model with the mistake in it."""
    if issubclass(mistake, PlainModel):
        return mistake
    part = "worker_class" if issubclass(mistake, PlainWorker) else "network_class"
    return type(mistake.__name__, (PlainModel,), {part: mistake})


def first_differences(kind: type[PlainModel]) -> list[str]:
    """Compare day by day until something differs."""
    scenario = shipped_scenario().with_(parameters=BURN_IN)
    engine = engine_model(scenario, SCALE)
    plain = plain_model(scenario, engine, kind)
    while plain.coming_days:
        engine.step()
        plain.step()
        found = list(islice(differences(engine, plain.today), 100))
        if found:
            return found
    return []


def test_without_a_mistake_the_short_comparison_passes():
    assert first_differences(PlainModel) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "mistake",
    [
        PriceSign,
        NoWeekValue,
        NothingKeptForClosedDays,
        FewerCoveredFarAway,
        PresenceSign,
        BookingReversed,
        NobodyDrivesToCentres,
        CrowdingSign,
        LearningSign,
    ],
    ids=lambda mistake: mistake.__name__,
)
def test_a_planted_mistake_is_found(mistake):
    found = first_differences(planted(mistake))
    assert found, f"{mistake.__doc__} Nobody noticed."
    assert any("worker" in difference for difference in found)
