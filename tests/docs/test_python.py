"""The page on Python runs as it stands, and what its comments say is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text()


def ran() -> dict[str, Any]:
    """Run the page; return its names, and under each line that is a value what came of it."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        for line in re.split(r"\n(?! )", block.strip()):
            code, _, said = line.partition("  # ")
            if said:
                names[code] = eval(code, names) if not re.match(r"[\w, ]+ = ", code) else exec(code, names)
            else:
                exec(line, names)
    return names


def test_the_page_runs_and_says_what_is_so() -> None:
    names = ran()
    assert names['learner.score_one(["load", "run", "unload"]).log2_prob'] == pytest.approx(-1.0, abs=0.1)
    assert names['learner.score_one(["load", "unload"]).worst.symbol'] == "unload"
    assert names['learner.predict_proba_one(["load"])["setup"]'] == pytest.approx(0.5, abs=0.02)
    assert names["learner.score(usual)"] == pytest.approx(-1.0, abs=0.1)
    assert len(names["learner.score_samples(usual[:2])"]) == 2
    assert names["learner"].get_params()["options"] == {"alpha": 0.01}
    assert list(names["states"]["state"]) == list(range(len(names["learner"].automaton)))
