"""The user's memory: what is read, how it is shared out, and what is accounted for."""

from __future__ import annotations

import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import StreamLearner
from flexstream.budget import SHARES, Budget, format_memory, give_back_large_arrays, parse_memory
from flexstream.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("512MiB", 1 << 29),
        ("128KiB", 1 << 17),
        ("1 GB", 10**9),
        ("1.5mb", 1_500_000),
        ("2g", 2 * 10**9),
        ("2Gib", 1 << 31),
        ("1TiB", 1 << 40),
        ("3tb", 3 * 10**12),
        ("700k", 700_000),
        ("700kb", 700_000),
        ("800m", 800_000_000),
        ("200000b", 200_000),
        (300_000, 300_000),
    ],
)
def test_amounts(text: str | int, expected: int) -> None:
    assert parse_memory(text) == Budget(text).total == expected


@pytest.mark.parametrize("text", ["", "much", "-5MB", "5 MBit", "0", "127KiB", "1024TiB", "1e9", "nan", "5,5MB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="amount of memory"):
        Budget(text)


def test_the_smallest_is_allowed() -> None:
    assert Budget("128KiB").total == 131_072


@given(st.integers(1 << 17, (1 << 50) - 1))
def test_the_shares_are_the_whole_and_no_more(total: int) -> None:
    budget = Budget(total)
    shares = [budget.share(part) for part in SHARES]
    assert total - len(shares) <= sum(shares) <= total
    assert budget.share("search") >= 2 * budget.share("tree") - 2


def test_a_part_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        Budget().share("hat")
    with pytest.raises(KeyError):
        Budget().watch("hat", {0}, len)


def test_what_is_gone_takes_nothing() -> None:
    budget, texts = Budget(), {"run", "load"}
    budget.watch("symbols", texts, len)
    budget.watch("tree", budget, lambda own: own.total)  # which holds nothing of itself
    assert budget.usage() == {"symbols": (2, budget.share("symbols")), "tree": (budget.total, budget.share("tree"))}
    gone = weakref.ref(texts)
    del texts
    assert gone() is None and set(budget.usage()) == {"tree"}


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 40, "1.0 TiB"), (1 << 51, "2048.0 TiB")]
)
def test_amounts_as_people_read_them(amount: int, text: str) -> None:
    assert format_memory(amount) == text


def test_a_learner_accounts_for_its_parts() -> None:
    learner = StreamLearner(memory=Budget("3MiB"))
    before = learner.budget.usage()
    learner.learn_many([[f"s{number}", "x"] for number in range(4000)])
    after = learner.budget.usage()
    assert set(after) == {"tree", "symbols", "repeats", "durations", "calibration"}
    assert after["durations"] == (0, learner.budget.share("durations"))
    for part, use in after.items():
        if part == "durations":
            continue
        assert before[part].used < use.used <= use.share == learner.budget.share(part)
    assert after["tree"].used == learner.tree.nbytes
    assert learner.get_params()["memory"] == 3 << 20
    assert repr(learner.budget) == "Budget('3.0 MiB')"


def test_equal_budgets() -> None:
    assert Budget("1MiB") == Budget(1 << 20) != Budget("2MiB")
    assert Budget("1MiB") != "1MiB"
    assert len({Budget("1MiB"), Budget(1 << 20)}) == 1


def test_who_may_have_which_part() -> None:
    """Of 96 MiB: 16 the tree, 32 its search, 12 symbols, 24 open cases, 0.375 members, 5.25 the longest line,
    3 repeats, 2.25 durations, 0.75 drift, 0.375 calibration."""
    budget = Budget("96MiB")
    parts = {
        "tree": 16,
        "search": 32,
        "symbols": 12,
        "cases": 24,
        "members": 0.375,
        "line": 5.25,
        "repeats": 3,
        "durations": 2.25,
        "drift": 0.75,
        "calibration": 0.375,
    }
    assert {part: budget.share(part) for part in SHARES} == {
        part: int(size * (1 << 20)) for part, size in parts.items()
    }


@pytest.mark.parametrize(
    ("amount", "text"), [(1024, "1.0 KiB"), (1024**2 - 1, "1024.0 KiB"), (1 << 20, "1.0 MiB"), (3 << 30, "3.0 GiB")]
)
def test_units_of_amounts(amount: int, text: str) -> None:
    assert format_memory(amount) == text


@pytest.mark.parametrize(
    ("total", "large"), [(1 << 17, 1 << 20), (1 << 27, 1 << 21), (1 << 28, 1 << 22), (1 << 40, 1 << 22)]
)
def test_what_the_allocator_is_told(monkeypatch: pytest.MonkeyPatch, total: int, large: int) -> None:
    """In malloc.h of the GNU C library M_MMAP_THRESHOLD is -3, M_TRIM_THRESHOLD -1 and M_ARENA_MAX -8."""
    told: list[tuple[int, int]] = []

    class Library:
        def mallopt(self, what: int, size: int) -> None:
            told.append((what, size))

    monkeypatch.setattr("ctypes.CDLL", lambda name: Library())
    give_back_large_arrays(total)
    assert told == [(-3, large), (-1, 2 * large), (-8, 1)]
    for error in (AttributeError, OSError, TypeError):
        monkeypatch.setattr("ctypes.CDLL", lambda name, error=error: (_ for _ in ()).throw(error))
        give_back_large_arrays(total)  # another C library, or none
