"""The notebooks run from the first cell to the last, on the results stored beside them."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.science

FOLDER = Path(__file__).resolve().parents[2] / "experiments" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_a_run_a_comparison_and_a_sweep_are_there() -> None:
    assert [path.stem.split("-")[-1] for path in NOTEBOOKS] == ["run", "comparison", "sweep"]


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs_and_shows_something(path: Path) -> None:
    # Imported late: all that collect the tests would wait seconds for it.
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    # An exception in a cell stops here with its text.
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    shown = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in shown)
