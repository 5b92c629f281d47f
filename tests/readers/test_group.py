"""One of a group, while brokers divide partitions: it commits what is done, once, or says that others have it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from flexstream.errors import DataError, FencedError, Message, PostponedError
from flexstream.readers.source.group import Membership
from flexstream.readers.source.group_offsets import Span, written

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("confluent_kafka") is None, reason="confluent-kafka is not installed"
)


class Partition(NamedTuple):
    """A partition with an offset."""

    partition: int
    offset: int
    metadata: str
    error: None = None


class Brokers:
    """A consumer whose brokers refuse so many commits, in the way that is said."""

    def __init__(self, refused: list[str]) -> None:
        self.refused, self.member, self.kept = refused, "m1", dict[int, tuple[int, str]]()

    def memberid(self) -> str:
        return self.member

    def committed(self, asked: list[Any], _: float) -> list[Partition]:
        return [Partition(one.partition, *self.kept.get(one.partition, (-1001, ""))) for one in asked]

    def get_watermark_offsets(self, _: Any, __: float) -> tuple[int, int]:
        return 0, 100

    def incremental_assign(self, _: Any) -> None:
        pass

    def commit(self, offsets: list[Any], asynchronous: bool) -> list[Any]:
        from confluent_kafka import KafkaError, KafkaException

        if self.refused:
            raise KafkaException(KafkaError(getattr(KafkaError, self.refused.pop(0))))
        self.kept |= {one.partition: (one.offset, one.metadata) for one in offsets}
        return [Partition(one.partition, one.offset, one.metadata) for one in offsets]


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Membership, Brokers, list[Message]]]:
    """One that reads partitions 0 and 1, its brokers, and what it told."""

    def member(*refused: str) -> tuple[Membership, Brokers, list[Message]]:
        told: list[Message] = []
        found = Membership("kafka://h/lots?group=night", lambda: None, dict, told.append)
        found.consumer = brokers = Brokers(list(refused))
        monkeypatch.setattr("flexstream.readers.source.group.AGAIN_SECONDS", 0.001)
        found._assigned(brokers, [Partition(0, -1, ""), Partition(1, -1, "")])
        return found, brokers, told

    return member


NOTHING = np.empty(0, np.int64)


def test_a_commit_is_what_was_read_but_for_what_is_open(member: Any) -> None:
    one, brokers, _ = member()
    for line, (partition, offset) in enumerate([(0, 0), (1, 0), (0, 1), (0, 2), (1, 1)], 1):
        one.took(line, partition, offset)
    spans = one.spans_at(4, np.array([3]))
    assert {number: (span.end, span.open.tolist()) for number, span in spans.items()} == {0: (3, [1]), 1: (1, [])}
    one.commit(spans, 4, np.array([3]))
    assert {number: offset for number, (offset, _) in brokers.kept.items()} == {0: 1, 1: 1}
    spans = one.spans_at(5, NOTHING)  # the open one is done, and the last line is taken
    assert {number: (span.end, span.open.tolist()) for number, span in spans.items()} == {0: (3, []), 1: (2, [])}


def test_what_is_open_is_read_once_more_by_who_comes_next_and_nothing_else(member: Any) -> None:
    one, brokers, told = member()
    brokers.kept = {0: written(Span(9, np.array([4, 7]), {"3f": 2}))}
    one._assigned(brokers, [Partition(0, -1, "")])
    span = one.spans[0]
    assert [offset for offset in range(12) if span.holds(offset)] == [4, 7, 9, 10, 11]
    one.took(1, 0, 7)
    one.took(2, 0, 9)
    assert (one.read_before(1), one.read_before(2)) == (True, False)
    found = one.spans_at(2, NOTHING)[0]
    assert (found.end, found.open.tolist(), found.marks) == (10, [4], {"3f": 2})
    assert "partitions 0, 1 from here on" in str(told[0])


def test_while_partitions_are_divided_a_commit_waits(member: Any) -> None:
    one, brokers, _ = member("REBALANCE_IN_PROGRESS", "REBALANCE_IN_PROGRESS")
    with pytest.raises(PostponedError):
        one.commit({0: Span(5)}, 0, NOTHING)
    assert not brokers.kept
    one._leaving = True  # one that gives partitions away cannot come back to it
    one.commit({0: Span(5)}, 0, NOTHING)
    assert brokers.kept[0][0] == 5


def test_nothing_is_committed_over_what_others_have(member: Any) -> None:
    one, brokers, _ = member()
    one.commit({0: Span(5)}, 0, NOTHING)
    brokers.kept[0] = written(Span(7))
    with pytest.raises(FencedError, match="others of group night have got the partitions"):
        one.commit({0: Span(6)}, 0, NOTHING)
    other, brokers, _ = member("UNKNOWN_MEMBER_ID")
    with pytest.raises(FencedError, match="UNKNOWN_MEMBER_ID"):
        other.commit({0: Span(6)}, 0, NOTHING)
    assert not brokers.kept


def test_a_commit_whose_answer_was_lost_is_found(member: Any) -> None:
    one, brokers, _ = member("_TIMED_OUT")
    brokers.kept = {}

    def late(asked: list[Any], wait: float, given: Any = brokers.committed) -> Any:
        if not brokers.refused:
            brokers.kept[0] = written(Span(6))
        return given(asked, wait)

    brokers.committed = late
    one.commit({0: Span(6)}, 0, NOTHING)
    assert one.spans[0].end == 6


def test_more_than_a_commit_can_name_is_told(member: Any) -> None:
    one, *_ = member()
    opened = np.cumsum(np.random.default_rng(0).integers(1, 50, 5000))
    with pytest.raises(DataError, match="partition 1 has more than a commit of the group can name"):
        one.check({0: Span(5), 1: Span(10**6, opened)})


def test_a_topic_that_is_shorter_than_what_was_committed_is_refused(member: Any) -> None:
    one, brokers, _ = member()
    brokers.kept = {0: written(Span(101))}
    one._assigned(brokers, [Partition(0, -1, "")])
    assert "holds messages 0 to 100, not 101" in str(one._failure)


def test_a_commit_that_may_come_late_is_not_taken_for_refused(member: Any) -> None:
    one, brokers, _ = member("_TIMED_OUT", "REBALANCE_IN_PROGRESS")
    one.commit({0: Span(6)}, 0, NOTHING)
    assert brokers.kept[0][0] == 6
