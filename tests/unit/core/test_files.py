"""Files are replaced whole, and nothing but a file is."""

import os
import stat
from pathlib import Path

import pytest

from sim77.core.errors import ResultError
from sim77.core.files import replace_text

pytestmark = pytest.mark.unit


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_what_is_no_file_stays_what_it_is(tmp_path: Path) -> None:
    """A user who may do everything would lose /dev/null to a file of that name."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ResultError, match=r"must be a file, but '.*pipe' is none\."):
        replace_text(pipe, "text")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
