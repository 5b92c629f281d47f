"""Journals: facts in columns, and what is left of them once nodes are gone."""

from __future__ import annotations

import numpy as np

from flexstream.merging.journal import Journal, Kind, Stage

ENTRIES = [
    (Kind.PROMOTE, Stage.GREEDY, 0, -1, 0.0, -np.inf, 90, np.inf),
    (Kind.PROMOTE, Stage.KEPT, 2, 0, -9.0, -np.inf, 40, -6.0),
    (Kind.MERGE, Stage.GREEDY, 3, 0, 5.0, 1.0, 30, 2.0),
    (Kind.MERGE, Stage.DROPPED, 4, 2, -2.0, -3.0, 20, 1.0),
    (Kind.MERGE, Stage.FORCED, 5, 2, 0.5, 0.25, 3, np.inf),
]


def journal() -> Journal:
    made = Journal.empty(7)
    for row, entry in enumerate(ENTRIES):
        for column, fact in zip(made.columns, entry, strict=False):
            column[row] = fact
    made.columns.size[0] = len(ENTRIES)
    return Journal(made.columns, 90)


def nodes(found: Journal) -> list[int]:
    return [entry.node for entry in found]


def test_entries_come_back() -> None:
    found = journal()
    assert len(found) == 5 and [tuple(entry) for entry in found] == ENTRIES
    assert [entry.stage for entry in found] == [entry[1] for entry in ENTRIES]
    assert len(Journal.empty()) == 0 and list(Journal.empty(3)) == []


def test_how_decisions_came_about() -> None:
    found = journal()
    assert [found.count(stage) for stage in (Stage.GREEDY, Stage.KEPT, Stage.FORCED, Stage.DROPPED)] == [2, 1, 1, 1]
    assert found.nodes(Stage.GREEDY).tolist() == [0, 3] and found.nodes(Stage.DROPPED).tolist() == [4]
    assert nodes(found.standing()) == [0, 2, 3, 5]
    assert (found.standing().traces, len(found)) == (90, 5)


def test_only_what_is_about_nodes_of_the_tree_is_kept() -> None:
    assert nodes(journal().below(5)) == [0, 2, 3, 4]
    assert nodes(journal().below(4)) == [0, 2, 3]
    assert nodes(journal().below(2)) == [0]
    merged = journal()
    merged.columns.into[2] = 5
    assert nodes(merged.below(5)) == [0, 2, 4]
    assert nodes(merged.below(6)) == [0, 2, 3, 4, 5]


def test_decisions_about_evicted_nodes_are_gone() -> None:
    """Of a promotion only the node itself must be there, of a merge both."""
    gone = np.array([0, -1, 1, 2, 3, -1])
    found = journal().renumbered(gone)
    assert [(entry.node, entry.into) for entry in found] == [(0, -1), (1, 0), (2, 0), (3, 1)]
    found = journal().renumbered(np.array([0, 1, -1, 2, 3, 4]))
    assert [(entry.node, entry.into) for entry in found] == [(0, -1), (2, 0)]
    against = journal()
    against.columns.into[1] = 1  # the best there was: gone, but the promotion stands
    found = against.renumbered(np.array([0, -1, 1, 2, 3, 4]))
    assert [(entry.node, entry.into) for entry in found][:2] == [(0, -1), (1, -1)]
    assert found.traces == 90


def test_a_selection_is_a_copy() -> None:
    found = journal()
    part = found.select(np.array([2, 0]))
    assert nodes(part) == [3, 0] and [entry.visits for entry in part] == [30, 90]
    part.columns.node[0] = 77
    assert found.columns.node[2] == 3
