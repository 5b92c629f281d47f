"""Events without cases: what is proposed was tried, can be typed, and does better."""

from __future__ import annotations

import io
import json
import math
import random
import re
import time
from collections.abc import Iterator

import pytest

from flexstream import ReadOptions, StreamLearner, judge
from flexstream.readers.reading import Reading
from flexstream.verdict.first_rows import first_rows
from flexstream.verdict.log_cases import log_cases
from flexstream.verdict.proposals import proposals

STEPS = ["accepted", "checked", "stored", "answered", "closed"]


def learned(text: str, **options) -> tuple[StreamLearner, Reading]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(text.encode()), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return learner, reading


def interleaved(cases: int, seed: int = 1) -> Iterator[tuple[int, str]]:
    """Yield (case, step): many cases at once, each through its steps, with some left out."""
    luck = random.Random(seed)
    waiting = [(case, [step for step in STEPS if luck.random() < 0.9]) for case in range(cases)]
    opened: list[tuple[int, list[str]]] = []
    while waiting or opened:
        while waiting and len(opened) < 8:
            opened.append(waiting.pop(0))
        case, steps = luck.choice(opened)
        if steps:
            yield case, steps.pop(0)
        if not steps:
            opened.remove((case, steps))


def stamp(row: int) -> str:
    return f"2026-01-31 {row // 3600:02}:{row // 60 % 60:02}:{row % 60:02}"


SHAPES = {
    "syslog": lambda row, case, step: f"Jan 31 {stamp(row)[11:]} host app[{7000 + case}]: request {step}",
    "brackets": lambda row, case, step: f"{stamp(row)} INFO [req-{case:x}a] request {step}",
    "key=value": lambda row, case, step: f"{stamp(row)} INFO request {step} order={4711 + case} in {row % 7} ms",
    "key: value": lambda row, case, step: f"{stamp(row)} INFO request {step} for order: {4711 + case}",
    "prefix": lambda row, case, step: f"{stamp(row)} INFO blk_-{900 + case} was {step}",
    "uuid": lambda row, case, step: f"{stamp(row)} INFO {case + 4096:08x}-0000-4000-8000-0123456789ab {step}",
    "address": lambda row, case, step: f"{stamp(row)} INFO {step} for 10.0.{case // 200}.{case % 200}:80",
    "place": lambda row, case, step: f"{stamp(row)} x{case}y INFO server: {step} now",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_case_of_log_lines_is_found_whatever_its_shape(shape):
    text = "".join(SHAPES[shape](row, *event) + "\n" for row, event in enumerate(interleaved(150)))
    first = judge(*learned(text, format="log"))[0]
    assert first.code == "no_case"
    again, reading = learned(text, **{"format": "log", **first.options})
    assert reading.stats.skipped == 0
    assert again.traces == 150
    assert judge(again, reading) == []
    assert 4 <= len(again.automaton) <= 12


def test_a_word_where_others_have_an_id_is_no_example_of_ids():
    """As of mail: connections have no id yet where the lines behind them have one."""
    lines = []
    for row, (case, step) in enumerate(interleaved(200)):
        if row % 8 == 0:
            lines.append(f"{stamp(row)} host smtpd: connect from gate")
        lines.append(f"{stamp(row)} host smtpd: {case + 4096:X}A: request {step}")
    verdict = judge(*learned("".join(line + "\n" for line in lines), format="log"))[0]
    assert verdict.code == "no_case"
    assert "ids such as 1" in str(verdict.text)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_the_case_of_columns_is_found(format):
    rows = list(interleaved(150))
    noise = [random.Random(row).choice("uvwxyz") for row in range(len(rows))]
    if format == "csv":
        text = "what,by,thing\n" + "".join(
            f"{step},{by},t{case}\n" for (case, step), by in zip(rows, noise, strict=True)
        )
    else:
        text = "".join(
            json.dumps({"what": step, "by": by, "thing": f"t{case}"}) + "\n"
            for (case, step), by in zip(rows, noise, strict=True)
        )
    learner, reading = learned(text, event="what", case="")
    found = proposals(reading, learner).case
    assert (found.options, found.name, found.example) == ({"case": "thing"}, "thing", f"t{rows[0][0]}")


def test_nothing_that_tells_nothing_is_proposed():
    luck = random.Random(2)
    lines = [f"{stamp(row)} INFO unit{luck.randint(1, 40)} {luck.choice(STEPS)}" for row in range(800)]
    learner, reading = learned("\n".join(lines), format="log")
    found = proposals(reading, learner)
    assert (found.case, found.window, found.fruitless) == (None, None, True)
    assert (
        "no id in the lines as the case and no window of 5 to 50 events does better" in judge(learner, reading)[0].text
    )


def test_parts_of_the_message_and_times_are_no_cases():
    lines = [f"{stamp(row)} INFO step{row % 5} of the machine began" for row in range(500)]
    symbols = [f"{row % 5}" for row in range(500)]
    assert log_cases(lines, symbols) == []


@pytest.mark.parametrize(
    "line", ["{at} app[77]: {step}", "{at} order=77 {step}", "{at} job-77 {step}", "77 {at} {step}"]
)
def test_what_is_the_same_in_every_line_is_no_case(line):
    """Though the steps follow each other."""
    steps = [STEPS[row % 5] for row in range(500)]
    assert log_cases([line.format(at=stamp(row), step=step) for row, step in enumerate(steps)], steps) == []


def test_ids_in_a_few_lines_are_no_case():
    rows = list(interleaved(150))
    lines = [f"{stamp(row)} app[{100 + case}]: {step}" for row, (case, step) in enumerate(rows)]
    steps = [step for _, step in rows]
    assert log_cases(lines, steps)[0].pattern == r"\w\[(?P<case>\d+)\]"
    few = [line if case < 20 else line.split(":")[-1] for line, (case, _) in zip(lines, rows, strict=True)]
    assert log_cases(few, steps) == []


def test_what_a_proposal_saves_is_told_in_bits_of_all_events():
    learner, reading = learned("".join(f"{stamp(row)} INFO {STEPS[row % 5]}\n" for row in range(400)), format="log")
    window = proposals(reading, learner).window
    # Cut at every fifth, each event but the first of a window is sure; those that are held out are as frequent.
    assert (window.name, window.example, window.values, window.rows) == ("", "", 0, 0)
    assert window.bits == pytest.approx(window.saved * 400 * math.log2(5), rel=0.01)


def test_windows_are_proposed_where_there_is_no_case():
    luck, kind, lines = random.Random(5), 0, []
    for row in range(2000):
        kind = (7 * kind + 3) % 40 if luck.random() < 0.9 else luck.randrange(40)
        lines.append(f"{stamp(row)} INFO {'abcdefgh'[kind % 8]}{'vwxyz'[kind // 8]} came")
    learner, reading = learned("\n".join(lines), format="log")
    found = proposals(reading, learner)
    assert found.case is None
    assert found.window.saved > 0.3
    first = judge(learner, reading)[0]
    assert (first.code, first.options) == ("few_long_traces", found.window.options)
    again = learned("\n".join(lines), format="log", **first.options)
    assert judge(*again) == []


def test_what_the_user_cut_is_not_cut_otherwise():
    text = "".join(f"{stamp(row)} INFO {STEPS[row % 5]}\n" for row in range(400))
    learner, reading = learned(text, format="log", window=200)
    assert [verdict.code for verdict in judge(learner, reading)] == ["too_few_traces", "contradicted", "one_state"]


def test_trials_of_columns_go_by_the_times():
    """In the order of the rows nothing can be foretold, in that of their times nearly all."""
    rows = [f"{stamp(row)},{STEPS[row % 5]}" for row in range(400)]
    random.Random(1).shuffle(rows)
    learner, reading = learned("time,event\n" + "\n".join(rows))
    assert proposals(reading, learner).window.saved > 0.8


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("a;b\n1;x\n2;y\n", {"event": "b"}, 2),
        ('{"event": "x", "n": 1, "inner": {"y": 2}, "ok": true}\nno\n{"event": "y"}\n', {"on_error": "skip"}, 2),
    ],
)
def test_first_rows_of_columns(text, options, rows):
    _, reading = learned(text, **options)
    assert first_rows(reading).profile.rows == rows


def test_first_rows_of_other_formats_are_none():
    for text in ("a b\nc d\n", "<log><trace><event/></trace></log>"):
        _, reading = learned(text, on_error="skip")
        assert first_rows(reading) is None


def test_a_sample_ends_with_a_line():
    text = "".join(f"word{row} and more of it\n" for row in range(40_000))
    _, reading = learned(text)
    assert len(reading.sample) <= 1 << 19
    assert reading.sample.endswith(b"more of it\n")
    assert text.encode().startswith(reading.sample)


@pytest.mark.parametrize("sign", ["[", "[[a", "a=", "order-", "(", "{", "7.7.7.", "x ", "a_"])
def test_a_long_line_is_looked_through_in_linear_time(sign):
    """Whatever is repeated in it: beside one that is twice as long it takes about twice the time."""
    steps = [STEPS[row % 5] for row in range(40)]

    def seconds(length):
        lines = [*(f"{stamp(row)} app: {step}" for row, step in enumerate(steps)), sign * (length // len(sign))]
        started = time.process_time()
        log_cases(lines, [*steps, "long"])
        return time.process_time() - started

    assert min(seconds(80_000) for _ in range(3)) < 6 * min(seconds(20_000) for _ in range(3)) + 0.05


def test_what_all_lines_have_comes_before_what_some_have():
    """Two of the lines of each connection name an address, always in this order; all name the process."""
    luck, lines = random.Random(3), []
    for row, (case, step) in enumerate(interleaved(150)):
        named = step in {STEPS[0], STEPS[1]}
        did = f"{step} host=10.0.0.{case % 40}" if named else f"{luck.choice(['select', 'update', 'insert'])} came"
        lines.append(f"{stamp(row)} CET [{20000 + case}] LOG:  {did}")
    verdict = judge(*learned("\n".join(lines), format="log"))[0]
    assert verdict.code == "no_case"
    assert re.search(str(verdict.options["pattern"]), lines[0])["case"].startswith("2000")
    assert "without" not in str(verdict.text)


def test_lines_without_the_case_are_told():
    luck, lines = random.Random(2), []
    for row, (case, step) in enumerate(interleaved(150)):
        lines.append(f"{stamp(row)} INFO request {step} order={4711 + case}")
        lines += [f"{stamp(row)} INFO tick {luck.choice('abc')}"] * luck.randint(0, 4)
    verdict = judge(*learned("\n".join(lines), format="log"))[0]
    assert verdict.code == "no_case"
    assert re.search(r"makes traces of them, without the 6\d % that have none", str(verdict.text))


def test_lines_of_a_header_are_no_cases():
    """Though there are words in the place of the ids."""
    head = ["server, Version: 8.0 started with:", "port: none", "Time Id Command"]
    lines = [
        f"{stamp(row).replace(' ', 'T')}Z {100 + case} Query {step}"
        for row, (case, step) in enumerate(interleaved(150))
    ]
    verdict = judge(*learned("\n".join([*head, *lines]), format="log"))[0]
    learner, _ = learned("\n".join([*head, *lines]), **verdict.options)
    assert (verdict.code, learner.traces) == ("no_case", 150)


def asked(row: int, case: int, step: str) -> str:
    return f'{1772431200 + row}.619089 [0 10.0.0.9:{40000 + case}] "{step}" "session:{row:08x}"'


@pytest.mark.parametrize("first", [[], ["OK"]])
@pytest.mark.parametrize(
    "line",
    [
        asked,
        lambda row, case, step: f"{stamp(row)} op={step} lot={4711 + case} took={row % 9}",
        lambda row, case, step: f'{stamp(row)} "{step}" for lot={4711 + case}',
    ],
)
def test_what_happens_stands_in_quotes_or_behind_a_key(line, first):
    lines = [*first, *(line(row, case, step) for row, (case, step) in enumerate(interleaved(150)))]
    verdict = judge(*learned("\n".join(lines), format="log"))[0]
    assert (verdict.code, verdict.verb) == ("all_masked", "learn")
    learner, _ = learned("\n".join(lines), **verdict.options)
    assert ({*learner.alphabet.texts}, learner.traces) == ({*STEPS}, 150)


def test_an_odd_first_line_makes_no_traces_of_a_log():
    lines = ["OK", *(asked(row, case, step) for row, (case, step) in enumerate(interleaved(20)))]
    assert learned("\n".join(lines))[1].format == "log"


def test_lines_of_stack_traces_are_no_cases_and_not_left_out() -> None:
    thrown = [
        "java.lang.IllegalStateException: no stock",
        "\tat fab.Svc.run(Svc.java:42)",
        "Caused by: java.io.IOException: x",
    ]
    lines = []
    for row, (case, step) in enumerate(interleaved(200)):
        lines += [f"{stamp(row)} INFO order_x{case}y {step}", *(thrown if step == "stored" and case % 3 == 0 else [])]
    found = proposals(learned("\n".join(lines))[1], StreamLearner()).case
    assert found is not None
    assert found.lacking == 0.0
    again = learned("\n".join(lines), **found.options)[1]
    assert again.stats.events == sum(1 for _ in interleaved(200))


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (lambda case, step: f"INFO executor: {step} part 0.0 in group 3 (TID {case})", r"\bTID (?P<case>\d+)\b"),
        (lambda case, step: f"INFO {step} sent <A 'LOT{case:04}'> to {case % 3}", r"(?<![\w-])(?P<case>LOT[\w-]+)"),
    ],
)
def test_numbers_behind_a_word_and_ids_of_capitals_may_be_cases(shape, found: str) -> None:
    lines = [f"{stamp(row)} {shape(case, step)}" for row, (case, step) in enumerate(interleaved(200))]
    case = proposals(learned("\n".join(lines))[1], StreamLearner()).case
    assert case is not None
    assert case.options["pattern"] == found
