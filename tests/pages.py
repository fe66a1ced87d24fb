"""Reading the HTML pages that sim77 writes: texts, tables, charts, and whether tags close."""

import json
from html.parser import HTMLParser
from typing import Any

from sim77.report.locale import LANGUAGES

VOID = {"meta", "link", "input", "br", "option"}


class Page(HTMLParser):
    """What a page holds: texts by language, rows that the map can find, charts, addresses, tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: dict[tuple[str, str], list[str]] = {}
        self.text = dict.fromkeys(LANGUAGES, "")
        self.data: list[tuple[str, str, Any]] = []
        self.maps: Any = None
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self._open: list[str] = []
        self._language, self._row, self._cell = "", None, False
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        self.addresses += [given[name] for name in ("src", "href", "srcset") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if tag not in VOID:
            self._open.append(tag)
        if tag == "main":
            self._language = given["lang"]
        if "data-maps" in given:
            self.maps = json.loads(given["data-maps"])
        for name in ("chart", "track", "shades", "legend", "stack", "key"):
            if f"data-{name}" in given:
                self.data.append((self._language, name, json.loads(given[f"data-{name}"])))
        if tag == "tr":
            self._row = given.get("data-row")
        if self._row and tag in ("th", "td"):
            self.rows.setdefault((self._language, self._row), []).append("")
            self._cell = True

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag
        if tag in ("th", "td"):
            self._cell = False
            # Markets stand apart on the page.
            if self._language:
                self.text[self._language] += " "
        if tag == "tr":
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._language:
            self.text[self._language] += data
        if self._row and self._cell:
            self.rows[self._language, self._row][-1] += data

    def charts(self, language: str, kind: str) -> list[Any]:
        """Return the data of all charts of a kind in one language."""
        of = [data for each, name, data in self.data if (each, name) == (language, "chart")]
        return [data for data in of if data["kind"] == kind]

    def declared(self, language: str, name: str) -> list[Any]:
        """Return the data of all rows of marks, cells, legends or wholes in one language."""
        return [data for each, what, data in self.data if (each, what) == (language, name)]


def number(text: str, language: str) -> float:
    """Read a number as the pages write it."""
    plain = text.replace("\u2212", "-").replace("%", "").replace("\u202f", "")
    return float(plain.replace(",", ".") if language == "fr" else plain.replace(",", ""))
