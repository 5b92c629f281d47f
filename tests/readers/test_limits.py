"""What is too long, too deep or too many is one line, and with bad lines skipped the rest is read as it is."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flexstream import DataError, ReadOptions, UsageError
from flexstream.budget import Budget
from flexstream.readers import read_batches
from flexstream.readers.parsing.many_templates import ManyTemplates
from flexstream.readers.parsing.templates import LONGEST, template
from flexstream.readers.source.raw import CHUNK
from flexstream.stream.alphabet import Alphabet

EVENT = b'<event><string key="concept:name" value="load"/></event>'
TRACE = b'<trace><string key="concept:name" value="7"/>' + EVENT + b"</trace>\n"


def read(data: bytes, memory: str = "16MiB", **options: object) -> tuple[list[list[str]], list[str], list[str]]:
    """Return traces, what was skipped, and notes."""
    alphabet = Alphabet()
    reading = read_batches(io.BytesIO(data), alphabet, ReadOptions(**options), Budget(memory))  # type: ignore[arg-type]
    found = [[alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]
    return found, [str(message) for message in reading.stats.messages], [str(note) for note in reading.notes]


LONG = b"x" * 1_200_000


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"a b\n" + LONG + b"\na c\n", [["a", "b"], ["a", "c"]]),
        (b"case,event\n1,a\n1," + LONG + b"\n1,b\n", [["a", "b"]]),
        (b'{"case":"1","event":"a"}\n{"case":"1","event":"' + LONG + b'"}\n{"case":"1","event":"b"}\n', [["a", "b"]]),
        (b'["a","b"]\n[' + b'"a",' * 300_000 + b'"a"]\n["a","c"]\n', [["a", "b"], ["a", "c"]]),
        (b"2026-01-01 00:00:00 a\n2026-01-01 00:00:01 " + LONG + b"\n2026-01-01 00:00:02 b\n", [["a", "b"]]),
        (b"ev=a n=1\nev=" + LONG + b"\nev=b n=1\n", [["a", "b"]]),
    ],
)
def test_lines_too_long(data: bytes, wanted: list[list[str]]) -> None:
    options: dict[str, object] = {"event": "ev", "format": "logfmt"} if data.startswith(b"ev=") else {}
    with pytest.raises(
        DataError, match=r"line longer than 896.0 KiB \(expected: text in lines; raise it with `longest_line`\)"
    ):
        read(data, "16MiB", **options)
    found, skipped, _ = read(data, "16MiB", on_error="skip", **options)
    assert (found, len(skipped)) == (wanted, 1)
    assert skipped[0].startswith(f"<input>:{data[:300].count(10) + 1 if b'case,event' in data else 2}:")


def test_the_limit_grows_with_the_memory() -> None:
    assert len(read(b"a b\n" + LONG + b"\na c\n", memory="64MiB")[0]) == 3


@pytest.mark.parametrize(
    ("size", "said"), [("512KiB", ""), (1 << 19, ""), ("100KiB", "512.0 KiB or more"), ("long", "a number and a unit")]
)
def test_the_longest_line_is_an_amount(size: str | int, said: str) -> None:
    if not said:
        assert ReadOptions(longest_line=size).longest_line == CHUNK
        return
    with pytest.raises(UsageError, match=f"`longest_line` is .*{said}"):
        ReadOptions(longest_line=size)


def test_the_option_raises_limits_that_no_memory_does() -> None:
    """A tag of XML and a row of CSV over many lines may take no more than some MiB unless the user says."""
    tag = b'<log><string key="a" value="' + b"x" * 5_000_000 + b'"/>' + TRACE + b"</log>"
    assert "longer than 4.0 MiB" in read(tag, memory="1GiB", on_error="skip")[1][0]
    assert read(tag, longest_line="8MiB")[0] == [["load"]]
    row = b'case,event\n1,"' + b"x y\n" * 9_000 + b"y" * 900_000 + b'"\n1,b\n'
    assert "raise it with `longest_line`" in read(row, on_error="skip")[1][0]
    assert [len(trace) for trace in read(row, longest_line="2MiB", mask=False)[0]] == [2]


def test_a_model_is_asked_about_lines_as_long_as_it_learned(tmp_path: Path) -> None:
    """As an option of the reading it goes with the model, and a checkpoint of another is refused."""
    from flexstream import learn

    data = b"a b\n" + LONG + b" b\na c\n"
    learned = learn(io.BytesIO(data), memory="16MiB", longest_line="2MiB", checkpoint=str(tmp_path / "kept"))
    assert learned.traces == 3
    assert learned.automaton.provenance["reading"]["longest_line"] == 1 << 21
    with pytest.raises(UsageError, match="another `longest_line`: 2097152, not 4194304"):
        learn(
            io.BytesIO(data),
            memory="16MiB",
            longest_line="4MiB",
            checkpoint=str(tmp_path / "kept"),
            resume=True,
        )


BEYOND = {
    "attribute": b'<string key="a" value="' + b"x" * 2_500_000 + b'"/>',
    "comment": b"<!--" + b"<trace>\n" * 320_000 + b"-->",
    "depth": b"<a>" * 5_000 + b"</a>" * 5_000,
}


@pytest.mark.parametrize(("root", "redact"), [(b"log", False), (b"x:log", True)])
@pytest.mark.parametrize("kind", list(BEYOND))
@pytest.mark.parametrize("place", ["trace", "event", "log", "tag"])
def test_what_is_beyond_a_limit_in_xml_is_left_out_with_its_trace(
    kind: str, place: str, root: bytes, redact: bool
) -> None:
    within = {"trace": b"<trace>%b</trace>", "event": b"<trace>" + EVENT + b"<event>%b</event></trace>", "log": b"%b"}
    within["tag"] = b"<trace a='" + b"x" * 2_500_000 + b"'><a>%b</a></trace>" if kind == "attribute" else within["log"]
    data = b"<" + root + b">\n" + TRACE + within[place] % BEYOND[kind] + b"\n" + TRACE + b"<trace><event/></trace>"
    data += b"\n" + TRACE + b"</" + root + b">"
    said = "1000 elements inside one another" if kind == "depth" else "a tag or a comment longer than 896.0 KiB"
    with pytest.raises(DataError, match=f"<input>:3: {said}"):
        read(data, redact=redact)
    found, skipped, _ = read(data, on_error="skip", redact=redact)
    assert (found, len(skipped)) == ([["load"], ["load"], [], ["load"]], 2)
    assert skipped[0].startswith(f"<input>:3: {said}")
    line = data[: data.index(b"<event/>")].count(b"\n") + 1
    assert skipped[1].startswith(f"<input>:{line}: event without")


def test_xml_that_ends_beyond_a_limit_ends() -> None:
    for data in (b"<log>" + TRACE + b"<!--" + b"x" * 5_000_000, b"<log>" + TRACE + b"<a>" * 5_000):
        found, skipped, _ = read(data, on_error="skip")
        assert (found, len(skipped)) == ([["load"]], 1)


def test_tags_too_deep() -> None:
    data = b"<log>" + TRACE + b"<a>" * 5_000 + b"</a>" * 5_000 + TRACE + b"</log>"
    with pytest.raises(DataError, match=r"<input>:2: 1000 elements inside one another"):
        read(data)
    data = b"<log>" + TRACE + b"<trace>" + b"<a>" * 900 + b"</a>" * 900 + b"</trace>" + TRACE + b"</log>"
    assert read(data)[0] == [["load"], [], ["load"]]


@pytest.mark.parametrize("mask", [None, True])
def test_traces_of_too_many_events(mask: bool | None) -> None:
    long = b"<trace>" + EVENT * 40_000 + b"</trace>"
    data = b"<log>" + TRACE + long + TRACE + long + TRACE + b"</log>"
    with pytest.raises(DataError, match=r"<input>:2: a trace of more than 32,768 events \(expected: shorter ones;"):
        read(data, mask=mask)
    found, skipped, _ = read(data, on_error="skip", mask=mask)
    assert (found, len(skipped)) == ([["load"]] * 3, 2)


@pytest.mark.parametrize("unit", ["7 ", "a", '"', "a 'b' ", "/a", "user ", "= ", "ü "])
def test_long_messages_are_cut(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    found = template(text)
    assert time.process_time() - began < 5
    assert len(found) <= LONGEST + 4
    assert found == template(text + unit * 1000)
    assert list(ManyTemplates().of([text, "lot 7"]).texts) == [found, "lot <*>"]


def test_cut_messages_are_told() -> None:
    data = b"2026-01-01 00:00:00 INFO lot " + b"x" * 100_000 + b"\n2026-01-01 00:00:01 INFO lot 7\n"
    found, _, notes = read(data, format="log")
    assert found[0][1] == "lot <*>"
    assert len(found[0][0]) == LONGEST + 1
    assert "<input>: of messages longer than 65,536 characters the rest is left out" in notes


def test_rows_that_go_on_and_on() -> None:
    data = b'case,event\n1,a\n1,"' + b"run the whole line\n" * 9_000 * 6 + b"1,b\n1,c\n"
    with pytest.raises(DataError, match=r"<input>:3: broken row: it goes on for more than 10,000 lines"):
        read(data)
    long = data.replace(b"line\n", b"line" + b" of the fab" * 20 + b"\n")
    with pytest.raises(DataError, match=r"<input>:3: broken row: it goes on for more than 896.0 KiB"):
        read(long)
    for one in (data, long):
        found, skipped, _ = read(one, on_error="skip")
        assert found == [["a", "b", "c"]]
        assert skipped[0].startswith("<input>:3: broken row")


@pytest.mark.parametrize("quoted", ['"b', 'b","', '"b" or not'])
@pytest.mark.parametrize("fast", [False, True])
def test_a_quote_that_is_never_closed_takes_no_other_row(quoted: str, fast: bool) -> None:
    rows = [f"{number % 7},task_{number}" for number in range(30_000)]
    data = "\n".join(["case,event", *rows[:50], f"3,{quoted}", *rows[50:]]).encode()
    options = {} if fast else {"event": "event+case"}
    found, skipped, _ = read(data, on_error="skip", **options)
    whole, _, _ = read("\n".join(["case,event", *rows]).encode(), **options)
    assert found == whole
    assert len(skipped) == 1 and skipped[0].startswith("<input>:52: broken row")


LONG_CASE = "k" * 5000


@pytest.mark.parametrize(
    "data",
    [
        f"case,event\n1,a\n{LONG_CASE},x\n1,b\n",
        f'{{"case":"1","event":"a"}}\n{{"case":"{LONG_CASE}","event":"x"}}\n{{"case":"1","event":"b"}}\n',
        f"[1] a\n[{LONG_CASE}] x\n[1] b\n",
    ],
)
@pytest.mark.parametrize("redact", [False, True])
def test_names_of_cases_too_long(data: str, redact: bool) -> None:
    pattern = {"pattern": r"\[(?P<case>\w+)\] (?P<event>\w+)"} if data.startswith("[") else {}
    options: dict[str, object] = {"redact": redact, **pattern}
    with pytest.raises(DataError, match=r"a case of 5,000 characters in .* \(expected: names of at most 4,096\)"):
        read(data.encode(), "16MiB", **options)
    found, skipped, _ = read(data.encode(), "16MiB", on_error="skip", **options)
    assert (found, len(skipped)) == ([["a", "b"]], 1)


PEAK = """
import io, resource, sys
from flexstream import ReadOptions
from flexstream.budget import Budget
from flexstream.readers import read_batches
from flexstream.stream.alphabet import Alphabet

def read(source):
    for _ in read_batches(source, Alphabet(), ReadOptions(on_error="skip"), Budget("16MiB")):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

print(read(io.BytesIO(sys.argv[2].encode().decode("unicode_escape").encode())), read(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("first", "unit", "last"),
    [
        ("a b\n", "x" * 1000, "\na c\n"),
        ('["a","b"]\n[', '"load",' * 100, '"a"]\n["a"]\n'),
        (f"<log>{TRACE.decode()}<trace><a b='", "x" * 1000, f"'/></trace>{TRACE.decode()}</log>"),
        (f"<log>{TRACE.decode()}<trace>", EVENT.decode(), f"</trace>{TRACE.decode()}</log>"),
        (f"<log>{TRACE.decode()}", "<a>", ""),
        ('case,event\n1,a\n1,"', "1,run\n", "1,b\n"),
        ("case,event\n", "k" * 200_000 + ",load\n", "1,b\n"),
    ],
)
def test_memory_is_bounded(tmp_path: Path, first: str, unit: str, last: str) -> None:
    source = tmp_path / "source"
    with source.open("w") as file:
        file.write(first)
        for _ in range(20):
            file.write(unit * (2_500_000 // len(unit)))
        file.write(last)
    command = [sys.executable, "-c", PEAK, str(source), "a b\\n"]
    start, peak = map(int, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert peak <= start + 1.1 * 16 + 32


@pytest.mark.parametrize("form", [b"[\n%b\n]", b'{"Records": [\n%b\n]}'], ids=["list", "records"])
@pytest.mark.parametrize("value", [b'"' + LONG + b'"', b"[" * 100_000 + b"]" * 100_000], ids=["long", "deep"])
def test_a_value_beyond_a_limit_in_a_list_is_one_bad_line(form: bytes, value: bytes) -> None:
    good = b'{"case": 1, "event": "load"}'
    data = form % b",\n".join([good, b'{"case": 2, "event": "run", "x": ' + value + b"}", good, good])
    found, skipped, _ = read(data, on_error="skip")
    assert (found, len(skipped)) == ([["load"] * 3], 1)
