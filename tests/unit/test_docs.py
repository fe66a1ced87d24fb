"""The documentation says what the code does, all of it, and nothing else."""

import datetime as dt
import re
from importlib import import_module
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from docs.generator import dictionary
from docs.generator.dictionary import KINDS, result_tables, territory_forms, territory_texts
from docs.generator.markdown import DocumentationError, docstring_of, public_members, table
from docs.generator.odd import module_part, odd_page
from docs.generator.pages import PAGES, VALIDATION_PAGE, pages, write_docs
from docs.generator.parameters import sources_cited
from docs.generator.reading import parameters_read
from sim77.analysis.compare.comparison import compare
from sim77.analysis.siting.options import Options
from sim77.analysis.siting.run import find_sites
from sim77.analysis.sweep import Study, run_study
from sim77.engine import agents
from sim77.registry.indicators import indicators
from sim77.registry.levers import levers
from sim77.registry.parameters import load_parameters
from sim77.runs.results import TABLES
from sim77.runs.run import run
from sim77.scenario.scenario import load_scenario, scenario_names
from sim77.territory.schema import TABLES as TERRITORY_TABLES
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SITE = [*DOCS.glob("*.md"), *DOCS.glob("tutorials/*.md")]
Columns = dict[str, dict[str, list[str]]]
"""Names of columns by table, by kind of result."""


def engine_modules() -> list[str]:
    """Return the modules of the engine by their names without ``sim77.``."""
    package = ROOT / "sim77"
    paths = [path for path in sorted((package / "engine").rglob("*.py")) if path.stem != "__init__"]
    return [".".join(path.relative_to(package).with_suffix("").parts) for path in paths]


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return pages(ROOT / "calibration")


@pytest.fixture(scope="module")
def result_columns() -> dict[str, list[str]]:
    start = dt.date(2014, 7, 7)
    result = run("network-2014", scale=0.01, start=start, end=start + dt.timedelta(days=4))
    return {name: list(frame.columns) for name, frame in result.tables.items()}


# Pages on disk -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PAGES, VALIDATION_PAGE])
def test_the_page_on_disk_is_what_the_package_says(name: str, generated: dict[str, str]) -> None:
    on_disk = (DOCS / name).read_text(encoding="utf-8")
    if on_disk != generated[name]:
        old, new = on_disk.splitlines(), generated[name].splitlines()
        line = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
        pytest.fail(
            f"docs/{name} is stale from line {line + 1}: run `python -m docs.generator`.\n"
            f"on disk: {old[line][:200]}\nnow:     {new[line][:200]}"
        )


def test_pages_are_written_as_they_are(tmp_path: Path, generated: dict[str, str]) -> None:
    (tmp_path / "mine.md").write_text("kept")
    written = write_docs(tmp_path / "deep")
    assert {path.name: path.read_text(encoding="utf-8") for path in written} == pages()
    assert (tmp_path / "mine.md").read_text() == "kept"


def test_pages_hold_no_machine_and_no_clock(generated: dict[str, str]) -> None:
    for name, text in generated.items():
        for trace in (str(ROOT), "/tmp/", " at 0x", "<function"):
            assert trace not in text, f"{name} holds {trace!r}"
        assert text.endswith("\n") and not text.endswith("\n\n")
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), f"{name}: blank at the end of a line"


def test_tables_are_well_formed(generated: dict[str, str]) -> None:
    for name, text in generated.items():
        width = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            markets = len(re.findall(r"(?<!\\)\|", line))
            width = width or markets
            assert markets == width, f"{name}: {line[:80]}"


def test_links_lead_somewhere() -> None:
    for path in [*SITE, *ROOT.glob("*.md"), ROOT / "experiments" / "README.md"]:
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if target.startswith(("http:", "https:")):
                continue
            file, _, anchor = target.partition("#")
            page = (path.parent / file) if file else path
            assert page.exists(), f"{path.name} links to {target}"
            if anchor:
                heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor in {head.lower().replace(" ", "-") for head in heads}, target


def test_the_index_names_every_page_in_a_table_and_in_the_navigation() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for path in SITE:
        page = path.relative_to(DOCS).with_suffix("").as_posix()
        if page != "index":
            assert f"({page}.md)" in index
            assert re.search(rf"^{page}$", index, re.MULTILINE), f"{page} is in no toctree"


def test_files_that_the_pages_name_are_there() -> None:
    """A path in backticks is one of the repository, with or without a function after it."""
    for path in [*SITE, *ROOT.glob("*.md")]:
        if path.name in PAGES or path.name == "CHANGELOG.md":
            continue
        for named in re.findall(
            r"`((?:sim77|web|tests|docs|tools|benchmarks)/[\w./*-]+)`",
            path.read_text(encoding="utf-8"),
        ):
            assert any(ROOT.glob(named)), f"{path.name} names {named}"


def test_sums_of_scenarios_that_the_pages_name_are_ones_that_run() -> None:
    texts = [each.read_text(encoding="utf-8") for each in [*SITE, ROOT / "README.md"]]
    texts.append(load_scenario.__doc__ or "")
    named = re.findall(r"(?<![\w+-])[a-z0-9-]+(?:\+[a-z0-9-]+)+", "\n".join(texts))
    sums = {each for each in named if not set(scenario_names()).isdisjoint(each.split("+"))}
    assert sums
    for each in sums:
        load_scenario(each)


def test_messages_of_the_troubleshooting_page_are_those_of_the_code() -> None:
    _, _, text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8").partition("## Running")
    quoted = re.findall(r"^\*\*(`[^*]+`)\.\*\*", text, re.MULTILINE)
    parts = [part.strip() for quote in quoted for part in re.split(r"`, `|[`…]", quote)]
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sim77").rglob("*.py"))
    assert len(quoted) >= 4
    for part in parts:
        assert part in source or part == "to", part


# Completeness ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", engine_modules())
def test_every_module_of_the_engine_is_in_the_odd(name: str, generated: dict[str, str]) -> None:
    described = f"**`sim77.{name}`**" in generated["odd.md"] or name == "engine.agents"
    assert described, f'docs/generator/odd.md.j2 does not describe {name}: add module("{name}")'


@pytest.mark.parametrize("name", engine_modules())
def test_every_parameter_the_engine_reads_is_known_and_listed(
    name: str, generated: dict[str, str]
) -> None:
    for parameter in parameters_read(name):
        assert parameter in load_parameters()
        assert f"| `{parameter}` |" in generated["odd.md"], f"{name} reads {parameter}"


def test_reading_parameters_finds_them() -> None:
    """The reading itself is not blind to one of the ways in which code asks for a parameter."""
    assert "crowding_seated_slope" in parameters_read("engine.supply.loads")  # attribute
    assert "share_allowance_10" in parameters_read("engine.choice.allowance")  # array
    assert "absence_may" in parameters_read("engine.world")  # text with gaps
    assert {"absence_january", "absence_december"} <= set(parameters_read("engine.model"))
    assert "operator_reserve_eur" not in parameters_read("scenario.policy")


def test_every_agent_class_is_in_the_odd(generated: dict[str, str]) -> None:
    for name, kind in public_members(agents).items():
        if isinstance(kind, type) and kind is not agents.PlacedAgent:
            assert f"**{name}.**" in generated["odd.md"]


SUBMODELS = ("engine.choice.utility", "engine.choice.allowance", "engine.booking",
             "engine.supply.network", "engine.learning", "engine.travel",
             "engine.choice.plan_kernels", "engine.booking_kernels")  # fmt: skip


def test_every_public_function_of_a_submodel_is_in_the_odd(generated: dict[str, str]) -> None:
    for name in SUBMODELS:
        for key in public_members(import_module(f"sim77.{name}")):
            assert re.search(rf"^- `{key}\b", generated["odd.md"], re.MULTILINE), f"{name}.{key}"


def test_the_odd_has_the_parts_of_the_protocol(generated: dict[str, str]) -> None:
    headings = re.findall(r"^## \d\. (.+)$", generated["odd.md"], re.MULTILINE)
    assert headings == [
        "Purpose and patterns",
        "Entities, state variables and scales",
        "Process overview and scheduling",
        "Design concepts",
        "Initialization",
        "Input data",
        "Submodels",
    ]
    for concept in (
        "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction",
        "Sensing", "Interaction", "Stochasticity", "Collectives", "Observation",
    ):  # fmt: skip
        assert f"**{concept}.**" in generated["odd.md"]


def test_the_odd_lists_the_registries(generated: dict[str, str]) -> None:
    for name in (*indicators(), *levers(), *scenario_names(), *TABLES):
        assert f"| `{name}` |" in generated["odd.md"], name


def test_parameters_and_sources_are_complete(generated: dict[str, str]) -> None:
    text = generated["parameters.md"]
    for name, parameter in load_parameters().items():
        assert f"| `{name}` |" in text
        for value in parameter.values or {"": parameter.value}:
            assert value in text
        for key in parameter.source_ids:
            assert sources_cited()[key] in parameter.source
            assert f"- **{key}** " in text


# Columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_a_result_is_documented(
    name: str, result_columns: dict[str, list[str]]
) -> None:
    described = [column.name for column in result_tables()[name].columns]
    assert described == result_columns[name]


def test_results_have_no_other_table(result_columns: dict[str, list[str]]) -> None:
    assert set(result_columns) == set(result_tables())


@pytest.fixture(scope="module")
def other_columns(small_territory: Territory, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """Return the columns of a comparison with a posterior, of a siting and of a study, by table."""
    folder = str(small_territory.folder)
    start = dt.date(2014, 3, 3)
    compared = compare(
        "no-telecentres", "no-telecentres", seeds=4, start=start, end=start, territory=folder,
        posterior="shipped", seeds_per_draw=2, processes=1,
    )  # fmt: skip
    options = Options(sites=1, days=2, evaluations=1, fresh_seeds=2, random=1, draws=2)
    found = find_sites(options, "no-telecentres", territory=folder, workers=0)
    study = Study(
        scenario="no-telecentres", levers={"price_day": {"values": [5.0]}},
        design={"method": "grid"}, outcomes=["home"], baseline="no-telecentres",
        posterior="shipped", period={"from": start, "to": start}, territory=folder,
    )  # fmt: skip
    sweep = run_study(study, tmp_path_factory.mktemp("study") / "out", workers=0)
    frames = {
        "comparison": compared.tables,
        "siting": found.tables,
        "study": {
            "table": sweep.table(), "points": sweep.points("home"), "failures": sweep.failures(),
        },
    }  # fmt: skip
    return {kind: {name: list(frame) for name, frame in tables.items()}
            for kind, tables in frames.items()}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "results"])
def test_every_column_of_the_other_kinds_is_documented(kind: str, other_columns: Columns) -> None:
    """Names with <words> stand for one column or several."""
    described, there = result_tables(kind), other_columns[kind]
    assert set(described) == set(there)
    for name, text in described.items():
        forms = [re.sub("<[a-z]+>", r"\\w+", column.name) for column in text.columns]
        pattern = "".join(f"(?:{form} )+" for form in forms)
        assert re.fullmatch(pattern, " ".join(there[name]) + " "), (name, forms, there[name])


def test_every_column_has_a_unit_and_two_meanings() -> None:
    for tables in (*map(result_tables, KINDS), territory_texts()):
        for name, text in tables.items():
            assert text.en and text.fr
            for column in text.columns:
                assert column.unit and column.en and column.fr, f"{name}.{column.name}"


def test_formulas_name_columns_and_parameters_that_exist() -> None:
    described = [each for kind in KINDS for each in result_tables(kind).items()]
    known = {column.name for _, text in described for column in text.columns}
    known |= load_parameters().keys() | {
        "seats_per_train",
        "places_per_train",
        "telecentres_by_day",
    }
    for name, text in described:
        for column in text.columns:
            if column.name not in indicators():
                words = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", column.formula))
                assert words <= known, f"{name}.{column.name}: {words - known}"


def test_territory_columns_are_those_of_the_form() -> None:
    for name, form in TERRITORY_TABLES.items():
        described = [column.name for column in territory_texts()[name].columns]
        assert described == [column.name for column in form.columns]


def test_every_file_of_a_shipped_territory_is_described(shipped_territory: Territory) -> None:
    forms = {f"{name}{form.suffix}": form for name, form in territory_forms().items()}
    folder = shipped_territory.folder
    files = [file.relative_to(folder).as_posix() for kind in ("csv", "parquet")
             for file in folder.rglob(f"*.{kind}")]  # fmt: skip
    assert set(files) <= forms.keys()
    for file in (each for each in files if each.endswith(".parquet")):
        columns = [column.name for column in forms[file].columns]
        assert pq.read_schema(folder / file).names == columns


@pytest.fixture
def fresh_dictionary():
    """Read the dictionary again, before and after a test that tampers with it."""
    cached = (result_tables, territory_texts)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


@pytest.mark.usefixtures("fresh_dictionary")
@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({}, "table 'days' is missing"),
        ({name: {"en": "", "fr": "", "columns": ["nothing"]} for name in TABLES}, "'nothing'"),
        ({name: {} for name in (*TABLES, "dais")}, "no table 'dais'. Did you mean 'days'?"),
    ],
)
def test_a_gap_in_the_dictionary_is_told(
    results: dict, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionary, "_content", lambda: {"shared": {}, "results": results})
    with pytest.raises(DocumentationError, match=re.escape(message)):
        result_tables()


@pytest.mark.usefixtures("fresh_dictionary")
def test_a_described_column_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    content = {**dictionary._content()}
    sites = content["territory"]["telecentres"]
    wrong = {**sites, "columns": {**sites["columns"], "wheels": {"unit": "", "en": "", "fr": ""}}}
    content["territory"] = {**content["territory"], "telecentres": wrong}
    monkeypatch.setattr(dictionary, "_content", lambda: content)
    with pytest.raises(DocumentationError, match="'wheels' of 'telecentres'"):
        territory_texts()


# A missing docstring -----------------------------------------------------------------------

WHOLE = [*SUBMODELS, "engine.supply.pairs", "engine.supply.network",
         "engine.population.population", "engine.agents", "engine.arrays", "engine.model",
         "core.draws", "registry.parameters", "territory.territory",
         "scenario.scenario"]  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_module_without_docstring_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module(f"sim77.{name}"), "__doc__", None)
    with pytest.raises(DocumentationError, match=f"'sim77.{name}' has no docstring"):
        odd_page()


@pytest.mark.parametrize("name", WHOLE)
def test_anything_public_without_docstring_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, member in public_members(import_module(f"sim77.{name}")).items():
        with monkeypatch.context() as patch:
            patch.setattr(member, "__doc__", "  ")
            with pytest.raises(DocumentationError, match=rf"{name}\.{key}' has no docstring"):
                module_part(name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("sim77.engine.agents.Telecentre", "desks"),
        ("sim77.engine.supply.network.Network", "loads"),
        ("sim77.engine.model.CommuteModel", "expected_by_kind"),
        ("sim77.engine.population.population.Population", "size_of_population"),
    ],
)
def test_a_method_without_docstring_is_refused(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, kind = path.rpartition(".")
    owner = getattr(import_module(module), kind)
    part = vars(owner)[name]
    bare = property(part.fget, doc="") if isinstance(part, property) else part
    if bare is part:
        monkeypatch.setattr(part, "__doc__", "")
    else:
        monkeypatch.setattr(owner, name, bare)
    with pytest.raises(DocumentationError, match=f"{name}' has no docstring"):
        odd_page()


def test_a_table_of_parameters_without_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("docs.generator.odd"), "parameters_read", lambda name: ())
    with pytest.raises(DocumentationError, match=r"engine\.population\.population: there is none"):
        odd_page()


def test_a_made_up_docstring_does_not_count() -> None:
    made_up = type("Pair", (), {"__doc__": "Pair(left, right)"})
    with pytest.raises(DocumentationError, match="'x' has no docstring"):
        docstring_of(made_up, "x")
    inherited = type("Child", (dict,), {})
    with pytest.raises(DocumentationError, match="'y' has no docstring"):
        docstring_of(inherited, "y")


# Markdown ----------------------------------------------------------------------------------


def test_docstrings_become_markdown() -> None:
    text = docstring_of(documented, "documented")
    assert text.prose.startswith("Return `x` as in `pandas`.")
    assert "```text\n=====  ====\na      b\n=====  ====\n```" in text.prose
    assert "Parameters" not in text.prose
    first, second = text.attributes
    assert (first.names, first.kind) == (("low", "high"), "float")
    assert first.meaning == "Bounds, in `min`."
    assert (second.names, second.kind, second.meaning) == (("both",), "", "")


def documented(frame: pd.DataFrame) -> None:
    """Return ``x`` as in :mod:`pandas`.

    =====  ====
    a      b
    =====  ====

    Attributes
    ----------
    low, high : float
        Bounds,
        in ``min``.
    both

    Parameters
    ----------
    frame : DataFrame
    """


def test_bars_and_line_breaks_do_no_harm_in_tables() -> None:
    assert table(("a|b", "c"), [("1\n2", "x")]) == "| a\\|b | c |\n| --- | --- |\n| 1 2 | x |"
