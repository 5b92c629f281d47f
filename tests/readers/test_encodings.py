"""Encodings, marks, NULs and colour codes: what the bytes of a text hold besides, in every format and however cut."""

from __future__ import annotations

import encodings.aliases
import gzip
import io
import json
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexstream.errors import DataError, UsageError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.prior import Prior
from flexstream.readers.sessions import packing
from flexstream.readers.source.cleaning import cleaned, left_out
from flexstream.readers.source.encodings import AsUtf8, recognised
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping, read_all


@pytest.fixture
def read() -> Any:
    """Read with traces as long as they are."""
    return partial(read_all, cut=False)


XES = (
    '<?xml version="1.0" encoding="{}"?>\n<log><trace><string key="concept:name" value="1"/><event>'
    '<string key="concept:name" value="rüsten"/></event><event><string key="concept:name" value="prüfen"/></event>'
    "</trace></log>\n"
)
TEXTS = {
    "lines": "rüsten prüfen\n",
    "csv": "case;activity\r\n1;rüsten\r\n1;prüfen\r\n",
    "jsonl": '["rüsten", "prüfen"]\n',
    "log": "2026-01-31 10:00:00 INFO rüsten\n2026-01-31 10:00:01 INFO prüfen\n",
    "xes": XES.format("utf-8"),
}
WANTED = [["rüsten", "prüfen"]]
each_text = pytest.mark.parametrize("name", TEXTS)


@each_text
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("marked", [True, False])
def test_unicode_is_recognised_with_and_without_a_mark(read: Any, name: str, encoding: str, marked: bool) -> None:
    if encoding == "utf-32" and not marked:
        pytest.skip("UTF-32 without a mark is not in use")
    text = TEXTS[name].replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")[:6]}"')
    content = (("\ufeff" if marked and encoding[-2:] in {"le", "be"} else "") + text).encode(encoding)
    if not marked:
        content = content.removeprefix(b"\xff\xfe").removeprefix(b"\xef\xbb\xbf")
    for file in (io.BytesIO(content), Dripping(content, 1), io.BytesIO(gzip.compress(content))):
        found = read(file)
        assert (found.error, found.traces) == (None, WANTED)
        told = [note for note in found.told.notes if "encoding" in note]
        assert len(told) == (not encoding.startswith("utf-8"))
        assert all(note.endswith("(guessed)") for note in told)


@each_text
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp850", "utf-16-be"])
def test_an_encoding_that_is_named_is_used(read: Any, name: str, encoding: str) -> None:
    content = TEXTS[name].encode(encoding)
    for file in (io.BytesIO(content), Dripping(content, 1)):
        found = read(file, encoding=encoding)
        assert (found.error, found.traces) == (None, WANTED)
        assert not [note for note in found.told.notes if "encoding" in note]


@each_text
def test_latin_1_is_told_with_the_remedy(read: Any, name: str) -> None:
    error = str(read(io.BytesIO(TEXTS[name].encode("latin-1"))).error)
    assert ("broken XML" if name == "xes" else "invalid UTF-8 (byte 0xfc at column") in error
    assert "in UTF-8, or `encoding` latin-1, as it looks" in error
    assert "\n" not in error


def test_windows_quotes_are_told_as_such(read: Any) -> None:
    for text in (
        "caf\u00e9 \u201eja\u201c\n",
        "caf\u00e9\n\u201eja\u201c\n",
    ):  # be it lines below the first that is wrong
        assert "`encoding` cp1252, as it looks" in str(read(io.BytesIO(text.encode("cp1252"))).error)


def test_a_line_that_is_no_utf_8_among_some_that_are(read: Any) -> None:
    content = b"".join(word.encode() + b"\n" for word in ["caf\u00e9", "load"]) + b"caf\xe9\nload\n"
    for lines in (content, b"".join(reversed(content.splitlines(keepends=True)))):
        assert "in UTF-8 like the rest; `on_error` skip leaves such lines out" in str(read(io.BytesIO(lines)).error)


def test_xml_that_is_broken_elsewhere_is_no_matter_of_its_encoding(read: Any) -> None:
    content = TEXTS["xes"].replace("<?xml", '<?xml version="1.0" encoding="iso-8859-1"?><?xml', 1)
    error = str(read(io.BytesIO(f"{content}</more>".encode("latin-1"))).error)
    assert "broken XML" in error and "encoding" not in error


@pytest.mark.parametrize(
    ("encoding", "content", "line"),
    [
        ("utf-16-le", "a b\nc ".encode("utf-16-le") + b"\x00\xd8" + "\nd\n".encode("utf-16-le"), 2),
        ("ascii", b"a b\nc \xff\nd\n", 2),
        ("shift_jis", b"a b\nc \xff\nd\n", 2),
        ("utf-16-le", "a b\nd\n".encode("utf-16-le") + b"x", 3),
    ],
)
def test_what_cannot_be_decoded_is_a_bad_line(read: Any, encoding: str, content: bytes, line: int) -> None:
    for size in (1, 1000):
        error = str(read(Dripping(content, size), encoding=encoding).error)
        assert f":{line}: invalid {ReadOptions(encoding=encoding).encoding} at column" in error
        found = read(Dripping(content, size), encoding=encoding, on_error="skip")
        assert (found.traces, found.told.stats.skipped) == ([["a", "b"], ["d"]], 1)


@pytest.mark.parametrize("name", ["nope", "", "hex", "rot13", "utf-8\0"])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no `encoding`"):
        ReadOptions(encoding=name)


@given(st.text(min_size=1), st.integers(1, 9), st.sampled_from(["utf-16", "utf-16-be", "utf-32-le", "utf-8"]))
@example("\0a", 1, "utf-16")
def test_text_is_the_same_wherever_it_is_cut(text: str, size: int, encoding: str) -> None:
    content = text.encode(encoding, "replace")
    pieces = iter([content[at : at + size] for at in range(0, len(content), size)])
    assert b"".join(AsUtf8(pieces, encoding)).decode("utf-8-sig") == content.decode(encoding).removeprefix("\ufeff")


@given(st.text("ab \t\nüß€日", max_size=300), st.text("ab:,7", min_size=9, max_size=30))
def test_what_is_utf_8_is_never_taken_for_anything_else(text: str, word: str) -> None:
    assert recognised(text.encode()) == "utf-8"
    assert recognised(bytes(4096) + text.encode()) == "utf-8"
    assert recognised((word + " \0 " + word + "\n").encode()) == "utf-8"
    assert recognised((word + "\n" + text).encode("utf-16-le")) == "utf-16-le"
    assert recognised((word + "\n" + text).encode("utf-16-be")) == "utf-16-be"


def test_cyrillic_without_a_mark_has_blanks_and_line_ends() -> None:
    text = "загрузка пуск разгрузка\nзагрузка пуск пуск разгрузка\n"
    assert [recognised(text.encode(name)) for name in ("utf-16-le", "utf-16-be")] == ["utf-16-le", "utf-16-be"]


COLOURED = [
    ("\x1b[32mload\x1b[0m run", "load run"),
    ("\x1b[1;38;5;208mload\x1b[m run", "load run"),
    ("\x1b]0;title\x07load run", "load run"),
    ("\x1b]8;;http://a\x1b\\load\x1b]8;;\x1b\\ run", "load run"),
    ("\x1b(Bload\x1b[K run\x1b", "load run"),
    ("\0\0load \0run", "load run"),
]


@pytest.mark.parametrize(("coloured", "plain"), COLOURED)
@pytest.mark.parametrize("name", ["lines", "csv", "jsonl", "log", "pattern"])
def test_colour_codes_and_nuls_are_left_out_of_every_format(read: Any, coloured: str, plain: str, name: str) -> None:
    shape = {"jsonl": '["{}"]\n', "csv": "case,activity\n1,{}\n"}.get(name, "2026-01-31 10:00:00 INFO {}\n")
    shape = "{}\n" if name == "lines" else shape
    options = {"pattern": r"INFO (?P<event>.*)"} if name == "pattern" else {}
    for size in (1, 1000):
        found = read(Dripping(shape.format(coloured).encode(), size), **options)
        assert (found.error, found.traces) == (None, [plain.split()] if name == "lines" else [[plain]])
        assert [note for note in found.told.notes if "left out" in note]
        assert read(io.BytesIO(shape.format(plain).encode()), **options).traces == found.traces


def test_a_coloured_log_is_recognised_and_its_words_differ(read: Any) -> None:
    line = "\x1b[32m2026-01-31 23:59:59\x1b[0m \x1b[1mINFO\x1b[0m job {} {}\n"
    found = read(io.BytesIO("".join(line.format(n, (n % 2 and "succeeded") or "failed") for n in range(9)).encode()))
    assert found.traces == [["job <*> failed", "job <*> succeeded"] * 4 + ["job <*> failed"]]
    assert [note.split(": ", 1)[1] for note in found.told.notes][:2] == [
        "format log (guessed)",
        "colour codes are left out",
    ]


def test_a_file_that_was_cut_short_under_its_writer(read: Any) -> None:
    log = "".join(f"2026-01-31 10:00:{second:02} INFO {'abc'[second % 3]}\n" for second in range(30))
    found = read(io.BytesIO(bytes(4096) + log.encode()))
    assert found.traces == [["a", "b", "c"] * 10]
    assert any(note.endswith("NULs are left out") for note in found.told.notes)


@given(st.binary(max_size=300), st.integers(1, 60))
def test_cleaning_keeps_line_ends_and_whatever_else_there_is(content: bytes, at: int) -> None:
    block = content[:at] + b"\0\x1b[0m" + content[at:]
    clean = cleaned(block)
    assert b"\0" not in clean and b"\x1b" not in clean
    assert clean.count(b"\n") == block.count(b"\n")
    assert not left_out(clean)
    plain = content.translate(None, b"\0\x1b")
    assert cleaned(plain) is plain


def test_cleaning_is_linear() -> None:
    for run in (b"\x1b]", b"\x1b[", b"\x1b[1;", b"\x1b", b"\x1b]a"):
        assert len(cleaned(run * 200_000)) < len(run) * 200_000  # quadratic time would take minutes


@pytest.mark.parametrize("first", [b"a", b"\0a", b" "])
def test_a_long_line_is_looked_at_once(first: bytes) -> None:
    """Megabytes without a line feed, as of XES or JSON in one line: a look from each byte on would take for ever."""
    assert recognised(first * (1 << 22)) in {"utf-8", "utf-16-be"}


@pytest.mark.parametrize("family", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["", "-le", "-be"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_named_encoding_needs_no_mark(family: str, order: str, size: int) -> None:
    """The order of the bytes is that of the mark, or else of the first character, however the bytes arrive."""
    text = "load run\nload\n".encode(family + order)
    assert read_all(Dripping(text, size), encoding=family).traces == [["load", "run"], ["load"]]


@pytest.mark.parametrize("encoding", sorted(set(encodings.aliases.aliases.values())))
@pytest.mark.parametrize("data", [b"load run\nload\n", bytes(range(256)), b"\xff\xfe\n\n", b"\x00"], ids=repr)
def test_whatever_is_read_in_whatever_encoding_is_read_or_refused(encoding: str, data: bytes) -> None:
    try:
        ReadOptions(encoding=encoding)
    except UsageError:
        return  # it encodes no text
    found = read_all(io.BytesIO(data), encoding=encoding, format="lines")
    assert found.error is None or isinstance(found.error, DataError)


@pytest.mark.parametrize(
    ("encoding", "before", "wrong"),
    [
        ("ascii", "ab c", b"\xff"),
        ("shift_jis", "日本 ", b"\xff"),
        ("utf-16-le", "日本 a", b"\x00\xd8"),
        ("utf-8", "日本 ü", b"\xff"),
        ("utf-8", "", b"\xff"),
    ],
)
def test_what_is_no_text_is_found_by_the_characters_before_it(
    read: Any, encoding: str, before: str, wrong: bytes
) -> None:
    content = before.encode(encoding) + wrong + "b\n".encode(encoding)
    error = str(read(io.BytesIO(content), encoding=encoding, format="lines").error)
    assert error.startswith("<input>:1: invalid ")
    assert f" at column {len(before) + 1}" in error.replace(")", " ").split("(expected")[0]


# --- an encoding that other texts had ------------------------------------------------------------------------------

LATIN_1 = {"encoding": "iso8859-1", "guessed": []}


def read_as_before(content: bytes, size: int, name: str = "", told: dict[str, Any] | None = None) -> Any:
    """Return the traces of a text of which a model remembers that others were in Latin-1, and what is said of it."""
    options = {"cut": False, **({"format": name} if name else {}), **(told or {})}
    alphabet = Alphabet()
    reading = Reading(Dripping(content, size), alphabet, prior=Prior(LATIN_1, options))
    traces = [[alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]
    return traces, [str(note) for note in reading.notes if "read so" in str(note)]


@each_text
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_utf_8_is_read_as_such_though_others_were_not(name: str, mark: str, size: int) -> None:
    traces, notes = read_as_before((mark + TEXTS[name]).encode(), size, name)
    assert traces == WANTED
    assert notes == ["<input>: is utf-8, and read so, not as iso8859-1"]


@each_text
@pytest.mark.parametrize("encoding", ["iso8859-1", "utf-16"])
def test_other_texts_are_read_as_before_or_by_their_mark(name: str, encoding: str) -> None:
    traces, notes = read_as_before(TEXTS[name].encode(encoding), 7, name)
    assert traces == WANTED
    assert len(notes) == (encoding == "utf-16")


def test_an_encoding_that_is_told_now_holds_but_for_a_mark(read: Any) -> None:
    text = "rüsten prüfen\n"
    assert read_as_before(text.encode(), 7, told={"encoding": "latin-1"})[0] == [
        text.encode().decode("latin-1").split()
    ]
    for encoding in ("utf-8-sig", "utf-16"):
        found = read(io.BytesIO(text.encode(encoding)), encoding="latin-1")
        assert (found.traces, len([note for note in found.told.notes if "read so" in note])) == (WANTED, 1)


@given(st.text("ab\n", max_size=30), st.text("aäß\n", max_size=30), st.integers(1, 9))
def test_the_first_line_beyond_ascii_tells_wherever_it_is_cut(plain: str, text: str, size: int) -> None:
    for encoding in ("utf-8", "cp1252"):
        content = (plain + text).encode(encoding)
        pieces = iter([content[at : at + size] for at in range(0, len(content), size)])
        assert b"".join(AsUtf8(pieces, "cp1252", doubted=True)).decode() == plain + text


def test_two_bytes_of_chinese_are_no_utf_8() -> None:
    content = "联通\n".encode("gbk")  # which happens to be valid UTF-8
    assert b"".join(AsUtf8(iter([content]), "gbk", doubted=True)).decode() == "联通\n"
    text = "机器联通正常吗\n"
    assert b"".join(AsUtf8(iter([text.encode()]), "gbk", doubted=True)).decode() == text


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-1"])
def test_what_a_later_line_tells_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 2)
    lines = ["load run\n", "load check run\n"] * 4 + ["rüsten prüfen\n", "load\n"] * 4
    file = tmp_path / "traces.txt"
    file.write_text("".join(lines), encoding)
    prior = Prior(LATIN_1, {"cut": False})
    for taken in range(1, 8):
        alphabet = Alphabet()
        first = Reading(file, alphabet, prior=prior, resumable=True)
        traces = [[alphabet.text(symbol) for symbol in trace] for batch in islice(first, taken) for trace in batch]
        second = Reading(file, alphabet, prior=prior, resumable=True)
        second.restore(json.loads(json.dumps(first.state(), default=lambda array: array.tolist())))
        traces += [[alphabet.text(symbol) for symbol in trace] for batch in second for trace in batch]
        assert traces == [line.split() for line in lines]


# --- NULs between words ----------------------------------------------------------------------------------------------

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6)


@given(
    st.lists(st.lists(WORDS, min_size=2, max_size=5), min_size=1, max_size=8), st.sampled_from([" ", "\t", ";", "\0"])
)
@example([["a", "b", "c", "d"]] * 50, " ")
@example([["t", "u", "v", "w"]] * 50, " ")
def test_words_apart_by_nuls_are_no_utf_16(rows: list[list[str]], between: str) -> None:
    lines = ["\0".join([between.join(row[:2]), *row[2:]]) for row in rows]
    assert recognised(("\n".join(lines) + "\n").encode()) == "utf-8" or all(len(word) == 1 for word in rows[0])


@pytest.mark.parametrize("text", ["σήμερα έξω\n", "טעינה ריצה\n", "تحميل تشغيل\n", "लोड रन\n", "zażółć gęślą\n", "x\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_alphabets_in_utf_16_are_recognised(text: str, encoding: str) -> None:
    assert recognised((3 * text).encode(encoding)) == encoding


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_nuls_between_words_part_them(read: Any, size: int) -> None:
    found = read(Dripping(b"a b\0c d\n" * 20, size))
    assert (found.error, found.traces) == (None, [["a", "b", "c", "d"]] * 20)
    assert [note for note in found.told.notes if "NUL" in note] == [
        "<input>: NULs between words part them, as blanks do"
    ]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_nuls_end_lines_where_nothing_else_does(read: Any, size: int) -> None:
    found = read(Dripping(b"load run\0load wait run\0" * 20, size))
    assert (found.error, found.traces) == (None, [["load", "run"], ["load", "wait", "run"]] * 20)
    assert "<input>: lines end in NULs alone" in found.told.notes


def test_what_is_utf_16_amid_a_text_is_not_parted(read: Any) -> None:
    found = read(io.BytesIO(b"load run\n" * 9 + "wait run\n".encode("utf-16-le") * 9))
    assert found.traces == [["load", "run"]] * 9 + [["wait", "run"]] * 9


EAST = {
    "shift_jis": "\u6ce8\u6587\u756a\u53f7,\u72b6\u614b\n1,\u51fa\u8377\u3057\u307e\u3057\u305f",
    "euc_jp": "\u88c5\u7f6e\u306e\u8d77\u52d5\u304c\u5b8c\u4e86\u3057\u307e\u3057\u305f",
    "euc_kr": "\uc7a5\ube44 \uac00\ub3d9 \uc2dc\uc791, \uc815\uc9c0 \uc0c1\ud0dc",
    "big5": "\u8a2d\u5099\u555f\u52d5\u5b8c\u6210, \u505c\u6b62\u72c0\u614b",
    "gb18030": "\u8bbe\u5907\u542f\u52a8\u5b8c\u6210, \u505c\u6b62\u72b6\u6001",
}


@pytest.mark.parametrize("encoding", EAST)
def test_encodings_of_east_asia_are_named(encoding: str) -> None:
    text = f"lot,state,at\n7,{EAST[encoding].replace(chr(10), ' ').replace(',', ' ')},2026-03-01\n" * 20
    assert f"`encoding` {encoding}, as it looks" in str(read_all(io.BytesIO(text.encode(encoding))).error)
