"""What ``diff`` returns: the document, which trace tells two models apart, and how far they are from each other."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from flexstream import PDFA
from flexstream.difference import diff
from flexstream.difference.changes import p_values
from flexstream.difference.sensitivity import least_change
from flexstream.difference.spread import Spread
from flexstream.targets import from_rows

from .lines import AFTER, BEFORE, counted


def coin(hits: int, trials: int = 1000) -> PDFA:
    return counted({0: {"a": (hits, 0), None: (trials - hits, 0)}})


def test_the_document_is_of_the_first_version() -> None:
    found = diff(counted(BEFORE), counted(AFTER), error=0.01)
    document = found.to_document()
    shown = {name: document[name] for name in ("format", "version", "same", "error", "compared", "states")}
    assert shown == {
        "format": "flexstream-difference",
        "version": 1,
        "same": False,
        "error": 0.01,
        "compared": 6,
        "states": {"one": 5, "other": 5},
    }
    assert (document["vanished"], document["appeared"]) == ([3, 4], [3, 4])
    assert document["visible"] == found.visible
    others = {"visible", "vanished", "appeared", "changes", "divergence", "telling"}
    assert document.keys() == shown.keys() | others


def test_the_document_has_each_change_with_its_counts() -> None:
    changes = {change["symbol"]: change for change in diff(counted(BEFORE), counted(AFTER)).to_document()["changes"]}
    assert {symbol: change["kind"] for symbol, change in changes.items()} == {
        **dict.fromkeys(("load", "setup", "run"), "changed"),
        "polish": "appeared",
        "scrap": "vanished",
    }
    polish = changes["polish"]
    assert polish["path"] == ["load"] and polish["p_value"] < 1e-9
    assert polish["one"] == {"states": [1], "visits": 900, "count": 0, "probability": 0}
    assert polish["other"] == {"states": [1], "visits": 900, "count": 300, "probability": pytest.approx(1 / 3)}


def test_json_holds_models_between_which_traces_are_impossible() -> None:
    """JSON has no number for what is infinite."""
    document = diff(counted(BEFORE), counted(AFTER)).to_document()
    assert document["divergence"] == {way: {"bits": None, "error": 0.0} for way in ("one_to_other", "other_to_one")}
    assert document["telling"] == {"trace": ("load", "polish", "rinse"), "one": None, "other": -2.0}
    assert json.loads(json.dumps(document, allow_nan=False))["telling"]["trace"] == ["load", "polish", "rinse"]


def test_the_document_of_what_is_the_same_tells_nothing_apart() -> None:
    document = diff(coin(500), coin(500)).to_document()
    assert document["same"] and document["telling"] is None and document["changes"] == []
    assert document["divergence"] == {way: {"bits": 0.0, "error": 0.0} for way in ("one_to_other", "other_to_one")}


def test_a_divergence_is_that_of_kullback_and_leibler_for_each_symbol() -> None:
    """Of a coin that ends a trace every outcome is an independent draw."""
    one, other = coin(900), coin(700)
    there, back = diff(one, other).divergence
    for told, (p, q) in ((there, (0.9, 0.7)), (back, (0.7, 0.9))):
        exact = p * math.log2(p / q) + (1 - p) * math.log2((1 - p) / (1 - q))
        assert told.bits == pytest.approx(exact, abs=4 * told.error)
        per_outcome = p * (1 - p) * math.log2(p * (1 - q) / (q * (1 - p))) ** 2
        assert told.error == pytest.approx(math.sqrt(per_outcome * (1 - p) / 2000), rel=0.15)


def test_what_is_impossible_on_one_side_diverges_there_alone() -> None:
    one = counted({0: {"a": (500, 0), None: (500, 0)}})
    other = counted({0: {"a": (450, 0), "b": (100, 0), None: (450, 0)}})
    there, back = diff(one, other).divergence
    assert 0 < there.bits < 1 and there.error < 0.01
    assert (back.bits, back.error) == (math.inf, 0.0)


def test_the_trace_that_tells_them_apart_ends_by_the_shortest_way() -> None:
    """After the change the likelier model goes on to an end, by ways that it has taken."""
    tail = {1: {"x": (0, 3), "y": (500, 2)}, 2: {"z": (400, 2), None: (500, 0)}, 3: {None: (1, 0)}}
    one = counted({0: {"a": (500, 1), "b": (500, 2)}, **tail})
    other = counted({0: {"a": (100, 1), "b": (900, 2)}, **tail})
    trace, before, after = diff(one, other).telling or pytest.fail("nothing tells them apart")
    assert trace == ("a", "y")
    assert (before, after) == (one.log2_prob(trace), other.log2_prob(trace))
    assert before - after == pytest.approx(math.log2(5))


def test_of_several_changes_that_which_tells_most_is_shown() -> None:
    one = counted({0: {"a": (400, 0), "b": (20, 0), None: (580, 0)}})
    other = counted({0: {"a": (300, 0), "b": (200, 0), None: (500, 0)}})
    trace, before, after = diff(one, other).telling or pytest.fail("nothing tells them apart")
    assert trace == ("b",) and after - before > 3


def test_an_end_that_has_changed_tells_them_apart_by_itself() -> None:
    telling = diff(coin(900), coin(100)).telling
    assert telling is not None and telling.trace == () and telling.other - telling.one == pytest.approx(math.log2(9))


def test_what_would_have_shown_shrinks_with_the_visits_and_grows_with_certainty() -> None:
    seen = [diff(coin(size // 2, size), coin(size // 2, size)).visible for size in (100, 10_000, 1_000_000)]
    assert seen[0] > seen[1] > seen[2] and seen[1] / seen[2] == pytest.approx(10, rel=0.01)
    half = coin(5000, 10_000)
    assert diff(half, half, error=1e-6).visible > diff(half, half, error=0.1).visible
    shown = diff(half, half).visible
    assert not diff(half, coin(5000 + int(shown * 10_000), 10_000)).same


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.95])
def test_what_would_have_shown_is_what_the_test_finds_in_19_of_20_samples(share: float) -> None:
    random, size = np.random.default_rng(1), 1000
    one = coin(int(share * size), size)
    shown, level = diff(one, one).visible, 0.05 / 2

    def found(change: float) -> float:
        laws = np.array([[share, share + change if share < 0.5 else share - change]])
        one, other = random.binomial(size, np.repeat(laws, 2000, axis=0)).T.astype(np.float64)
        table = np.column_stack([one, np.full(2000, size), other, np.full(2000, size)])
        return float((p_values(table) <= level).mean())

    assert found(shown) > 0.9 and found(shown / 2) < 0.7


def test_of_an_ensemble_its_best_member_is_compared() -> None:
    from flexstream import Ensemble

    fair, bent = coin(500), coin(900)
    mixed = Ensemble((bent, fair), np.array([0.9, 0.1]))
    assert diff(mixed, bent).same and diff(bent, mixed).same
    assert not diff(mixed, fair).same


def test_symbols_are_compared_as_texts_whatever_their_numbers() -> None:
    one = from_rows({0: {"a": (0.2, 0), "c": (0.3, 0), None: (0.5, 0)}})
    other = from_rows({0: {"b": (0.01, 0), "a": (0.19, 0), "c": (0.3, 0), None: (0.5, 0)}})
    assert {change.symbol for change in diff(one, other).changes} == {"a", "b"}


def test_the_telling_trace_ends_as_traces_usually_do() -> None:
    """A way out that is shorter, and next to never taken, is not shown."""

    def machine(skipped: int) -> PDFA:
        return from_rows(
            {
                0: {"load": (10_000 - skipped, 1), "skip": (skipped, 1)},
                1: {"run": (9_990, 2), "abort": (5, 3), None: (5, 0)},
                2: {"unload": (9_990, 3)},
                3: {None: (9_995, 0)},
            }
        )

    telling = diff(machine(100), machine(2_000)).telling
    assert telling is not None and telling.trace == ("skip", "run", "unload")


def test_what_would_have_shown_is_less_where_outcomes_come_in_runs() -> None:
    rows = {1: {"a": (9_000, 1), None: (1_000, 0)}, 2: {"b": (9_000, 2), None: (1_000, 0)}}
    runs = from_rows({0: {"a": (1_000, 1), "b": (1_000, 2)}, **rows})
    mixed = from_rows({0: {"a": (10_000, 0), "b": (10_000, 0), None: (2_000, 0)}})
    drawn = diff(mixed, mixed).visible
    assert diff(runs, mixed).visible > 1.5 * drawn
    assert diff(mixed, runs).visible == pytest.approx(diff(runs, mixed).visible, rel=0.1)


def test_what_was_compared_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    effects = Spread.effects
    monkeypatch.setattr(Spread, "effects", lambda self, side, names: asked.append(side) or effects(self, side, names))
    coin, bent = (from_rows({0: {"a": (n, 0), None: (100, 0)}}) for n in (100, 300))
    found = diff(coin, bent)
    known = found.visible
    assert len(asked) == 2 * len(found.alignment.groups)
    assert known == least_change(coin, bent, found.alignment, found.error / found.compared)
