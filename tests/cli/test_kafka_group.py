"""Several processes of a group share the partitions of a topic: each message is taken by one of them."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("confluent_kafka") is None, reason="confluent-kafka is not installed"
)
Broker = Any
Message = tuple[str, int, str | None]
OURS = "from here on"


def whole(count: int, first: int) -> list[Message]:
    """Whole traces, whose length varies."""
    return [("lots", at % 4, " ".join([f"p{at % 4}", *["run"] * (at % 7)])) for at in range(first, first + count)]


def cases(count: int, first: int) -> list[Message]:
    """Events of cases, all first ones before all second ones; an event of a case of fifty is odd."""
    found: list[Message] = []
    for step in ("load", "run", "unload"):
        for case in range(first, first + count):
            odd = step == "run" and case % 50 == 7
            text = json.dumps({"case": f"c{case}", "event": "break" if odd else step})
            found.append(("lots", case % 4, text))
    return found


class Readers:
    """Programs that read a topic as one group, and what they said."""

    def __init__(self, broker: Broker, start: Any, folder: Path, made: Callable[[int, int], list[Message]]) -> None:
        self._broker, self._start, self._folder, self._made = broker, start, folder, made
        # The mock lets the first one wait for three seconds, which has to be less than what it takes for dead.
        (folder / "client").write_text("session.timeout.ms=5000\nheartbeat.interval.ms=200\n")
        self.source = f"kafka://{broker.address}/lots?group=night&config={folder / 'client'}"
        self.sent = 0

    def produce(self, count: int) -> None:
        self._broker.produce(self._made(count, self.sent))
        self.sent += count

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.err").read_text()

    def wait(self, name: str, times: int) -> None:
        """Wait until a reader was given partitions so many times; meanwhile there is more to read."""
        self.until(lambda: self.said(name).count(OURS) >= times, lambda: self.said(name))

    def until(self, true: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end, why()
            self.produce(8)
            time.sleep(0.1)

    def all_read(self) -> None:
        """Wait until the group has all messages behind it."""
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer({"bootstrap.servers": self._broker.address, "group.id": "night", "log_level": 0})
        asked = [TopicPartition("lots", number) for number in range(4)]
        ends = [consumer.get_watermark_offsets(one, 10)[1] for one in asked]
        end = time.monotonic() + 20
        while [one.offset for one in consumer.committed(asked, 10)] != ends:
            assert time.monotonic() < end
            time.sleep(0.1)
        consumer.close()


def stopped(program: subprocess.Popen[bytes]) -> int:
    program.send_signal(signal.SIGTERM)
    return program.wait(40)


def test_members_join_die_return_and_leave_and_each_trace_is_learned_once(
    broker: Broker, run: Any, start: Any, tmp_path: Path
) -> None:
    readers = Readers(broker, start, tmp_path, whole)

    def learning(name: str) -> subprocess.Popen[bytes]:
        kept = ("--checkpoint", tmp_path / name, "--checkpoint-every", "0.2s", "--resume")
        program: Any = start
        with (tmp_path / f"{name}.err").open("ab") as said:
            given = ("learn", readers.source, "--follow", "--no-repeats", "-o", tmp_path / f"{name}.json", *kept)
            return program(*given, stderr=said)

    def stop(name: str, program: subprocess.Popen[bytes]) -> None:
        """End a member; the mock forgets one now and then, which then has to come back, as it says itself."""
        while (code := stopped(program)) == 1:
            assert "the same command again, which goes on" in readers.said(name).splitlines()[-1]
            given = readers.said(name).count(OURS)
            program = learning(name)
            readers.wait(name, given + 1)
        assert code == 128 + signal.SIGTERM, readers.said(name)

    readers.produce(100)
    one = learning("one")
    readers.wait("one", 1)
    two = learning("two")
    readers.wait("two", 1)
    assert "partitions 0, 1 to others" in readers.said("one") or "partitions 2, 3 to others" in readers.said("one")
    one.kill()
    one.wait()
    readers.wait("two", 2)  # those of the one that is dead
    one = learning("one")
    readers.wait("one", 2)
    assert "goes on behind trace" in readers.said("one")
    stop("two", two)
    readers.wait("one", 3)
    readers.all_read()
    stop("one", one)
    ended = run("merge", tmp_path / "one", tmp_path / "two", "-o", tmp_path / "both.json")
    assert ended.code == 0, ended.err
    found = json.loads((tmp_path / "both.json").read_text())
    traces = [str(value).split() for _, _, value in whole(readers.sent, 0)]
    assert (found["provenance"]["traces"], found["provenance"]["events"]) == (len(traces), sum(map(len, traces)))
    edges, firsts = found["transitions"], Counter[str]()
    for source, symbol, weight in zip(edges["source"], edges["symbol"], edges["weight"], strict=True):
        firsts[found["symbols"][symbol]] += weight * (source == 0)
    assert {name: count for name, count in firsts.items() if count} == Counter(trace[0] for trace in traces)


def test_open_cases_move_with_their_partition_and_alarm_once(
    broker: Broker, run: Any, start: Any, tmp_path: Path
) -> None:
    readers = Readers(broker, start, tmp_path, cases)
    usual, model = tmp_path / "usual.jsonl", tmp_path / "model.json"
    usual.write_text("".join(f"{value}\n" for _, _, value in cases(2000, 0) if value and "break" not in value))
    assert run("learn", usual, "-o", model, "--no-repeats").code == 0

    def watching(name: str) -> subprocess.Popen[bytes]:
        program: Any = start
        with (tmp_path / f"{name}.err").open("ab") as said, (tmp_path / f"{name}.out").open("ab") as told:
            return program("alarm", model, readers.source, "--follow", "--ungrouped", stderr=said, stdout=told)

    readers.produce(60)
    one, two = watching("one"), watching("two")
    readers.wait("one", 1)
    readers.wait("two", 1)
    assert stopped(one) == 128 + signal.SIGTERM
    readers.wait("two", 2)
    readers.produce(60)
    time.sleep(1)
    assert stopped(two) == 128 + signal.SIGTERM
    lines = [line for name in ("one", "two") for line in (tmp_path / f"{name}.out").read_text().splitlines()]
    assert {json.loads(line)["trace"] for line in lines} == {f"c{case}" for case in range(7, readers.sent, 50)}
    alone = tmp_path / "alone.jsonl"
    alone.write_text("".join(f"{value}\n" for _, _, value in cases(readers.sent, 0)))
    each = run("alarm", model, "-", "--ungrouped", input=alone.read_bytes()).text.splitlines()
    assert len(lines) == len(each)
