"""``flexstream inspect``: what a file is taken for, in every format; its last line can be typed."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shlex
import zipfile

import pytest

STEPS = ["new", "paid", "sent", "done"]
ROWS = [
    (f"o{case}", step, f"2026-01-31 10:{case:02}:{place:02}") for case in range(30) for place, step in enumerate(STEPS)
]


def csv(names: str = "order,status,at") -> str:
    return names + "\n" + "".join(f"{','.join(row)}\n" for row in ROWS)


def hash_of(row: int) -> str:
    """Return a word of letters that is another for each row, and of no form."""
    return "".join(chr(97 + row * prime // 26 % 26) for prime in (1, 26, 7919, 104729))


def objects() -> str:
    return "".join(json.dumps(dict(zip(("order", "status", "at"), row, strict=True))) + "\n" for row in ROWS)


XES = (
    "<log>"
    + "".join(
        f'<trace><string key="concept:name" value="{case}"/>'
        + "".join(f'<event><string key="concept:name" value="{step}"/></event>' for step in STEPS)
        + "</trace>"
        for case in range(30)
    )
    + "</log>"
)
INPUTS = {
    "csv": csv(),
    "jsonl": objects(),
    "log": "".join(f"{at} INFO order {order} is {status}\n" for order, status, at in ROWS),
    "lines": "".join(" ".join(STEPS) + "\n" for _ in range(30)),
    "xes": XES,
    "pautomac": "30 4\n" + "4 0 1 2 3\n" * 30,
    "abbadingo": "30 4\n" + "1 4 0 1 2 3\n" * 30,
}


def command(text: str) -> list[str]:
    """Return the command of the last line."""
    line = text.splitlines()[-1]
    assert line.startswith("next:")
    return shlex.split(line.removeprefix("next:"))


@pytest.mark.parametrize("format", INPUTS)
def test_every_format_from_a_file_a_pipe_and_gzip(run, write, format):
    data = INPUTS[format].encode()
    path, packed = write("input", INPUTS[format]), write("input.gz", gzip.compress(data))
    plain = run("inspect", path)
    assert (plain.code, plain.err) == (0, "")
    assert f"{path}: format {format}, encoding utf-8 (all of it)" in plain.text
    words = command(plain.text)
    assert words[:3] == ["flexstream", "learn", str(path)]
    assert run(*words[1:]).code == 0
    for source, input in ((packed, b""), ("-", data), ("-", gzip.compress(data))):
        name = "<stdin>" if source == "-" else str(source)
        again = run("inspect", source, input=input)
        told = again.text.rpartition("next:")[0].replace(name, "input")
        assert told == plain.text.rpartition("next:")[0].replace(str(path), "input")


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_columns_roles_times_and_traces(run, write, format):
    found = json.loads(run("inspect", write("input", INPUTS[format]), "--json").text)
    assert found["format"] == format
    assert [(one["name"], one["kind"], one["distinct"]) for one in found["columns"]] == [
        ("order", "word", 30),
        ("status", "word", 4),
        ("at", "time", 120),
    ]
    assert (found["roles"]["case"], found["roles"]["event"]) == ("order", "status")
    assert found["traces"][:2] == [{"trace": "o0", "events": STEPS}, {"trace": "o1", "events": STEPS}]
    assert found["first"] == {"traces": 30, "events": 120, "symbols": 4}


def test_a_time_under_another_name_is_found(run, write):
    text = run("inspect", write("input.csv", csv("order,status,Zeitpunkt"))).text
    assert "time      Zeitpunkt; from 2026-01-31 10:00:00" in text
    assert command(text)[3:] == []
    two = write("two.csv", "order,status,von,bis\n" + "".join(f"{','.join(row)},{row[2]}\n" for row in ROWS))
    assert command(run("inspect", two).text)[3:] == []


def test_the_groups_of_a_pattern_are_columns(run, write):
    path = write("app.log", "".join(f"{at} [{order}] {status} now\n" for order, status, at in ROWS))
    pattern = r"(?P<time>\S+ \S+) \[(?P<case>\w+)\] (?P<event>\w+)"
    result = run("inspect", path, "--pattern", pattern)
    assert "time      time; from 2026-01-31 10:00:00 to 2026-01-31 10:29:03" in result.text
    assert "event     event" in result.text
    assert command(result.text) == ["flexstream", "learn", str(path), "--pattern", pattern]


def test_what_would_be_better_is_the_command(run, write):
    lines = [
        f"Jan 31 10:{place:02}:00 host app[{100 + case}]: request {step}"
        for place, step in enumerate(STEPS)
        for case in range(40)
    ]
    path = write("sys.log", "\n".join(lines) + "\n")
    result = run("inspect", path)
    assert "better:  no case: 40 ids such as 100" in result.text
    words = command(result.text)
    assert "--pattern" in words
    assert "40 traces, 160 events, 4 symbols" in run(*words[1:]).err


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_messages_that_are_events_once_masked(run, write, format):
    kinds = ["order %d came", "order %d was paid in %d parts", "order %d went out"]
    rows = [(f"o{case}", kind % ((case, 7) if kind.count("%d") > 1 else case)) for case in range(60) for kind in kinds]
    text = "order,what it says\n" + "".join(f"{order},{says}\n" for order, says in rows)
    if format == "jsonl":
        text = "".join(json.dumps({"order": order, "what it says": says}) + "\n" for order, says in rows)
    path = write("input", text)
    words = command(run("inspect", path).text)
    assert words[3:] == ["--event", "what it says", "--mask"]
    assert "60 traces, 180 events, 3 symbols" in run(*words[1:]).err


def test_an_event_that_is_missing_makes_no_other_column_the_event(run, write):
    kinds = ["order %d came", "order %d was paid", "order %d went out"]
    rows = [f"o{case},{'abc'[place]},{kind % case}" for case in range(60) for place, kind in enumerate(kinds)]
    rows[100] = "o33,,order 33 was paid"
    result = run("inspect", write("input.csv", "order,status,what it says\n" + "\n".join(rows) + "\n"))
    assert "input.csv:102: no event in column 'status'" in result.text
    assert "--mask" not in result.text


def test_columns_are_shown_where_none_is_the_event(run, write):
    path = write("input.csv", "id,value\n" + "".join(f"{row},{row * 1.5}\n" for row in range(50)))
    result = run("inspect", path)
    assert result.code == 1
    assert "format csv" in result.text
    assert any(line.split()[:2] == ["value", "decimal"] for line in result.text.splitlines())


def test_given_options_go_on(run, write):
    path = write("input.csv", csv("a;b;c").replace(",", ";"))
    words = command(run("inspect", path, "--case", "a", "--event", "b", "--time", "c", "--delimiter", ";").text)
    assert words[3:] == ["--case", "a", "--event", "b", "--time", "c", "--delimiter", ";"]


def test_only_the_first_lines_are_read(run, write):
    path = write("long.csv", "order,status\n" + "".join(f"o{row // 4},{STEPS[row % 4]}\n" for row in range(50_000)))
    result = run("inspect", path)
    assert "(its first lines alone were looked at)" in result.text
    xes = write("long.xes", XES.replace("<log>", "<log>" + XES[5:-6] * 40))
    found = run("inspect", xes)
    assert (found.code, "problem" in found.text, "(its first lines alone" in found.text) == (0, False, True)


@pytest.mark.parametrize(("text", "problem"), [("", "is empty"), ("a,b\n1,2\n", "no column for the event")])
def test_what_cannot_be_read_is_a_problem(run, write, text, problem):
    path = write("input.csv", text)
    result = run("inspect", path, "--format", "csv")
    assert result.code == 1
    assert any(line.startswith("problem:") and problem in line for line in result.text.splitlines())
    assert problem in json.loads(run("inspect", path, "--json", "--format", "csv").text)["problem"]


def test_several_sources_and_one_that_is_not_there(run, write):
    one, two = write("one.txt", INPUTS["lines"]), write("two.csv", INPUTS["csv"])
    assert run("inspect", one, two).text.count("next:") == 2
    missing = run("inspect", "missing.txt")
    assert (missing.code, len(missing.errors)) == (1, 1)


def test_nothing_raw_reaches_the_terminal(run, write):
    path = write("input.csv", "order,sta\x1b[31mtus\n" + "".join(f"{row // 4},a\x07{row % 4}\n" for row in range(80)))
    assert not {"\x1b", "\x07"} & set(run("inspect", path, "--event", "sta\x1b[31mtus").text)


def test_events_in_columns_of_their_own(run, write):
    path = write("wide.csv", "id,step1,step2,step3\n" + "7,load,run,unload\n8,load,unload,\n" * 20)
    result = run("inspect", path)
    assert result.code == 0
    assert "load -> run -> unload" in result.text
    words = shlex.split(result.text.splitlines()[-1].removeprefix("next:"))
    assert words[-2:] == ["--sequence", "step*"]
    assert "40 traces, 100 events" in run(*words[1:], "-o", "-").err


@pytest.mark.parametrize(("encoding", "sign"), [("latin-1", "ü"), ("cp1252", "–")])
def test_what_is_no_utf8_is_read_by_the_encoding_that_the_next_command_names(run, write, encoding, sign):
    path = write("input.csv", csv("order,status,at").replace("paid", f"pa{sign}d").encode(encoding))
    result = run("inspect", path)
    assert result.code == 0
    assert result.text.startswith(f"{path}: format csv, encoding {encoding} (all of it)")
    assert f"pa{sign}d" in result.text
    words = command(result.text)
    assert words[-2:] == ["--encoding", encoding]
    assert run(*words[1:], "-o", "-").code == 0


def test_a_broken_character_among_many_is_no_other_encoding(run, write):
    result = run(
        "inspect", write("input.csv", csv().replace("paid", "paüd").encode() + b"o1,caf\xe9,2026-01-31 10:00:00\n")
    )
    assert "problem:" in result.text
    assert "encoding utf-8" in result.text


@pytest.mark.parametrize("text", ["order,status,at\n", "a,b\n1,2\n"])
def test_where_nothing_can_be_learned_the_next_command_looks_again(run, write, text):
    path = write("input.csv", text)
    result = run("inspect", path, "--format", "csv")
    assert result.code == 1
    assert result.text.splitlines()[-2].startswith("problem: ")
    assert result.text.splitlines()[-1] == f"next:    mend that, then flexstream inspect {path} --format csv"


def packed(how: str) -> bytes:
    """Return a table in a form that cannot be read, or not to its end."""
    text = INPUTS["csv"].encode()
    if how == "zip":
        with zipfile.ZipFile(content := io.BytesIO(), "w") as archive:
            archive.writestr("a.csv", text)
        return content.getvalue()
    whole = gzip.compress(text)
    damaged = whole[:40] + bytes(20) + whole[60:]
    others = {"bz2": bz2.compress(text), "xz": lzma.compress(text), "damaged gzip": damaged, "sqlite": SQLITE}
    return others.get(how) or whole[: {"gzip cut in the middle": len(whole) // 2, "gzip cut at once": 12}[how]]


SQLITE = b"SQLite format 3\0" + bytes(84)
UNREADABLE = {
    "zip": "compressed with zip",
    "bz2": "compressed with bzip2",
    "xz": "compressed with xz",
    "sqlite": "a database of SQLite",
    "gzip cut in the middle": "gzip data end in the middle",
    "gzip cut at once": "gzip data end in the middle",
    "damaged gzip": "corrupt gzip data",
}


@pytest.mark.parametrize("how", UNREADABLE)
def test_what_cannot_be_read_is_told_as_by_learn(run, write, how):
    path = write("input", packed(how))
    found = run("inspect", path)
    problem = next(line for line in found.text.splitlines() if line.startswith("problem:"))
    assert UNREADABLE[how] in problem
    assert "is empty" not in found.text
    assert (found.code == 0) == ("traces," in found.text)
    assert UNREADABLE[how] in run("learn", path).err


NEW_EACH_TIME = "case,event\n" + "".join(f"c{row // 4},{hash_of(row)}\n" for row in range(400))
ALL_ALIKE = "case,event\n" + "".join(f"c{row // 4},of {row} in {row + 7}\n" for row in range(400))


@pytest.mark.parametrize(
    ("text", "told", "options"),
    [(NEW_EACH_TIME, "symbols as many as events", []), (ALL_ALIKE, "one symbol", ["--mask"])],
)
def test_what_learn_would_not_learn_from_is_not_to_be_learned(run, write, text, told, options):
    path = write("input.csv", text)
    found, learned = run("inspect", path, *options), run("learn", path, *options)
    assert any(
        line.startswith("better:") and f"{told}" in line and "--event" in line for line in found.text.splitlines()
    )
    assert f"verdict: {told}" in learned.err
    assert f"next: flexstream inspect {path}" in learned.err
    assert found.text.splitlines()[-1].startswith(f"next:    mend that, then flexstream inspect {path}")


def test_many_symbols_of_which_the_first_lines_hold_some_are_no_names(run, write):
    rows = "".join(f"c{row // 4},{'load' if row % 4 else hash_of(row // 4 % 600)}\n" for row in range(30_000))
    assert "symbols as many" not in run("inspect", write("input.csv", "case,event\n" + rows)).text


def test_a_word_that_is_new_each_time_is_named(run, write):
    rows = "".join(f"c{row // 4},{STEPS[row % 4]} lot {hash_of(row)}\n" for row in range(400))
    path = write("input.csv", "case,event\n" + rows)
    told = "their word 3 is new each time, and 4 forms left without: cut that out before they are read"
    assert told in run("inspect", path).text
    assert told in run("learn", path).err
