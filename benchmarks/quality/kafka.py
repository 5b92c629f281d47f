"""Claim: of a topic of Kafka every message is learned once, however often the consumer is killed.

    python benchmarks/quality/kafka.py [--messages 1000000] [--kills 20] [--cases 30000] [--seed 0] [--json OUT]

A mock broker (librdkafka's) in a process of its own is told to produce messages into four partitions, in step with
those who read: it keeps 5 MiB a partition.  ``flexstream learn --follow --checkpoint`` is killed (SIGKILL) at moments
drawn at random and goes on with ``--resume``; at the end traces, events and the traces by their first symbol, which
tells the partition, have to be those that were produced.

Then events of cases are watched by ``flexstream alarm --to``, which is killed as often as it takes a quarter of the
kills: each case that alarms where all are read from a file has to be in the topic of alarms, and no other.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

PARTITIONS, GROUP, TOPIC, SEEN, ALARMS = 4, "learning", "lots", "seen", "alarms"
AHEAD = 300_000
"""Messages that may wait: so many the broker surely keeps."""
END_SECONDS = 10.0
"""After which all that was produced is taken to be read."""


def message(number: int) -> str:
    """Return a trace whose first symbol tells its partition."""
    return " ".join([f"p{number % PARTITIONS}", *["run"] * (number % 7)])


def event(number: int, usual: bool = False) -> str:
    """Return an event of a case of three; in one case of fifty comes what is never seen where all are usual."""
    case, place = divmod(number, 3)
    broken = not usual and case % 50 == 7
    return json.dumps({"case": f"c{case}", "event": ("load", "break" if broken else "run", "unload")[place]})


def broker(connection: Connection) -> None:
    """Tell the address of a broker, then produce the ranges that come, and tell how many were not taken."""
    from confluent_kafka import Producer

    settings = {"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0, "linger.ms": 5}
    producer = Producer({**settings, "queue.buffering.max.messages": 1_000_000})
    one = next(iter(producer.list_topics(timeout=10).brokers.values()))
    connection.send(f"{one.host}:{one.port}")
    while (asked := connection.recv()) is not None:
        topic, *bounds = asked
        for number in range(*bounds):
            text, part = (message(number), number) if topic == TOPIC else (event(number), number // 3)
            producer.produce(topic, text.encode(), partition=part % PARTITIONS)
        connection.send(producer.flush(60))


class Topic:
    """One topic and those who read it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.sent = folder, 0
        self._connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=broker, args=(theirs,), daemon=True)
        self._process.start()
        self.address = self._connection.recv()
        from confluent_kafka import Consumer, TopicPartition

        self._asked = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        self._client = Consumer(
            {"bootstrap.servers": self.address, "group.id": GROUP, "enable.auto.commit": False, "log_level": 0}
        )

    def produce(self, count: int) -> None:
        """Return once so many more messages are there."""
        self._send(TOPIC, self.sent, self.sent + count)
        self.sent += count

    def _send(self, topic: str, start: int, stop: int) -> None:
        self._connection.send((topic, start, stop))
        if self._connection.recv():
            raise RuntimeError("the broker did not take all messages")

    def watch(self, cases: int, kills: int, luck: random.Random) -> dict[str, Any]:
        """Watch events of cases, killed so many times; return how many cases had to alarm, and how many did."""
        usual, seen, model = (self._folder / name for name in ("usual.jsonl", "seen.jsonl", "watching.json"))
        usual.write_text("".join(event(number, usual=True) + "\n" for number in range(12_000)))
        seen.write_text("".join(event(number) + "\n" for number in range(3 * cases)))
        run([FLEXSTREAM, "learn", str(usual), "--no-repeats", "-o", str(model)])
        lines = run([FLEXSTREAM, "alarm", str(model), str(seen), "--ungrouped"]).stdout.splitlines()
        told = [alarm["trace"] for alarm in map(json.loads, lines) if alarm["alarm"] != "together"]
        self._send(SEEN, 0, 3 * cases)
        source, topic = f"kafka://{self.address}/{SEEN}?group={GROUP}", f"kafka://{self.address}/{ALARMS}"
        killed, command = 0, [FLEXSTREAM, "alarm", str(model), source, "--to", topic]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while killed < kills:
            time.sleep(luck.uniform(0.5, 2.0))
            if process.poll() is not None:
                break
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        if process.wait():
            raise RuntimeError(f"the watch has ended with {process.returncode}")
        found = self._alarms()
        exact = sorted(set(found)) == sorted(set(told))
        return {"kills": killed, "alarms": len(told), "messages": len(found), "cases": len(set(found)), "exact": exact}

    def _alarms(self) -> list[str]:
        """Return the cases of the alarms that are in their topic."""
        from confluent_kafka import Consumer, TopicPartition

        asked = {"bootstrap.servers": self.address, "group.id": "looking", "enable.partition.eof": True}
        consumer, found, ends = Consumer({**asked, "log_level": 0}), list[str](), 0
        parts = consumer.list_topics(ALARMS, 10).topics[ALARMS].partitions
        consumer.assign([TopicPartition(ALARMS, number, 0) for number in parts])
        while ends < len(parts) and (one := consumer.poll(10)) is not None:
            ends += one.error() is not None
            if one.error() is None and json.loads(one.value())["alarm"] != "together":
                found.append(one.key().decode())
        consumer.close()
        return found

    def committed(self) -> int:
        """Return how many messages the group has behind it."""
        return sum(max(0, one.offset) for one in self._client.committed(self._asked, 10))

    def start(self) -> subprocess.Popen[bytes]:
        """Start a consumer, which goes on where the one before was."""
        source, model = (
            f"kafka://{self.address}/{TOPIC}?group={GROUP}&partitions=0-{PARTITIONS - 1}",
            self._folder / "model.json",
        )
        kept = ("--checkpoint", str(self._folder / "kept"), "--checkpoint-every", "0.2s", "--resume")
        command = [FLEXSTREAM, "learn", source, "--follow", "--no-repeats", "-o", str(model), *kept]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def end(self, model: Path | None = None) -> dict[str, Any]:
        """End the broker; return what a model counted, by default that of the consumer."""
        self._connection.send(None)
        self._process.join(30)
        document = json.loads((model or self._folder / "model.json").read_text())
        edges, firsts = document["transitions"], Counter[str]()
        for source, symbol, weight in zip(edges["source"], edges["symbol"], edges["weight"], strict=True):
            if source == 0:
                firsts[document["symbols"][symbol]] += weight
        told = document["provenance"]
        return {"traces": told["traces"], "events": told["events"], "firsts": dict(sorted(firsts.items()))}


def expected(messages: int) -> dict[str, Any]:
    """Return what a model of so many messages counts."""
    firsts = {f"p{part}": len(range(part, messages, PARTITIONS)) for part in range(PARTITIONS)}
    events = messages + sum(length * len(range(length, messages, 7)) for length in range(7))
    return {"traces": messages, "events": events, "firsts": firsts}


def measure(messages: int, kills: int, cases: int, seed: int) -> dict[str, Any]:
    """Return what was produced and what the model counted after so many kills, and which cases have alarmed."""
    luck = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        topic = Topic(Path(name))
        topic.produce(1)  # which makes the topic
        killed = 0
        for number in range(kills + 1):
            consumer, upto = topic.start(), messages * (number + 1) // (kills + 1)
            time.sleep(luck.uniform(0.0, 1.0))
            while topic.sent < upto:
                if topic.sent - topic.committed() < AHEAD:
                    topic.produce(min(upto - topic.sent, luck.randrange(1, 3_000)))
                time.sleep(luck.uniform(0.0, 0.08))
                if consumer.poll() is not None:
                    raise RuntimeError(f"the consumer ended by itself ({consumer.returncode})")
            if number < kills:
                time.sleep(luck.uniform(0.0, 0.4))
                consumer.kill()
                killed += consumer.wait() == -signal.SIGKILL
            else:
                time.sleep(END_SECONDS)
                consumer.terminate()
                consumer.wait()
            print(f"{number}: {topic.sent:,} sent, {topic.committed():,} committed", file=sys.stderr, flush=True)
        alarms = topic.watch(cases, kills // 4, luck)
        counted = topic.end()
    return {"kills": killed, "produced": expected(messages), "counted": counted, "alarms": alarms}


def counted_rows(found: Any) -> list[tuple[str, str, str]]:
    """Return what was produced beside what was counted: traces, events, and the traces of each partition."""
    rows = [(what, f"{found['produced'][what]:,}", f"{found['counted'][what]:,}") for what in ("traces", "events")]
    firsts = [found[key]["firsts"] for key in ("produced", "counted")]
    return rows + [
        (f"partition {part[1:]}", f"{count:,}", f"{firsts[1].get(part, 0):,}") for part, count in firsts[0].items()
    ]


def tables(result: Result) -> dict[str, Table]:
    """Return what was produced and what was counted."""
    found = result["measured"]
    out = found["alarms"]
    alarms = [
        ("cases that alarm", f"{out['alarms']:,}"),
        ("of these in the topic, after kills", f"{out['cases']:,}, {out['kills']}"),
        ("messages", f"{out['messages']:,}"),
    ]
    return {
        "counts": Table((f"after {found['kills']} kills", "produced", "counted"), counted_rows(found)),
        "alarms": Table(("alarms to a topic", "measured"), alarms),
    }


def main() -> None:
    """Measure, and end with 1 where a message is lost or counted twice."""
    parser = parser_of(__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cases", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=0)
    args: argparse.Namespace = parser.parse_args()
    measured = measure(args.messages, args.kills, args.cases, args.seed)
    finish(__file__, args, measured, tables)
    if measured["produced"] != measured["counted"] or not measured["alarms"]["exact"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
