"""Topics of Kafka are learned, scored and gone on with: each message once, whatever happens meanwhile."""

from __future__ import annotations

import importlib.util
import json
import random
import signal
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import flexstream
from flexstream.errors import UnopenedError, UsageError
from flexstream.readers.source.topic import topic_of

HAVE_CLIENT = importlib.util.find_spec("confluent_kafka") is not None
needs_client = pytest.mark.skipif(not HAVE_CLIENT, reason="confluent-kafka is not installed")
Broker = Any
Message = tuple[str, int, str | None]


def lots(count: int, first: int = 0) -> list[Message]:
    """Messages in four partitions, of which the first symbol tells the partition and the length varies."""
    return [("lots", at % 4, " ".join([f"p{at % 4}", *["run"] * (at % 7)])) for at in range(first, first + count)]


def counts(messages: list[Message]) -> tuple[int, int, Counter[str]]:
    """Traces, events and how many traces begin with each symbol."""
    traces = [(value or "").split() for _, _, value in messages]
    return len(traces), sum(map(len, traces)), Counter(trace[0] for trace in traces)


def counted_in(model: Path) -> tuple[int, int, Counter[str]]:
    document = json.loads(model.read_text())
    edges, found = document["transitions"], Counter[str]()
    for source, symbol, weight in zip(edges["source"], edges["symbol"], edges["weight"], strict=True):
        if source == 0:
            found[document["symbols"][symbol]] += weight
    return document["provenance"]["traces"], document["provenance"]["events"], found


@needs_client
def test_all_partitions_are_learned_once(broker: Broker, run: Any, tmp_path: Path) -> None:
    messages, model = lots(4000), tmp_path / "model.json"
    broker.produce(messages)
    ended = run("learn", f"kafka://{broker.address}/lots", "--no-repeats", "-o", model)
    assert ended.code == 0, ended.err
    assert "format lines (guessed)" in ended.err
    assert counted_in(model) == counts(messages)
    scored = run("score", model, f"kafka://{broker.address}/lots")
    assert (scored.code, len(scored.text.splitlines())) == (0, 4000)
    alarmed = run("alarm", model, f"kafka://{broker.address}/lots")
    assert (alarmed.code, "4,000 traces" in alarmed.err) == (0, True)
    learner = flexstream.learn(f"kafka://{broker.address}/lots")
    assert learner.traces == 4000


@needs_client
@pytest.mark.parametrize("written", ["jsonl", "csv"])
def test_events_of_cases_in_any_format(broker: Broker, run: Any, tmp_path: Path, written: str) -> None:
    def message(case: int, event: str) -> str:
        return json.dumps({"case": case, "event": event}, indent=1) if written == "jsonl" else f"{case},{event}\r\n"

    parts = 4 if written == "jsonl" else 1  # a header comes before the rows where it is in their partition
    events = [("ev", case % parts, message(case, event)) for case in range(300) for event in ("load", "run", "unload")]
    if written == "csv":
        broker.produce([("ev", 0, "case,event")])
    broker.produce([*events[:450], ("ev", 0, None), *events[450:]])
    model, kept = tmp_path / "model.json", tmp_path / "kept"
    given = ("learn", f"kafka://{broker.address}/ev", "-o", model, "--checkpoint", kept, "--resume")
    ended = run(*given)
    assert ended.code == 0, ended.err
    assert f"format {written}" in ended.err
    assert counted_in(model)[:2] == (300, 900)
    more = [("ev", case % 3, message(case, event)) for case in range(300, 340) for event in ("load", "unload")]
    broker.produce(more)
    ended = run(*given)
    assert ended.code == 0, ended.err
    assert counted_in(model)[:2] == (340, 980)


@needs_client
@pytest.mark.parametrize("seed", range(2))
def test_a_killed_consumer_loses_nothing_and_takes_nothing_twice(
    broker: Broker, run: Any, start: Any, tmp_path: Path, seed: int
) -> None:
    chance, sent, model, kept = random.Random(seed), lots(2000), tmp_path / "model.json", tmp_path / "kept"
    broker.produce(sent)
    address = f"kafka://{broker.address}/lots?group=night&partitions=0-3"
    given = ("learn", address, "--no-repeats", "-o", model, "--checkpoint", kept, "--resume")
    for _ in range(4):
        program = start(*given, "--follow", "--checkpoint-every", "0.02s")
        until, last = time.monotonic() + chance.uniform(0.8, 2.0), len(sent)
        while time.monotonic() < until:
            more = lots(chance.randrange(1, 400), len(sent))
            broker.produce(more)
            sent += more
            time.sleep(0.02)
        assert program.poll() is None, program.stderr.read()
        program.kill()
        program.wait()
        assert len(sent) > last
    without_following = ("learn", address, "--no-repeats", "-o", model, "--checkpoint", kept, "--resume", "--follow")
    program = start(*without_following)
    time.sleep(4)
    program.send_signal(signal.SIGTERM)
    said = program.communicate(timeout=60)[1].decode()
    assert "goes on behind trace" in said
    assert counted_in(model) == counts(sent)
    # The group stands where the last checkpoint does: who begins anew with it has nothing left.
    broker.produce(more := lots(8, len(sent)))
    scored = run("score", model, address)
    assert len(scored.text.splitlines()) == len(more), scored.err


@needs_client
def test_without_a_checkpoint_the_group_is_told_at_the_end(broker: Broker, run: Any, model: Path) -> None:
    address = f"kafka://{broker.address}/lots?group=night"
    broker.produce(lots(50))
    assert len(run("score", model, address).text.splitlines()) == 50
    broker.produce(lots(20, 50))
    assert len(run("score", model, address).text.splitlines()) == 20
    assert len(run("score", model, f"kafka://{broker.address}/lots").text.splitlines()) == 70


def cases(count: int) -> list[Message]:
    """Events of cases in four partitions; in one case of fifty comes what was never seen."""
    steps = [("load", "break" if case % 50 == 7 else "run", "unload") for case in range(count)]
    rows = [{"case": f"c{case}", "event": step} for case, each in enumerate(steps) for step in each]
    return [("seen", int(row["case"][1:]) % 4, json.dumps(row)) for row in rows]


@pytest.fixture
def watching(run: Any, tmp_path: Path) -> Path:
    """A model of what is usual in such cases."""
    log, found = tmp_path / "usual.jsonl", tmp_path / "watching.json"
    log.write_text("".join(f"{value}\n" for _, _, value in cases(4000) if value and "break" not in value))
    assert run("learn", log, "-o", found, "--no-repeats").code == 0
    return found


def messages_of(address: str, topic: str) -> list[tuple[str, dict[str, Any]]]:
    """Keys and documents of a topic."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": address, "group.id": "looking", "enable.partition.eof": True})
    numbers = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in numbers])
    found, ends = [], 0
    while ends < len(numbers):
        message = consumer.poll(10)
        assert message is not None
        ends += message.error() is not None
        if message.error() is None:
            found.append((message.key().decode(), json.loads(message.value())))
    consumer.close()
    return found


@needs_client
def test_alarms_are_messages_of_a_topic(broker: Broker, run: Any, tmp_path: Path, watching: Path) -> None:
    broker.produce(cases(600))
    topic, source = f"kafka://{broker.address}/alarms", f"kafka://{broker.address}/seen?group=night"
    ended = run("alarm", watching, source, "--to", topic)
    assert (ended.code, ended.text) == (0, "")
    found = messages_of(broker.address, "alarms")
    assert {key for key, _ in found} >= {f"c{case}" for case in range(7, 600, 50)}
    assert all(key == str(document["trace"]) and "alarm" in document for key, document in found)
    assert f"{len(found)} alarms" in ended.err
    assert "is empty" in run("alarm", watching, source, "--to", topic).err  # the group was told


@needs_client
def test_the_group_hears_nothing_before_its_alarms_are_there(
    broker: Broker, run: Any, watching: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flexstream.writers import messages

    broker.produce(cases(60))
    topic, source = f"kafka://{broker.address}/alarms", f"kafka://{broker.address}/seen?group=night"

    def lost(self: Any) -> None:
        self._lost, self._why = 3, "broken"
        self._check()

    with monkeypatch.context() as broken:
        broken.setattr(messages.Messages, "flush", lost)
        ended = run("alarm", watching, source, "--to", topic)
    assert (ended.code, len(ended.errors)) == (1, 1)
    assert "3 messages could not be written: broken" in ended.err
    assert "60 traces" in run("alarm", watching, source, "--to", topic).err


@needs_client
def test_what_cannot_be_written_to_is_told(
    broker: Broker, run: Any, watching: Path, lots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flexstream.writers.messages.ANSWER_SECONDS", 1.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"kafka://127.0.0.1:{free.getsockname()[1]}/lots"
    for topic, code, told in [
        (f"kafka://{broker.address}/alarms?group=g", 2, "names a group"),
        ("alarms.txt", 2, "names no topic"),
        (nowhere, 1, "no answer from 127.0.0.1"),
    ]:
        ended = run("alarm", watching, lots, "--to", topic)
        assert (ended.code, told in ended.err, len(ended.errors)) == (code, True, 1), ended.err
    ended = run("alarm", watching, lots, "--to", nowhere, "--ungrouped")
    assert (ended.code, "--ungrouped has no effect" in ended.err) == (2, True)


@needs_client
def test_a_message_is_a_line_whatever_is_in_it(broker: Broker, run: Any, model: Path) -> None:
    broker.produce([("odd", 0, "load\nrun\r\nunload\n"), ("odd", 0, None), ("odd", 0, ""), ("odd", 0, "load")])
    lengths = [
        json.loads(line)["length"] for line in run("score", model, f"kafka://{broker.address}/odd").text.splitlines()
    ]
    assert lengths == [3, 0, 1]
    broker.produce([("latin", 0, "load caf\xe9")])
    assert run("score", model, f"kafka://{broker.address}/latin").code == 1
    assert run("score", model, f"kafka://{broker.address}/latin", "--encoding", "latin-1").code == 0


@needs_client
def test_what_is_gone_is_told(broker: Broker, another_broker: Broker, run: Any, tmp_path: Path) -> None:
    """A topic that was made anew holds fewer messages than were read."""
    broker.produce(lots(100))
    kept, model = tmp_path / "kept", tmp_path / "model.json"
    address = f"kafka://{broker.address}/lots"
    assert run("learn", address, "-o", model, "--checkpoint", kept).code == 0
    assert run("learn", address, "-o", model, "--checkpoint", kept).code == 2
    another_broker.produce([("lots", partition, "load run") for partition in range(4)])
    from flexstream.readers import Reading
    from flexstream.stream.alphabet import Alphabet

    reading = Reading(address, Alphabet(), resumable=True)
    list(reading)
    moved = Reading(f"kafka://{another_broker.address}/lots", Alphabet(), resumable=True)
    moved.restore({**reading.state(), "walk": {**reading.state()["walk"], "ended": False}})
    with pytest.raises(flexstream.errors.ChangedSourceError, match="holds messages 0 to 1, not 25"):
        list(moved)


@needs_client
def test_what_is_read_as_a_whole_has_no_checkpoints(broker: Broker, run: Any, tmp_path: Path) -> None:
    broker.produce([("log", 0, "<log><trace><event><string key='concept:name' value='load'/></event></trace></log>")])
    given = ("learn", f"kafka://{broker.address}/log", "-o", tmp_path / "model.json")
    assert run(*given).code == 0
    ended = run(*given, "--checkpoint", tmp_path / "kept")
    assert (ended.code, "not read line by line" in ended.errors[0]) == (2, True)


@needs_client
def test_who_is_not_there_is_told_in_one_line(
    broker: Broker, run: Any, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flexstream.readers.source.kafka_client.ANSWER_SECONDS", 1.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"kafka://127.0.0.1:{free.getsockname()[1]}/lots"
    ended = run("score", model, nowhere)
    assert (ended.code, len(ended.errors), len(ended.err.splitlines())) == (1, 1, 1)
    assert "no answer from 127.0.0.1" in ended.err
    ended = run("score", model, f"kafka://{broker.address}/nowhere")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1


@needs_client
def test_partitions_are_shared_out_and_models_added(broker: Broker, run: Any, tmp_path: Path) -> None:
    messages, address = lots(400), f"kafka://{broker.address}/lots?group=night&partitions="
    broker.produce(messages)
    for part in ("0-2", "3"):
        given = ("learn", f"{address}{part}", "--no-repeats", "-o", tmp_path / "model.json")
        assert run(*given, "--checkpoint", tmp_path / part).code == 0
    broker.produce(more := lots(200, 400))
    for part in ("0-2", "3"):
        given = ("learn", f"{address}{part}", "--no-repeats", "-o", tmp_path / "model.json")
        assert run(*given, "--checkpoint", tmp_path / part, "--resume").code == 0
    assert run("merge", tmp_path / "0-2", tmp_path / "3", "-o", tmp_path / "both.json").code == 0
    assert counted_in(tmp_path / "both.json") == counts(messages + more)
    # Each has told the group of its own partitions: nothing is left for who reads them all.
    assert "is empty" in run("score", tmp_path / "both.json", f"kafka://{broker.address}/lots?group=night").err
    ended = run("learn", f"{address}3-9", "-o", tmp_path / "model.json")
    assert (ended.code, "has partitions 0 to 3, and not all" in ended.err) == (1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        *("kafka://", "kafka://host", "kafka:///lots", "kafka://h/a/b", "kafka://h/a?b=c", "kafka://h/a?group="),
        *("kafka://h/a?partitions=all", "kafka://h/a?partitions=3-1", "kafka://h/a?partitions=1,,2"),
    ],
)
def test_addresses_that_are_none(wrong: str) -> None:
    with pytest.raises(UsageError, match="kafka://HOST"):
        topic_of(wrong)


def test_what_does_not_go_with_topics(run: Any, lots: Path, tmp_path: Path) -> None:
    ended = run("learn", "kafka://h/lots", lots, "-o", tmp_path / "model.json")
    assert (ended.code, "last of all sources" in ended.err) == (2, True)
    ended = run("learn", "kafka://h/lots", "--jobs", 2, "-o", tmp_path / "model.json")
    assert (ended.code, "several processes" in ended.err) == (2, True)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(UnopenedError, match=r"pip install 'flexstream\[kafka\]'"):
        flexstream.learn("kafka://localhost/lots")
