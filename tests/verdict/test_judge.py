"""Verdicts: each fault is named by its code, with a command that can be typed; where all is well nothing is said."""

from __future__ import annotations

import io
import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flexstream import PDFA, ReadOptions, StreamLearner, Verdict, judge
from flexstream.pac.report.evidence import with_evidence
from flexstream.readers.reading import Reading
from flexstream.verdict.facts import Facts
from flexstream.verdict.foresight import foresight, recall
from flexstream.verdict.judge import CODES, judge_model
from flexstream.verdict.symptoms import trace_faults
from flexstream.verdict.symptoms.trace_faults import rounded
from flexstream.verdict.verdict import arguments, quoted

LOTS = [["load", "run", "unload"], ["load", "setup", "run", "unload"]]


def verdicts(text: str, **options: Any) -> list[Verdict]:
    """Learn from what a file holds; return the verdicts."""
    learner = StreamLearner()
    reading = Reading(io.BytesIO(text.encode()), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return judge(learner, reading)


def codes(text: str, **options: Any) -> list[str]:
    return [verdict.code for verdict in verdicts(text, **options)]


def lines(traces: list[list[str]]) -> str:
    return "".join(" ".join(trace) + "\n" for trace in traces)


def words(seed: int, number: int) -> list[str]:
    luck = random.Random(seed)
    return [luck.choice("abcd") for _ in range(number)]


def test_nothing_is_said_where_all_is_well():
    assert verdicts(lines(LOTS * 50)) == []


@pytest.mark.parametrize("traces", [LOTS, LOTS[:1], LOTS * 5, [["a"]], [[]], [["a", "b"]] * 12])
def test_few_traces_are_too_few(traces):
    assert codes(lines(traces))[0] == "too_few_traces"


@pytest.mark.parametrize("seed", range(5))
def test_as_many_traces_as_the_verdict_names_do(seed):
    luck = random.Random(seed)
    steps = [f"step{number}" for number in range(luck.randint(3, 6))]

    def trace() -> list[str]:
        return [step for step in steps for _ in range(1 + (luck.random() < 0.3))]

    first = verdicts(lines([trace() for _ in range(3)]))[0]
    enough = int(str(first.text).rpartition("about ")[2].split()[0].replace(",", ""))
    traces = [trace() for _ in range(enough)]
    learner = StreamLearner()
    learner.learn_many(traces)
    assert judge(learner) == []
    assert len(learner.automaton) > len(steps) / 2


def test_one_long_trace_is_to_be_cut():
    (first, *_) = verdicts(" ".join("abcde" * 400))
    assert (first.code, dict(first.options)) == ("few_long_traces", {"window": 100})
    assert codes(lines([list("abcde" * 10)] * 30)) == []


def test_events_in_any_order_are_one_state():
    luck = random.Random(8)
    text = "".join(symbol + luck.choice("\n       ") for symbol in words(3, 4000))
    assert codes(text) == ["one_state"]  # one beside the start, as no trace is empty


def test_one_symbol_is_no_fault():
    luck = random.Random(4)
    assert codes(lines([["a"] * luck.randint(1, 9) for _ in range(500)])) == []


def test_all_messages_of_one_form_say_nothing():
    text = "".join(f"2026-01-31 10:00:{number % 60:02} order{number} did step{number % 7}\n" for number in range(400))
    (first, *_) = verdicts(text)
    assert (first.code, first.verb) == ("all_masked", "inspect")
    assert "all_masked" not in codes(text, mask=False)
    assert "all_masked" not in codes("<*> <*>\n" * 100)  # which were masked by somebody else


def test_words_of_messages_are_no_symbols():
    text = "".join(f"user u{number} took {number * 7} ms for /page/{number}\n" for number in range(200))
    (first, *_) = verdicts(text)
    assert (first.code, first.command(["a.txt"])) == (
        "words_as_symbols",
        ["flexstream", "learn", "a.txt", "--format", "log"],
    )
    assert "words_as_symbols" not in codes(text, format="lines")


def test_symbols_as_many_as_events():
    rows = "".join(f"c{number // 4},name{number}\n" for number in range(400))
    assert codes("case,event\n" + rows)[0] == "symbols_as_events"
    rows = "".join(f"c{number // 4},{'abcd'[number % 4]}\n" for number in range(400))
    assert codes("case,event\n" + rows) == []


def test_messages_that_have_few_patterns_are_to_be_masked():
    kinds = ["order {} came", "order {} was paid", "order {} went out"]
    text = "case,activity\n" + "".join(f"{row // 3},{kinds[row % 3].format(row // 3)}\n" for row in range(300))
    (first, *_) = verdicts(text)
    assert (first.code, first.options) == ("unmasked_symbols", {"mask": True})
    assert "300 forms of 3 patterns" in first.text
    assert codes(text, **first.options) == []


def test_masking_is_proposed_only_where_it_can_be_asked_for():
    kinds = ["order {} came", "order {} was paid", "order {} went out"]
    names = [kinds[row % 3].format(row // 3) for row in range(300)]
    events = [f'<event><string key="concept:name" value="{name}"/></event>' for name in names]
    xes = "".join(f"<trace>{''.join(events[row : row + 3])}</trace>" for row in range(0, 300, 3))
    assert codes(f"<log>{xes}</log>")[0] == "unmasked_symbols"
    assert "unmasked_symbols" not in codes(f"<log>{xes}</log>", mask=True)
    lines = "".join(
        " ".join(name.replace(" ", "_") for name in names[row : row + 3]) + "\n" for row in range(0, 300, 3)
    )
    assert codes(lines, format="lines")[0] == "symbols_as_events"
    csv = "case,activity\n" + "".join(f"{row // 3},{name}\n" for row, name in enumerate(names))
    assert codes(csv)[0] == "unmasked_symbols"
    assert "unmasked_symbols" not in codes(csv, mask=True)


def test_a_case_for_every_event():
    text = "case,event\n" + "".join(f"{number},{symbol}\n" for number, symbol in enumerate(words(5, 300)))
    assert codes(text)[0] == "one_event_a_case"


def test_an_event_a_line():
    text = "load\nrun\nunload\n" * 100
    (first, *_) = verdicts(text)
    assert first.code == "one_event_a_line"
    assert codes(text, **first.options) != [first.code]
    assert "one_event_a_line" not in codes(text, format="lines")


@pytest.mark.parametrize(("extra", "options"), [("", {"max_open_cases"}), (",time", {"idle"})])
def test_cases_cut_short(extra, options):
    cases = [(case, step) for step in "abcdef" for case in range(200)]
    times = [f",2026-01-31T10:{row // 60:02}:{row % 60:02}" if extra else "" for row in range(len(cases))]
    rows = "".join(f"{case},{step}{time}\n" for (case, step), time in zip(cases, times, strict=True))
    found = verdicts(f"case,event{extra}\n{rows}", max_open_cases=20)
    (cut,) = (verdict for verdict in found if verdict.code == "cases_never_closed")
    assert options <= set(cut.options)
    if extra:  # each case is silent for 200 seconds between two steps
        assert cut.options["idle"] == 2000


def test_cases_cut_to_single_events_are_not_taken_for_values():
    """All cases are open at once: what was cut for want of room says nothing of how many values the column has."""
    steps = [(case, step) for step in ("open", "close") for case in range(300)]
    text = "case,event\n" + "".join(f"{case},{step}\n" for case, step in steps)
    (first, *more) = verdicts(text, max_open_cases=100)
    assert first.code == "cases_never_closed" and "values" not in first.text
    assert "300 of 600 traces were cut short because too many were open: more of their cases came" in first.text
    assert {"one_event_a_case", "cases_never_closed"}.isdisjoint(verdict.code for verdict in more)
    assert first.options["max_open_cases"] == 1000
    assert {"one_event_a_case", "cases_never_closed"}.isdisjoint(codes(text, **first.options))
    timed = "case,event,time\n" + "".join(f"{case},{step},{row}\n" for row, (case, step) in enumerate(steps))
    assert verdicts(timed, max_open_cases=100)[0].options == {"idle": 3000}
    text = "case,event\n" + "".join(f"{case},{'ab'[case % 2]}\n" for case in range(600))
    found = [verdicts(text, max_open_cases=most)[0] for most in (100, 1000)]
    assert [verdict.code for verdict in found] == ["one_event_a_case"] * 2


def test_cases_that_were_closed_behind_their_last_event_were_whole():
    rows = [f"{case},{step}" for case in range(400) for step in "abcd"]
    text = "case,event\n" + "\n".join(rows)
    assert codes(text, max_open_cases=100) == codes(text) == []
    some = [row for row in rows if row[-1] != "d"] + [f"{case},d" for case in range(40)]
    (cut,) = verdicts("case,event\n" + "\n".join(some), max_open_cases=100)
    assert cut.code == "cases_never_closed" and "40 of 440 traces were cut short" in cut.text


@pytest.mark.parametrize("given", [{"idle": 60}, {"gap": 60}, {"window": 1}, {"idle": 60, "window": 1}, {"start": "b"}])
def test_an_option_that_cuts_cases_to_single_events_is_named(given):
    steps = [(case, step, 600 * (4 * case + "abab".index(step))) for case in range(60) for step in "ab"]
    text = "case,event,time\n" + "".join(f"{case},{step},{1769853600 + time}\n" for case, step, time in steps)
    first = verdicts(text, **given)[0]
    assert (first.code, dict(first.options)) == ("one_event_a_case", dict.fromkeys(given))
    assert "column case has 60 values in the first 120 rows" in first.text
    assert str(first.text).startswith(f"cases of one event: {' and '.join(f'`{name}`' for name in given)} cut")
    assert "one_event_a_case" not in codes(text)


def test_a_verdict_is_kept_in_the_model_and_names_no_file():
    learner = StreamLearner()
    reading = Reading(io.BytesIO(lines(LOTS).encode()), learner.alphabet.copy(), ReadOptions(format="lines"))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    model, found = judge_model(learner.model, learner, reading)
    kept = json.loads(model.to_json())["provenance"]["verdict"]
    assert [one["code"] for one in kept] == [verdict.code for verdict in found] == ["too_few_traces", "one_state"]
    assert kept[0]["command"] == ["flexstream", "inspect", "-"]
    assert str(found[0].text) == kept[0]["text"]
    assert PDFA.from_json(model.to_json()).provenance["verdict"] == kept


def test_the_next_command_goes_on_with_the_options_of_the_last():
    verdict = Verdict("no_case", verdicts(lines(LOTS))[0].text, {"case": "my id", "window": 5})
    command = verdict.command(["-x.csv", "a b.csv"], {"window": 7, "follow": True, "set": ["a=1", "b=2"]})
    assert quoted(command) == (
        "flexstream learn ./-x.csv 'a b.csv' --window 5 --follow --set a=1 --set b=2 --case 'my id'"
    )
    assert list(arguments({"pattern": "-(?P<case>x)"})) == ["--pattern=-(?P<case>x)"]


def test_contradicted_states_are_named():
    learner = StreamLearner(options={"margin": -1e5})  # whatever the data say, all is one state
    learner.learn_many([["a", "b"], ["c", "d"]] * 2000)
    first, second = judge(learner, judged=with_evidence(learner))
    assert (first.code, second.code) == ("contradicted", "one_state")
    assert "q0" in first.text
    assert first.command(["x.txt"]) == ["flexstream", "learn", "x.txt", "--report", "report.html"]
    assert [verdict.to_document() for verdict in judge(learner)] == [first.to_document(), second.to_document()]


def test_contradictions_that_hardly_matter_are_left_to_the_report():
    """Whose evidence is less than a hundredth of a nat a visit."""
    learner = StreamLearner()
    learner.learn_many([["a"]])
    made = PDFA(["a"], [100, 6], [94, 6], [0, 1, 1], [0], [1], [6], evidence={"homogeneity": [-1.0, 50.0]})
    assert Facts(learner, judged=made).contradicted == [1]
    assert Facts(learner, judged=replace(made, evidence={"homogeneity": [7.6, 7.7]})).contradicted == [1]
    assert Facts(learner, judged=replace(made, evidence={"homogeneity": [7.6, 7.7], "reports": 2})).contradicted == []
    for visits, found in ((800, []), (400, [1])):
        long = PDFA(["a"], [visits, 6], [visits - 6, 6], [0, 1, 1], [0], [1], [6], evidence={"homogeneity": [0, 7.8]})
        assert Facts(learner, judged=long).contradicted == found


def test_every_code_is_listed_once():
    assert len(set(CODES)) == len(CODES)


def test_judging_leaves_the_learner_as_it_is():
    learner, other = StreamLearner(), StreamLearner()
    for one in (learner, other):
        one.learn_many(LOTS * 40)
    judge(learner)
    for one in (learner, other):
        one.learn_many([["load", "unload"], *LOTS] * 500)
    assert learner.automaton.to_json() == other.automaton.to_json()


def test_nothing_learned_is_not_judged():
    assert judge(StreamLearner()) == []


# --- Foresight


@pytest.mark.parametrize("seed", range(10))
def test_a_tree_gives_back_its_traces(seed):
    luck = random.Random(seed)
    traces = [[luck.choice("ab") for _ in range(luck.choice([0, 1, 3, 30]))] for _ in range(luck.randint(1, 60))]
    learner = StreamLearner()
    learner.learn_many(traces)
    learner.refine()
    held = recall(learner.tree)
    found = sorted([learner.alphabet.text(symbol) for symbol in trace] for trace in held)
    assert found == sorted(traces)


def test_a_tree_that_lost_traces_gives_none():
    learner = StreamLearner(tails=False)
    learner.learn_many([list("abcdefgh"), list("abcd")])
    assert recall(learner.tree) is None
    many = StreamLearner()
    many.learn_many(LOTS * 200)
    assert recall(many.tree) is None


def test_foresight_tells_regular_traces_from_random_ones():
    regular, chance = StreamLearner(), StreamLearner()
    regular.learn_many(LOTS * 50)
    symbols = words(1, 2000)
    chance.learn_many([symbols[start : start + 20] for start in range(0, 2000, 20)])
    assert foresight(recall(regular.tree), regular).saved > 0.5
    assert abs(foresight(recall(chance.tree), chance).saved) < 0.1
    assert foresight(recall(regular.tree).part(0, 4), regular) is None


def test_frequencies_are_those_of_the_others():
    learner = StreamLearner()
    learner.learn_many([["a"]] * 10 + [["b"]] * 2)
    held = recall(learner.tree)
    # Nine or ten are known, with half of one more for each symbol.
    symbols = [trace[0] for trace in held]
    known = [symbol for place, symbol in enumerate(symbols) if place % 5 != 4]
    unknown = [symbol for place, symbol in enumerate(symbols) if place % 5 == 4]
    bits = sum(math.log2((len(known) + 1) / (known.count(symbol) + 0.5)) for symbol in unknown)
    assert foresight(held, learner).frequencies == pytest.approx(bits / len(unknown))


@pytest.mark.parametrize(("number", "round"), [(1, 1), (9, 9), (10, 10), (11, 20), (101, 200), (2001, 3000)])
def test_rounded(number, round):
    assert rounded(number) == round


def test_every_code_is_in_the_docs():
    page = (Path(__file__).resolve().parents[2] / "docs" / "reading.md").read_text()
    assert [line.split("`")[1] for line in page.split("## Verdicts")[1].splitlines() if line.startswith("| `")] == list(
        CODES
    )


def of_length(known: Callable[[int], bool], symbols: str, number: int, go_on: float) -> list[list[str]]:
    """Return traces of any symbols that may end wherever their length allows it."""
    luck, traces = random.Random(7), []
    for _ in range(number):
        trace: list[str] = []
        while not known(len(trace)) or luck.random() < go_on:
            trace.append(luck.choice(symbols))
        traces.append(trace)
    return traces


@pytest.mark.parametrize(
    ("known", "symbols"),
    [
        (lambda length: length % 2 == 0, "xyz"),
        (lambda length: length % 3 == 1, "01"),
        (lambda length: length > 3, "ab"),
    ],
)
def test_where_traces_may_end_hangs_on_what_came_before(known: Callable[[int], bool], symbols: str) -> None:
    """Nothing else does, so that by the events alone one state would do."""
    learner = StreamLearner()
    learner.learn_many(of_length(known, symbols, 2000, 0.8))
    facts = Facts(learner)
    assert len(learner.automaton) > 1 and facts.bits_by_order < 0.02 < facts.bits_by_state
    assert judge(learner) == []


def test_where_traces_are_cut_says_nothing() -> None:
    """Events without cases are cut to one length, which their states know."""
    rows = "".join(f"{second},{symbol}\n" for second, symbol in enumerate(words(3, 3000)))
    assert "one_state" in codes("time,event\n" + rows)


@pytest.mark.parametrize("lengths", [(18, 18), (10, 30)])
def test_few_traces_that_tell_when_they_end_are_not_too_few(lengths: tuple[int, int]) -> None:
    """Of one symbol, over and over, the end is all that there is to know."""
    short, long = lengths
    text = lines([["step"] * short, ["step"] * long] * 75)
    assert codes(text) == []


def test_what_was_compared_is_said() -> None:
    """Of traces of which the end alone hangs on what came before."""
    automaton = StreamLearner().fit(of_length(lambda length: length % 2 == 0, "xyz", 500, 0.8)).automaton
    facts = SimpleNamespace(automaton=automaton, foresight=SimpleNamespace(saved=-0.1), traces=90, in_vain="")
    for cased, said in ((True, "the symbols and the end are; about"), (False, "frequent the symbols are; about")):
        facts.cased = cased
        told = trace_faults._foretells_nothing(facts)
        assert told is not None and said in str(told.text)


@pytest.mark.parametrize(("sample", "preset"), [("sshd.log", "sshd"), ("journal.jsonl", "journald")])
def test_the_text_names_the_preset_with_which_the_next_command_reads(sample: str, preset: str) -> None:
    first = verdicts((Path(__file__).parents[2] / "datasets/presets" / sample).read_text())[0]
    assert dict(first.options) == {"preset": preset}
    assert str(first.text).endswith(f"; better with `preset` {preset}, which is for such sources")
