"""The baselines that foretell logs: by hand, and that what they say of all outcomes sums to one."""

from __future__ import annotations

import csv
import gzip
import json
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
TRACES = [[0, 1], [0], [], [1, 1, 0], [0, 1], [2, 0, 1, 2]]


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize("kind", ["Witten-Bell", "Kneser-Ney", "PPM"])
@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_outcomes_sum_to_one(kind: str, order: int) -> None:
    from shared.baselines.backoff import KINDS, START

    make, _ = KINDS[kind]
    model = make(TRACES, 3, order)
    for context in [(), (START,), (START, 2), (2, 3), (1,), (4, 2, 3, 2), (START, 4, 2, 3)]:
        shares = model.shares(context)
        assert (len(shares), shares.sum()) == (5, pytest.approx(1))
        assert (shares > 0).all()


def test_witten_bell_is_that_of_the_other_baseline() -> None:
    from shared.baselines.backoff import WittenBell, padded_of
    from shared.baselines.ngram import learned

    from flexstream import Alphabet, TraceBatch

    alphabet = Alphabet()
    texts = [[str(symbol) for symbol in trace] for trace in TRACES]
    theirs = learned([TraceBatch.from_traces(texts, alphabet)], alphabet, 2)
    ours = WittenBell([[alphabet.id(text) for text in trace] for trace in texts], 3, 1)
    for trace in texts:
        ids = [alphabet.id(text) for text in trace]
        padded = padded_of(ids)
        chances = [ours.shares(padded[:at])[padded[at]] for at in range(1, len(padded))]
        batch = TraceBatch(np.array(ids, np.int32), np.array([0, len(ids)]))
        assert np.log2(chances).sum() == pytest.approx(theirs.score_batch(batch)[0][0])


def test_kneser_ney_by_hand() -> None:
    """Of two traces a b and a c: b and c came once each, in one context; a in one, the end in two."""
    from shared.baselines.backoff import START, KneserNey

    model = KneserNey([[0, 1], [0, 2]], 3, 1)
    low = 3 / 5  # of the counts after nothing three are 1 and one is 2
    high = 4 / (4 + 2 * 1)
    empty = np.array([2, 0, 1, 1, 1]) / 5 - low / 5 * np.array([1, 0, 1, 1, 1]) + low * 4 / 5 / 5
    assert model.shares(()) == pytest.approx(empty)
    after = np.array([0, 0, 0, 1 - high, 1 - high]) / 2 + high * 2 / 2 * empty
    assert model.shares((START, 2)) == pytest.approx(after)


def test_ppm_by_hand() -> None:
    """After the only context escapes take half of each kind; what it knows is not asked for below."""
    from shared.baselines.backoff import PPM

    model = PPM([[0, 0, 0]], 1, 1)
    shares = model.shares((2,))  # after a: a twice, the end once
    assert shares == pytest.approx([0.5 / 3, 1 / 3, 1.5 / 3])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(name: str, *args: object) -> str:
        path = BENCHMARKS / "quality" / f"{name}.py"
        monkeypatch.setattr(sys, "argv", [name, *map(str, args)])
        runpy.run_path(str(path), run_name="__main__")
        return capsys.readouterr().out

    return run


def write_log(path: Path) -> None:
    """Write cases that start later the higher their number, the newest first."""
    numbers = random.Random(5)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "activity", "timestamp"])
        for case in range(119, -1, -1):
            steps = ["start", *numbers.choices(["work", "check", "wait"], k=numbers.randint(1, 4)), "stop"]
            for minute, step in enumerate(steps):
                hour, day = case % 20, 1 + case // 20
                writer.writerow([f"c{case}", step, f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00Z"])


def test_cases_are_ordered_by_their_start(tmp_path: Path) -> None:
    from shared.logs import by_start

    write_log(tmp_path / "log.csv")
    traces = by_start(tmp_path / "log.csv")
    assert len(traces) == 120
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert traces[0] == [row["activity"] for row in rows if row["case"] == "c0"]
    assert traces[119] == [row["activity"] for row in rows if row["case"] == "c119"]
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress((tmp_path / "log.csv").read_bytes()))
    assert by_start(tmp_path / "log.csv.gz") == traces


def test_foretell(run: Any, tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv")
    said = run("foretell", tmp_path / "log.csv", "--json", tmp_path / "out.json")
    facts = json.loads((tmp_path / "out.json").read_text())["measured"]["logs"]["log.csv"]
    assert "`log.csv`" in said
    assert (facts["traces"], facts["symbols"], facts["unseen"]) == (120, 5, 0)
    assert set(facts["baselines"]) == {"Witten-Bell", "Kneser-Ney", "PPM"}
    assert 0.5 < facts["automaton"]["bits"] < 2
    assert 0.9 < facts["ratio"] < 1.1
    assert 0 < facts["automaton"]["accuracy"] < 1


def test_alarms(run: Any, tmp_path: Path) -> None:
    numbers = random.Random(4)
    healthy = [["a", *"bc" * numbers.randint(1, 4), "d"] for _ in range(600)]
    (tmp_path / "normal.txt").write_text("".join(" ".join(session) + "\n" for session in healthy))
    with (tmp_path / "labelled.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Sequence", "label"])
        writer.writerows([" ".join(session), 0] for session in healthy[:50])
        writer.writerows([" ".join([*session, "a"]), 1] for session in healthy[:20])
    said = run(
        "alarms", tmp_path / "normal.txt", tmp_path / "labelled.csv", "--splits", 2, "--json", tmp_path / "o.json"
    )
    result = json.loads((tmp_path / "o.json").read_text())["measured"]
    assert (result["sessions"], result["labelled"], len(result["splits"])) == (600, 70, 2)
    for model in ("automaton", "2-gram"):
        assert result["splits"][0][model]["worst + bits + counts"] == {"auc": 1.0, "f1": 1.0, "false": 0.0}
    assert "published" in said
