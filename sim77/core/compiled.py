"""Compiled kernels on disk that were compiled from other sources are dropped.

Numba keeps a compiled function beside its source and compiles it again when that file changes. It
does not see a change in another file: of a function that is inlined, of a constant, of the fields
of a named tuple.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from numba.core.dispatcher import Dispatcher

STAMP = "kernels.sources"
"""Beside the compiled functions: the digest of what they were compiled from."""


def drop_stale(modules: Sequence[ModuleType]) -> None:
    """Delete the compiled functions of modules if one of these modules has changed since.

    To be called before any of the functions is; a few files are read where nothing has changed.

    Parameters
    ----------
    modules : sequence of module
        Those that hold compiled functions, and those that these are made from.
    """
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    for folder, names in _kept(modules).items():
        stamp = folder / STAMP
        with suppress(OSError):  # another process does the same, or nothing may be written there
            if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
                continue
            for index in folder.glob("*.nbi"):
                if index.name.partition(".")[0] in names:
                    index.unlink(missing_ok=True)
            stamp.write_text(digest.hexdigest(), encoding="utf-8")


def _kept(modules: Sequence[ModuleType]) -> dict[Path, set[str]]:
    """Return the folders that hold compiled functions, with the modules that these stand in."""
    found: dict[Path, set[str]] = {}
    for module in modules:
        for each in vars(module).values():
            if isinstance(each, Dispatcher) and each.stats.cache_path:
                name = Path(each.py_func.__code__.co_filename).stem
                found.setdefault(Path(each.stats.cache_path), set()).add(name)
    return found
