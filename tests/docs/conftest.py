"""What tests of the pages share."""

from __future__ import annotations

import re

import pytest

from .commands import said


@pytest.fixture(scope="module")
def implant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model of an implanter that the first command of the module's page learns."""
    made = re.search(r"^flexstream (simulate .*) \| flexstream learn", request.module.PAGE, re.MULTILINE)
    assert made is not None
    path = str(tmp_path_factory.mktemp("page") / "implant.json")
    said("learn", "-", "-o", path, given=said(*made[1].split()).encode())
    return path
