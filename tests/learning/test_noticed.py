"""What a saved learner says of changes is looked at before it is believed."""

from __future__ import annotations

from typing import Any

import pytest

from flexstream.errors import DataError
from flexstream.learning.learner_state import noticed
from flexstream.saved import Saved

CHANGE = {"since": 3, "noticed": 5, "before": 1.0, "after": 2.0, "by": "bits"}


@pytest.mark.parametrize("drift", [None, {"on_drift": "report", "changes": [CHANGE]}])
def test_what_can_have_been_is_taken_over(drift: Any) -> None:
    assert noticed(Saved({"drift": drift}, "learner")) == drift


@pytest.mark.parametrize(
    "drift",
    [
        {"on_drift": "report"},
        {"changes": []},
        {"on_drift": "report", "changes": 3},
        {"on_drift": "report", "changes": [{}]},
        {"on_drift": "report", "changes": [CHANGE | {"after": "2"}]},
    ],
)
def test_what_cannot_is_refused(drift: Any) -> None:
    with pytest.raises(DataError):
        noticed(Saved({"drift": drift}, "learner"))
