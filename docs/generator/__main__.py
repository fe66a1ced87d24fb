"""``python -m docs.generator``: write the generated pages of the documentation."""

from pathlib import Path

from docs.generator.pages import write_docs

for page in write_docs(Path(__file__).resolve().parents[1]):
    print(page)
