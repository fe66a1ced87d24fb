"""The persons of INSEE's detail files on commuting: home, work, occupation and mode.

Nothing here needs the outlines of zones, so that a fit of modes reads them too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.territory.build.formats import InseeFile, persons_of, read_batches

GROUPS = [str(code) for code in range(1, 7)]
NO_TRANSPORT = "1"
"""Code of TRANS, in every census, of those who work at home."""
NEW_MODES_VINTAGE = 2017
ANSWER_OF_TRANS = {
    False: {"2": "NM", "3": "NM", "4": "VP", "5": "TC"},
    True: {"2": "NM", "3": "NM", "4": "NM", "5": "VP", "6": "TC"},
}
"""Mode by the code of TRANS, before the census told bicycles from motorcycles and since: `TC` is
public transport, `VP` car, `NM` on foot and two-wheelers."""


def read_persons(file: InseeFile, homes: Collection[str], base_year: int) -> Iterator[pd.DataFrame]:
    """Yield the persons of a detail file in pieces.

    Parameters
    ----------
    file : InseeFile
    homes : collection of str
        Codes of homes: arrondissements of Paris, Lyon and Marseille stand for their city if here.
    base_year : int
        The census of a file that does not tell.

    Yields
    ------
    pandas.DataFrame
        ``row`` of the file, ``home``, ``workplace``, ``csp`` (1 to 6, else missing), ``at_home``,
        ``mode`` (`ANSWER_OF_TRANS`, else missing), ``persons``.

    Raises
    ------
    TerritoryError
        The file lacks modes or occupations, or a weight is no number.
    """
    for role, name in (("mode", "TRANS"), ("occupation", "CS1 or GS")):
        if role not in file.positions:
            raise TerritoryError(
                f"{file.name} has no column {name}, which flows by occupation need; give all "
                "columns of INSEE's detail file (FD_MOBPRO)."
            )
    answer_of = ANSWER_OF_TRANS[(file.vintage or base_year) >= NEW_MODES_VINTAGE]
    for batch in read_batches(file):
        texts = {role: column.to_pandas().astype(object) for role, column in batch.texts.items()}
        # Codes kept as numbers have lost the zero of 01 to 09.
        home, group = texts["residence"].str.zfill(5), texts["occupation"]
        if "arrondissement" in texts:
            home = texts["arrondissement"].where(texts["arrondissement"].isin(homes), home)
        yield pd.DataFrame({
            "row": batch.first_row + np.arange(len(home)),
            "home": home,
            "workplace": texts["workplace"].str.zfill(5),
            "csp": pd.to_numeric(group.where(group.isin(GROUPS))),
            "at_home": texts["mode"] == NO_TRANSPORT,
            "mode": texts["mode"].map(answer_of),
            "persons": persons_of(file, batch, "weight"),
        })  # fmt: skip
