"""Shapes that other programs give to text: carriage returns, carets, tables of Markdown, comments above a log, mail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexstream import ReadOptions, learn, read
from flexstream.errors import DataError
from flexstream.readers.reading import Reading
from flexstream.stream.alphabet import Alphabet

ROUTES = [["load", "run", "unload"], ["load", "setup", "run", "unload"], ["load", "break"]]
CASES = {f"lot{number}": ROUTES[number % 3] for number in range(40)}
ROWS = [(case, event) for case, route in CASES.items() for event in route]
TRACES = list(CASES.values())
STAMPED = [
    f"2026-03-01 10:{at // 60:02d}:{at % 60:02d} INFO {event} of {case}" for at, (case, event) in enumerate(ROWS)
]
PATTERN = r"INFO (?P<event>\w+) of (?P<case>\w+)"


def traced(case: str, route: list[str]) -> str:
    events = "".join(f"<event><string key='concept:name' value='{event}'/></event>\n" for event in route)
    return f"<trace><string key='concept:name' value='{case}'/>{events}</trace>"


TEXTS: dict[str, tuple[list[str], dict[str, str]]] = {
    "csv": (["case,event", *(f"{case},{event}" for case, event in ROWS)], {}),
    "semicolons": (["case;event", *(f"{case};{event}" for case, event in ROWS)], {}),
    "lines": ([" ".join(trace) for trace in TRACES], {}),
    "jsonl": ([f'{{"case": "{case}", "event": "{event}"}}' for case, event in ROWS], {}),
    "logfmt": ([f"level=info case={case} event={event}" for case, event in ROWS], {}),
    "log": (STAMPED, {"pattern": PATTERN}),
    "logjson": (
        [f'{line[:19]} {{"case": "{c}", "event": "{e}"}}' for line, (c, e) in zip(STAMPED, ROWS, strict=True)],
        {},
    ),
    "abbadingo": (["40 6", *(f"1 {len(trace)} " + " ".join(str(len(e) % 6) for e in trace) for trace in TRACES)], {}),
    "xes": (["<log>", *(traced(case, route) for case, route in CASES.items()), "</log>"], {}),
}


def found(text: bytes, **options: str) -> list[list[str]]:
    return list(read(io.BytesIO(text), **options))


def notes(text: bytes, **options: str) -> list[str]:
    reading = Reading(io.BytesIO(text), Alphabet(), ReadOptions(**options))  # type: ignore[arg-type]
    list(reading)
    return list(map(str, reading.notes))


class Dripping(io.RawIOBase):
    """A file object that hands out few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._rest, self._size = io.BytesIO(data), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._rest.read(min(self._size, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


# --- carriage returns ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["", "\r"])
@pytest.mark.parametrize("name", TEXTS)
def test_carriage_returns_alone_end_lines(name: str, last: str) -> None:
    lines, options = TEXTS[name]
    plain = found("\n".join([*lines, ""]).encode(), **options)
    assert len(plain) == len(TRACES)
    text = "\n".join(lines).replace("\n", "\r") + last
    assert found(text.encode(), **options) == plain
    assert found(text.encode("utf-16"), **options) == plain
    if name != "xes":  # of which a blank is as good as the end of a line
        assert any("lines end in carriage returns alone" in note for note in notes(text.encode(), **options))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_how_the_bytes_come_makes_no_difference(size: int) -> None:
    for end in ("\r", "\r\n", "\n"):
        text = end.join([*TEXTS["csv"][0], ""]).encode()
        assert list(read(Dripping(text, size))) == list(read(io.BytesIO(text))) == TRACES


def test_carriage_returns_beside_line_feeds_end_none() -> None:
    text = b'case,event\n7,"load\rrun"\n7,unload\r\n'
    assert found(text) == [["load\rrun", "unload"]]
    assert not any("carriage" in note for note in notes(text))
    assert found(b"load run\r\nunload\r\n") == [["load", "run"], ["unload"]]
    assert found(b"load run\r") == [["load", "run"]]


def test_lines_of_carriage_returns_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"case,event\r7,load\r7,run,too many\r")
    with pytest.raises(DataError, match=r"old.csv:3: 3 columns"):
        list(read(path))


def test_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("\r".join(" ".join(trace) for trace in TRACES * 3000).encode())

    def reading() -> Reading:
        return Reading(path, Alphabet(), ReadOptions())

    whole = [[trace.tolist() for trace in batch] for batch in reading()]
    assert sum(map(len, whole)) == len(TRACES) * 3000
    part, state = reading(), None
    for _ in part:
        state = part.state()
        break
    assert state is not None
    rest = reading()
    rest.restore(state)
    assert [[trace.tolist() for trace in batch] for batch in rest] == whole[1:]


# --- tables --------------------------------------------------------------------------------------------------------


def table(delimiter: str, before: str = "", after: str = "") -> Iterator[str]:
    for row in [("case", "event"), *ROWS]:
        yield before + delimiter.join(row) + after


def test_carets_part_cells() -> None:
    assert found("\n".join(table("^")).encode()) == TRACES
    assert found(b"case^event,or so^time\n7^load,a^1\n7^run,b^2\n", event="event,or so") == [["load,a", "run,b"]]
    assert found(b"order,step\n7,a^b\n7,c^d\n", case="order", event="step") == [["a^b", "c^d"]]


@pytest.mark.parametrize("rule", ["|---|---|", "| --- | :-: |", "|:--|--:|", "|-|-|"])
@pytest.mark.parametrize("above", ["", "# Lots\n\nAll of March.\n\n"])
def test_the_rule_of_a_table_of_markdown_is_no_row(rule: str, above: str) -> None:
    header, *rows = table(" | ", "| ", " |")
    text = above + "\n".join([header, rule, *rows, ""])
    assert found(text.encode()) == TRACES
    assert found(text.replace("\n", "\r\n").encode()) == TRACES


def test_a_table_of_markdown_may_do_without_outer_bars() -> None:
    header, *rows = table(" | ")
    assert found("\n".join([header, "--- | ---", *rows]).encode()) == TRACES


def test_dashes_are_cells_where_they_are_no_rule() -> None:
    assert found(b"case|event\n7|load\n-|-\n7|run\n", on_error="skip")[0] == ["load", "run"]
    assert found(b"case|event\n7|load\n7|--run--\n") == [["load", "--run--"]]


@pytest.mark.parametrize("name", ["Status", "state", "Type", "CODE"])
def test_a_lone_column_is_one_where_its_name_may_be_that_of_events(name: str) -> None:
    events = [event for _, event in ROWS]
    text = "\n".join([name, *events, ""]).encode()
    told = notes(text)
    assert any("format csv" in note and f"event={name}" in note for note in told)
    assert name not in learn(io.BytesIO(text)).alphabet
    assert [name] in found("\n".join([name, name, *events]).encode())  # it is an event itself
    assert [name] in found("\n".join([name, "load run", "unload run", "load"]).encode())


# --- logs ----------------------------------------------------------------------------------------------------------

ABOVE = [
    "# agent 7.1 on line 3\n",
    "# started 2026-03-01\n#\n# host a\n",
    "\n# agent\n\n## second\n\n",
    "#Software: x 1\n# y\n",
]


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("name", ["log", "logfmt", "logjson"])
def test_comments_above_a_log_are_no_lines_of_it(name: str, above: str) -> None:
    lines, options = TEXTS[name]
    text = "\n".join([*lines, ""])
    assert found((above + text).encode(), **options) == TRACES
    form = {**options, "format": name}
    assert found((above + text).encode(), **form) == TRACES


def test_comments_above_a_log_without_a_pattern_are_no_events() -> None:
    text = "\n".join([*STAMPED, ""])
    learned = learn(io.BytesIO((ABOVE[1] + text).encode()), window=7)
    assert sorted(learned.alphabet) == sorted(learn(io.BytesIO(text.encode()), window=7).alphabet)


def test_what_begins_like_a_comment_and_is_none_stays() -> None:
    numbered = "".join(f"#{at} {line}\n" for at, line in enumerate(STAMPED[:9]))
    assert len(found(numbered.encode(), pattern=r"#(?P<event>\d+) ")[0]) == 9
    assert found(b"# load\n# run\n10:00:00 stop\n", pattern=r"(?P<event>load|run|stop)") == [["load", "run", "stop"]]
    assert found(b"# load\nrun stop\n") == [["#", "load"], ["run", "stop"]]


def test_numbers_of_lines_count_comments(tmp_path: Path) -> None:
    path = tmp_path / "agent.log"
    path.write_text("# agent\n#\n" + "\n".join(STAMPED[:5]) + "\n2026-03-01 11:00:00 nothing\n")
    with pytest.raises(DataError, match=r"agent.log:8: no match"):
        list(read(path, pattern=PATTERN))


MAIL = "".join(
    f"From ann@example.org Mon Jan  1 00:00:{at:02d} 2026\nFrom: ann@example.org\nSubject: {event} {case}\n\nplease\n\n"
    for at, (case, event) in enumerate(ROWS[:50])
)


def test_mail_is_told_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"mail, of many lines a message .*\^Subject: ") as caught:
        found(MAIL.encode())
    assert "`pattern` '^Subject: (?P<message>.*)' `on_error` skip" in str(caught.value)
    traces = found(MAIL.encode(), pattern="^Subject: (?P<event>\\w+) (?P<case>\\w+)", on_error="skip")
    assert traces[0] == CASES["lot0"]
    assert found(b"From here to there\nback again\n") == [["From", "here", "to", "there"], ["back", "again"]]
