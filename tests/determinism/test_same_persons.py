"""One seed gives one population: in every sample, scope and scenario the same persons."""

import datetime as dt

import numpy as np
import pytest

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population, build_population
from sim77.registry.parameters import resolve
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.determinism

PARAMETERS = resolve(dt.date(2014, 1, 1))
ALL_ZONES = ("paris", "inner-ring", "within", "outer-ring")

# Running numbers of a run, and the weight of a sample: not properties of the person.
OF_THE_RUN = {"employer", "team", "market", "weight"}
# Drawn by employers, of whom there are fewer in a sample.
OF_THE_EMPLOYER = {"u_covered", "u_allowance", "u_pays", "u_anchor"}


def people(territory: Territory, **options: object) -> Population:
    return build_population(territory, PARAMETERS, **{"seed": 4, "zones": ("paris",), **options})


def rows_of(some: Population, others: Population) -> np.ndarray:
    """Return where each of some persons stands among the others."""
    keys = [each.high.astype(np.uint64) << np.uint64(32) | each.low for each in (some, others)]
    order = np.argsort(keys[1])
    found = order[np.searchsorted(keys[1][order], keys[0]).clip(max=order.size - 1)]
    assert (keys[1][found] == keys[0]).all(), "somebody is missing"
    return found


def differing_columns(some: Population, others: Population) -> set[str]:
    """Return the names of the columns in which the same persons differ."""
    rows = rows_of(some, others)
    columns, other_columns = some.worker_columns(), others.worker_columns()
    assert columns.keys() == other_columns.keys()
    return {
        name
        for name, column in columns.items()
        if not np.array_equal(column, other_columns[name][rows])
    }


@pytest.fixture(scope="module")
def everybody(shipped_territory: Territory) -> Population:
    return people(shipped_territory)


def test_identities_are_unique(shipped_territory, everybody):
    whole = people(shipped_territory, zones=ALL_ZONES)
    for population in (everybody, whole):
        pairs = np.unique(np.column_stack((population.high, population.low)), axis=0)
        assert len(pairs) == population.size_of_population
    commuters = shipped_territory.flows[~shipped_territory.flows["at_home"]]
    in_scope = commuters["workers"].sum()
    assert whole.size_of_population == in_scope


def test_a_sample_holds_the_same_persons(shipped_territory, everybody):
    sample = people(shipped_territory, scale=0.1)
    employees = sample.employer >= 0
    assert differing_columns(sample, everybody) <= OF_THE_RUN | OF_THE_EMPLOYER
    rows = rows_of(sample, everybody)
    for name in OF_THE_EMPLOYER:  # independents decide for themselves
        of_sample, of_all = (getattr(each, name) for each in (sample, everybody))
        assert np.array_equal(of_sample[~employees], of_all[rows][~employees])


def test_samples_lie_inside_one_another(shipped_territory, everybody):
    tenth, third = (people(shipped_territory, scale=scale) for scale in (0.1, 0.3))
    rows_of(tenth, third)
    rows_of(third, everybody)
    share = tenth.size_of_population / everybody.size_of_population
    assert share == pytest.approx(0.1, abs=0.005)


def test_a_sample_does_not_depend_on_the_seed(shipped_territory):
    one, two = (people(shipped_territory, scale=0.1, seed=seed) for seed in (1, 2))
    assert one.size_of_population == two.size_of_population
    rows_of(one, two)
    assert {"u_teleworkable", "gumbel_car", "z_home"} <= differing_columns(one, two)


def test_a_samples_weights_add_up_to_everybody(shipped_territory, everybody):
    sample = people(shipped_territory, scale=0.1)
    total = sample.weight.sum() + sample.unrepresented
    assert total == pytest.approx(everybody.size_of_population)
    for commune in np.unique(sample.commune):
        mine, all_of_it = sample.commune == commune, everybody.commune == commune
        assert sample.weight[mine].sum() == pytest.approx(all_of_it.sum())


def test_a_wider_scope_changes_nobody(shipped_territory, everybody):
    wider = people(shipped_territory, zones=("paris", "within"))
    assert wider.size_of_population > everybody.size_of_population
    assert differing_columns(everybody, wider) <= OF_THE_RUN
    # Employers keep their members too: only their numbers move.
    rows = rows_of(everybody, wider)
    for name in ("employer", "team"):
        pairs = np.column_stack((getattr(everybody, name), getattr(wider, name)[rows]))
        distinct = np.unique(pairs, axis=0)
        assert len(distinct) == np.unique(distinct[:, 0]).size == np.unique(distinct[:, 1]).size


def test_a_scenario_changes_nobody(shipped_territory):
    populations = []
    for name in ("network-2014", "hybrid-2022", "strike-2019"):
        scenario = load_scenario(name)
        model = CommuteModel(scenario, scale=0.1, seed=4, end=scenario.start + dt.timedelta(3))
        populations.append(model.population)
    for other in populations[1:]:
        assert differing_columns(populations[0], other) == set()


def test_a_person_is_a_function_of_identity_and_seed_alone(everybody):
    """Any person's column can be drawn again from the two identity words."""
    for row in (0, 12_345, everybody.size_of_population - 1):
        low, high = int(everybody.low[row]), int(everybody.high[row])
        word = draws.block(4, Purpose.TELEWORKABLE, low, high)[0]
        assert everybody.u_teleworkable[row] == np.float32((word + 0.5) / 2**32)
        words = draws.block(4, Purpose.MODE_TASTE, low, high)
        expected = -np.log(-np.log((np.array(words) + 0.5) / 2**32))
        assert everybody.gumbel_mode[row] == pytest.approx(expected, rel=1e-6)
