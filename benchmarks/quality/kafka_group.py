"""Claim: of a topic that several processes share every message is in one model, however often they join, leave and die.

    python benchmarks/quality/kafka_group.py [--messages 1000000] [--kills 20] [--leaves 5] [--seed 0] [--json OUT]

Three processes of one group, each with a checkpoint of its own, follow a topic of four partitions at a mock broker
(librdkafka's), which is filled in step with what they read.  At moments drawn at random one of them is killed (SIGKILL)
or told to end (SIGTERM), and started again some seconds later.  Once all that was produced is committed they are told
to end, and their checkpoints are merged: traces, events and the traces by their first symbol, which tells the
partition, have to be those that were produced.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from kafka import AHEAD, GROUP, TOPIC, Topic, counted_rows, expected
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

MEMBERS = ("one", "two", "three")
CLIENT = "session.timeout.ms=3500\nheartbeat.interval.ms=300\n"
"""The mock takes all that it waits for by this: dead members are noticed in seconds."""
APART_SECONDS, AWAY_SECONDS, END_SECONDS = (3.0, 8.0), (0.0, 5.0), 120.0
"""Between two that end, until one is started again, and until all has to be read."""


class Group:
    """The processes that share a topic."""

    def __init__(self, topic: Topic, folder: Path) -> None:
        (folder / "client").write_text(CLIENT)
        self._folder = folder
        self._source = f"kafka://{topic.address}/{TOPIC}?group={GROUP}&config={folder / 'client'}"
        self._back: dict[str, float] = dict.fromkeys(MEMBERS, 0.0)  # when those that are away come back
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self.fenced = 0

    def look(self) -> None:
        """Start those whose time has come; count those that ended as others had got their partitions."""
        for name in [name for name, program in self._programs.items() if program.poll() is not None]:
            if self._programs.pop(name).returncode != 1:
                raise RuntimeError(self.said(name))
            self.fenced += 1
            self._back[name] = time.monotonic()
        for name in [name for name, when in self._back.items() if when <= time.monotonic()]:
            del self._back[name]
            kept = ("--checkpoint", str(self._folder / name), "--checkpoint-every", "0.3s", "--resume")
            command = [FLEXSTREAM, "learn", self._source, "--follow", "--no-repeats", *kept]
            with (self._folder / f"{name}.err").open("ab") as said:
                output = ("-o", str(self._folder / f"{name}.json"))
                self._programs[name] = subprocess.Popen([*command, *output], stderr=said)

    def said(self, name: str) -> str:
        """Return what one has said."""
        return (self._folder / f"{name}.err").read_text()

    def end(self, luck: random.Random, how: signal.Signals) -> bool:
        """Send a signal to one of them, if any is there, which comes back later; return whether it has ended by it."""
        if not self._programs:
            return False
        name = luck.choice(sorted(self._programs))
        program = self._programs.pop(name)
        program.send_signal(how)
        code = program.wait(60)
        self._back[name] = time.monotonic() + luck.uniform(*AWAY_SECONDS)
        return code == -signal.SIGKILL if how == signal.SIGKILL else code in (-how, 128 + how)

    def all_back(self) -> None:
        """Start all that are away."""
        self._back = dict.fromkeys(self._back, 0.0)
        self.look()

    def merged(self) -> Path:
        """Tell all to end; return the model of all that they have counted."""
        for name, program in self._programs.items():
            program.terminate()
            if program.wait(90) not in (128 + signal.SIGTERM, 0):
                raise RuntimeError(self.said(name))
        model = self._folder / "model.json"
        run([FLEXSTREAM, "merge", *(str(self._folder / name) for name in MEMBERS), "-o", str(model)])
        return model


def measure(messages: int, kills: int, leaves: int, seed: int) -> dict[str, Any]:
    """Return what was produced and what all models together have counted."""
    luck = random.Random(seed)
    ends = [signal.SIGKILL] * kills + [signal.SIGTERM] * leaves
    luck.shuffle(ends)
    with tempfile.TemporaryDirectory() as name:
        topic = Topic(Path(name))
        topic.produce(1)  # which makes the topic
        group, done, counts = Group(topic, Path(name)), 0, {signal.SIGKILL: 0, signal.SIGTERM: 0}
        due = time.monotonic() + luck.uniform(*APART_SECONDS)
        while done < len(ends) or topic.sent < messages:
            group.look()
            upto = messages * (done + 1) // (len(ends) + 1)
            if topic.sent < upto and topic.sent - topic.committed() < AHEAD:
                topic.produce(min(upto - topic.sent, luck.randrange(1, 5_000)))
            if done < len(ends) and time.monotonic() >= due:
                counts[ends[done]] += group.end(luck, ends[done])
                done, due = done + 1, time.monotonic() + luck.uniform(*APART_SECONDS)
                print(f"{done}: {topic.sent:,} sent, {topic.committed():,} committed", file=sys.stderr, flush=True)
            time.sleep(0.05)
        group.all_back()
        until = time.monotonic() + END_SECONDS
        while topic.committed() < topic.sent:
            if time.monotonic() > until:
                raise RuntimeError(f"{topic.committed():,} of {topic.sent:,} messages are committed")
            group.look()
            time.sleep(0.2)
        counted = topic.end(group.merged())
    told = {"kills": counts[signal.SIGKILL], "leaves": counts[signal.SIGTERM], "fenced": group.fenced}
    return {**told, "members": len(MEMBERS), "produced": expected(messages), "counted": counted}


def tables(result: Result) -> dict[str, Table]:
    """Return what was produced and what was counted."""
    found = result["measured"]
    how = f"{found['members']} processes, after {found['kills']} kills and {found['leaves']} that left and came back"
    return {"counts": Table((how, "produced", "counted, together"), counted_rows(found))}


def main() -> None:
    """Measure, and end with 1 where a message is lost or counted twice."""
    parser = parser_of(__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--leaves", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    args: argparse.Namespace = parser.parse_args()
    measured = measure(args.messages, args.kills, args.leaves, args.seed)
    finish(__file__, args, measured, tables)
    if measured["produced"] != measured["counted"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
