"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong.
settings.register_profile("flexstream", deadline=None)
settings.load_profile("flexstream")


@pytest.fixture
def data() -> Path:
    """The folder with public data that is not part of the project."""
    given = os.environ.get("FLEXSTREAM_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; name the folder with FLEXSTREAM_DATA")
    return folder
