"""``flexstream score MODEL FILE`` reads as the model's stream was read, and tells symbols of another kind."""

from __future__ import annotations

import gzip
import json

import pytest

ROWS = [
    (f"o{n // 3}", ("new", "paid", "sent")[n % 3], f"2026-01-0{1 + n // 90} 10:00:{n % 60:02d}") for n in range(300)
]
CSV = "order,status,at\n" + "".join(",".join(row) + "\n" for row in ROWS)
JSON = "".join(json.dumps(dict(zip(("order", "status", "at"), row, strict=True))) + "\n" for row in ROWS)
LOG = "".join(f"{at} [{case}] {event} it\n" for case, event, at in ROWS)
PATTERN = r"(?P<time>\S+ \S+) \[(?P<case>\w+)\] (?P<message>.*)"
STREAMS = {
    "columns": (CSV, ("--case", "at", "--event", "status")),
    "joined": (CSV, ("--event", "status+order", "--case", "at")),
    "windows": (CSV, ("--case", "", "--event", "status", "--window", "4", "--stride", "2")),
    "idle": (CSV, ("--case", "order", "--event", "status", "--time", "at", "--idle", "60")),
    "guessed": (CSV, ()),
    "fields": (JSON, ("--case", "at", "--event", "status")),
    "pattern": (LOG, ("--pattern", PATTERN)),
    "format": (LOG, ("--format", "lines")),
    "bad lines": (CSV + "short\n", ("--case", "order", "--event", "status", "--on-error", "skip")),
    "encoding": (CSV.replace("paid", "bezahlt für").encode("latin-1"), ("--encoding", "latin-1", "--case", "order")),
}


@pytest.fixture
def learned(run, write):
    """Learn one of the streams; return the model and the file."""

    def learned(name, *more):
        text, options = STREAMS[name]
        source, model = write(f"{name}.in", text), write(f"{name}.json", "")
        result = run("learn", source, "-o", model, *options, *more)
        assert result.code == 0, result.err
        return model, source

    return learned


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("more", [(), ("--ensemble", "3")])
def test_no_option_is_needed_again(run, write, learned, name, more):
    model, source = learned(name, *more)
    data, told = source.read_bytes(), run("score", model, source, *STREAMS[name][1])
    assert told.code == 0 and told.out
    packed = write("packed.gz", gzip.compress(data))
    for where, input in ((source, b""), ("-", data), (packed, b"")):
        silent = run("score", model, where, input=input)
        assert (silent.code, silent.out) == (0, told.out)
        assert ("read as for the model: --" in silent.err) == bool(STREAMS[name][1])


@pytest.mark.parametrize("name", ["columns", "pattern", "windows", "fields", "guessed"])
def test_traces_that_somebody_types_are_scored_by_every_model(run, learned, name):
    model, _ = learned(name)
    result = run("score", model, "-", input=b"new paid\n")
    known = name in ("columns", "windows", "fields", "guessed")
    assert result.code == (0 if known else 1)
    assert json.loads(result.out)["length"] == 2


def test_the_command_line_is_heard_first_and_contradictions_are_told(run, learned):
    model, source = learned("columns")
    result = run("score", model, source, "--case", "order")
    assert len(result.text.splitlines()) == 100
    assert "--case is 'order', but the model was learned with 'at'" in result.err
    assert "read as for the model: --event status" in result.err


def test_stop_is_an_answer_where_the_model_skipped(run, learned):
    model, source = learned("bad lines")
    assert run("score", model, source).code == 0
    result = run("score", model, source, "--on-error", "stop")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "--on-error is 'stop', but the model was learned with 'skip'" in result.err


def test_a_model_without_a_manner_is_read_as_ever(run, write, learned):
    model, source = learned("columns")
    document = json.loads(model.read_text())
    del document["provenance"]["reading"]
    old = write("old.json", json.dumps(document))
    result = run("score", old, source, *STREAMS["columns"][1])
    assert result.out == run("score", model, source).out
    assert "as for the model" not in result.err


@pytest.mark.parametrize("manner", [3, [], {"guessed": []} | {"window": "x"}, {"case": "order"}])
def test_a_damaged_manner_is_one_line(run, write, learned, manner):
    model, source = learned("columns")
    document = json.loads(model.read_text())
    document["provenance"]["reading"] = manner
    result = run("score", write("bad.json", json.dumps(document)), source)
    assert (result.code, len(result.errors), result.out) == (1, 1, b"")
    assert "bad.json: the model is damaged" in result.err


# --- alphabets -----------------------------------------------------------------------------------------------------


def test_no_symbol_in_common_is_an_error_that_says_what_differs(run, learned, write):
    model, source = learned("columns")
    result = run("score", model, source, "--event", "order")
    assert (result.code, len(result.errors)) == (1, 1)
    assert (
        "the model knows none of the symbols that came: 'o0', 'o1', 'o2' here, 'new', 'paid', 'sent' there"
        in result.err
    )
    assert "these were read with --event order, those with --event status" in result.err
    assert "read with --format lines, those with --format csv" in run("score", model, "-", input=b"x y\nz\n").err


def test_an_endless_source_of_other_symbols_is_not_read_to_its_end(run, model, monkeypatch):
    monkeypatch.setattr("flexstream_cli.score.ENOUGH", 5000)
    result = run("score", model, "-", input=b"x y z\n" * 120_000)
    assert result.code == 1
    assert len(result.text.splitlines()) < 120_000


def test_few_symbols_in_common_are_a_warning(run, model):
    result = run("score", model, "-", input=b"load x\ny z\n")
    assert (result.code, result.errors) == (0, [])
    assert "warning: the model knows only 1 of 4 symbols, 25.0% of the events: 'x', 'y', 'z' here" in result.err


@pytest.mark.parametrize("input", [b"load run unload\nnope\n", b"load x\n", b"\n\n", b"load run unload x y z\n"])
def test_what_is_known_in_half_is_no_reason_to_warn(run, model, input):
    result = run("score", model, "-", input=input)
    assert result.code == 0
    assert "warning" not in result.err


def test_a_model_of_no_symbols_knows_none(run, write):
    empty = write("empty.json", "")
    assert run("learn", write("empty.txt", "\n\n\n"), "-o", empty).code == 0
    assert run("score", empty, "-", input=b"a b\n").code == 0


def test_messages_are_masked_as_those_of_the_model(run, write, tmp_path):
    """Free text is found in many rows; of a few nobody could tell it."""
    texts = [f"user u{number} logged in" if number % 3 else "service is idle" for number in range(300)]

    def lines(texts: list[str]) -> str:
        rows = ({"case": f"c{number % 9}", "message": text} for number, text in enumerate(texts))
        return "".join(json.dumps(row) + "\n" for row in rows)

    learned, scored, model = write("a.jsonl", lines(texts)), write("b.jsonl", lines(texts[:5])), tmp_path / "m.json"
    told = "the texts of message are free text, so what varies is masked; --no-mask keeps them as they are"
    assert told in run("learn", learned, "-o", model).err
    assert "user <*> logged in" in model.read_text()
    assert "user u1 logged in" not in model.read_text()
    said = run("score", model, scored)
    assert said.code == 0
    assert "know" not in said.err
    off = tmp_path / "off.json"
    assert told not in run("learn", learned, "-o", off, "--no-mask").err
    assert "user u1 logged in" in off.read_text()


FOREIGN = "".join(f"{word} {word}er {word}est\n" for word in ("cold", "warm", "hot", "dry") * 5)
NONE = "the model knows none of the symbols that came: 'cold', 'colder', 'coldest' here, "


@pytest.mark.parametrize("command", ["score", "alarm", "predict", "evaluate"])
@pytest.mark.parametrize("fleet", [False, True])
def test_a_foreign_log_is_no_answer_but_an_error(run, write, command, fleet):
    """Each trace of it is strange, which would say nothing: it was read otherwise, or is of something else."""
    if fleet and command == "evaluate":
        return
    rows = [f"m{case % 2},{case},{event}" for case in range(60) for event in ("load", "run", "unload")]
    log, model = write("rows.csv", "\n".join(["who,case,what", *rows, ""])), write("model.json", "")
    per = ["--per", "who"] if fleet else []
    assert run("learn", log, *per, "--case", "case", "--event", "what", "-o", model).code == 0
    cells = [(number, word) for number, line in enumerate(FOREIGN.splitlines()) for word in line.split()]
    others = write(
        "other.csv", "who,case,what\n" + "".join(f"m{number % 2},{number},{word}\n" for number, word in cells)
    )
    label = ["--label", "who"] if command == "evaluate" else []
    told = run(command, model, others, *label)
    assert told.code == 1 and len(told.errors) == 1 and NONE in told.err
    assert "Traceback" not in told.err and ("strange" not in told.text)
    if command == "alarm":
        assert told.out == b""
        followed = write("pipe.csv", others.read_text())
        told = run(command, model, "-", input=followed.read_bytes())
        assert told.code == 0 and told.err.count(NONE) == 1 and f"warning: {NONE}" in told.err


def test_what_is_mostly_foreign_is_warned_of_once(run, write):
    lines, model = write("lots.txt", "load run unload\nload unload\n" * 30), write("model.json", "")
    assert run("learn", lines, "-o", model).code == 0
    told = run("alarm", model, write("mixed.txt", "load run unload\n" + FOREIGN))
    assert told.code == 0 and told.err.count("the model knows only 3 of 15 symbols") == 1


def test_ended_cases_that_are_foreign_correct_nothing(run, write):
    lines, model = write("lots.txt", "load run unload\nload unload\n" * 30), write("model.json", "")
    assert run("learn", lines, "-o", model).code == 0
    told = run("predict", model, "--after", "load", "--ended", write("other.txt", FOREIGN))
    assert told.code == 1 and NONE in told.err
