"""Sources: where bytes come from, how they become lines, and what happens when they break off."""

from __future__ import annotations

import fcntl
import gzip
import io
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flexstream
from flexstream import own_files
from flexstream.errors import DataError
from flexstream.learning.learner import StreamLearner
from flexstream.readers import ReadContext, ReadOptions, Source, read_items
from flexstream.readers.diagnostics import shown
from flexstream.readers.source import foreign
from flexstream.readers.source.cursor import Place
from flexstream.readers.source.raw import CHUNK, RawSource

TEXT = "load run\nunload\n\nload ünload 🏭\n"
TRACES = [["load", "run"], ["unload"], [], ["load", "ünload", "🏭"]]


class Dribble(io.RawIOBase):
    """Gives a few bytes at a time, as a slow pipe does."""

    def __init__(self, content: bytes, step: int) -> None:
        self._content = content
        self._step = step

    def read(self, size=-1):
        piece, self._content = self._content[: self._step], self._content[self._step :]
        return piece


def lines_of(content: bytes, step: int = 1 << 20) -> list[tuple[int, str]]:
    with Source(Dribble(content, step)) as source:
        return list(source.lines(ReadContext()))


class TestWhere:
    def test_path_text_and_path_object(self, read, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text(TEXT, encoding="utf-8")
        assert read(path).traces == read(str(path)).traces == TRACES

    def test_stdin(self, read, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
        reading = read("-")
        assert reading.traces == TRACES
        assert reading.told.notes == ["<stdin>: format lines (guessed)"]

    def test_compressed_stdin(self, read, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT.encode()))))
        assert read("-").traces == TRACES

    def test_closed_stdin(self, read, monkeypatch):
        monkeypatch.setattr(sys, "stdin", None)
        assert str(read("-").error).startswith("<stdin>: is closed")

    def test_file_object_is_read_and_left_open(self, read):
        file = io.BytesIO(TEXT.encode())
        assert read(file).traces == TRACES
        assert not file.closed

    def test_text_file_object(self, read):
        error = read(io.StringIO(TEXT)).error
        assert isinstance(error, TypeError) and "binary mode" in str(error)

    def test_several(self, read, tmp_path):
        paths = [tmp_path / "a.txt", tmp_path / "b.jsonl", tmp_path / "c.txt.gz"]
        paths[0].write_text("a b\n")
        paths[1].write_text('["c"]\n')
        paths[2].write_bytes(gzip.compress(b"d e\n"))
        assert read(paths).traces == [["a", "b"], ["c"], ["d", "e"]]

    def test_no_source_at_all(self, read):
        assert read([]).traces == []

    def test_file_is_closed_when_reading_stops_early(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_text("a\n" * 10)
        with Source(path) as source:
            next(source.lines(ReadContext()))
        assert source._raw._file.closed

    def test_interrupt_goes_straight_through(self):
        class Interrupted(io.RawIOBase):
            def read(self, size=-1):
                raise KeyboardInterrupt

        with Source(Interrupted()) as source, pytest.raises(KeyboardInterrupt):
            source.head()

    def test_pipe_that_has_nothing_yet(self):
        class Late(Dribble):
            waits = 3

            def read(self, size=-1):
                self.waits -= 1
                return None if self.waits > 0 else super().read(size)

        assert b"".join(RawSource(Late(b"abc", 2)).chunks()) == b"abc"


class TestLines:
    @given(st.binary(max_size=200).map(lambda b: b.translate(None, b"\r\0\x1b")), st.integers(1, 7))
    def test_only_line_feeds_end_lines(self, content, step):
        # The words in front keep out what other programs mark their files with.
        text = "a b\n" + content.decode("utf-8", "ignore")
        expected = text.split("\n")
        if not expected[-1]:
            expected.pop()
        assert lines_of(text.encode(), step) == list(enumerate(expected, 1))

    @pytest.mark.parametrize("separator", ["\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
    def test_exotic_separators_stay_in_the_line(self, separator):
        assert lines_of(f"a{separator}b\n".encode()) == [(1, f"a{separator}b")]

    @pytest.mark.parametrize("step", [1, 2, 3, 1000])
    def test_byte_order_mark_and_carriage_returns(self, step):
        assert lines_of(b"\xef\xbb\xbfa b\r\n\r\nc", step) == [(1, "a b"), (2, ""), (3, "c")]

    def test_line_longer_than_any_chunk(self):
        assert lines_of(b"x" * 1_000_000 + b"\ny", 4096) == [(1, "x" * 1_000_000), (2, "y")]

    @pytest.mark.parametrize("step", [100, 4099, CHUNK])
    @pytest.mark.parametrize("end", [b"", b"\ny\n"])
    def test_longest_line(self, step, end):
        def texts(length):
            with Source(Dribble(b"a\n" + b"x" * length + end, step), line_bytes=600_000) as source:
                return [text for _, text in source.lines(ReadContext())]

        assert texts(600_000) == ["a", "x" * 600_000, *["y"] * bool(end)]
        with pytest.raises(DataError, match=r"line longer than 585\.9 KiB"):
            texts(600_001)

    @pytest.mark.parametrize("step", [4099, CHUNK])
    @pytest.mark.parametrize("long", [600_001, 1_300_000, 2_700_000])
    @pytest.mark.parametrize("end", [b"", b"\ny z\n\n", b"\ny z\n" + b"w" * 700_000 + b"\nlast"])
    def test_lines_too_long_are_skipped_and_the_rest_read(self, step, long, end):
        context = ReadContext(ReadOptions(on_error="skip"))
        data = b"a\n" + b"x" * long + end
        with Source(Dribble(data, step), line_bytes=600_000) as source:
            found = list(source.lines(context))
            place = source.cursor.place()
        lines = data.decode().split("\n")
        wanted = [(number, line) for number, line in enumerate(lines, 1) if len(line) <= 600_000]
        assert found == (wanted if lines[-1] else wanted[:-1]) if end else [(1, "a")]
        assert context.stats.skipped == sum(len(line) > 600_000 for line in lines)
        if end:
            assert place == Place(len(data), len(lines) - (not lines[-1]))

    def test_a_source_goes_on_behind_a_line_too_long(self):
        context = ReadContext(ReadOptions(on_error="skip"))
        data = b"a\n" + b"x" * 1_300_000 + b"\ny\nz\n"
        with Source(io.BytesIO(data), line_bytes=600_000) as source:
            lines = source.lines(context)
            assert [next(lines), next(lines)] == [(1, "a"), (3, "y")]
            place = source.cursor.place()
        assert place == Place(len(data) - 2, 3)
        with Source(io.BytesIO(data), line_bytes=600_000, start=place) as source:
            assert list(source.lines(ReadContext())) == [(4, "z")]

    def test_invalid_utf8(self, read):
        reading = read(io.BytesIO(b"a b\nc\n\xff\xfe d\ne\n"))
        assert reading.traces == [["a", "b"], ["c"]]
        problem, remedy = "invalid UTF-8 (byte 0xff at column 1)", "or `encoding` latin-1, as it looks"
        assert str(reading.error) == f"<input>:3: {problem} (expected: text in UTF-8, {remedy})"

    def test_invalid_utf8_skipped(self, read):
        reading = read(io.BytesIO(b"a b\n\xff\n\nd\r\n\xc3"), on_error="skip", format="lines")
        assert reading.traces == [["a", "b"], [], ["d"]]
        assert reading.told.stats.skipped == 2
        assert [message.split(" ")[0] for message in reading.told.stats.messages] == ["<input>:2:", "<input>:5:"]


class TestHead:
    def test_does_not_consume(self):
        with Source(Dribble(TEXT.encode(), 5)) as source:
            head = source.head()
            assert head.lines == ["load run"]
            assert source.head(2).lines == ["load run", "unload"]
            assert source.head(3).lines == ["load run", "unload", "", "load ünload 🏭"]
            assert b"".join(source.chunks()) == TEXT.encode()

    def test_empty(self):
        with Source(io.BytesIO()) as source:
            head = source.head()
            assert (head.data, head.ended, head.lines, list(source.chunks())) == (b"", True, [], [])

    def test_last_line_counts_only_at_the_end(self):
        with Source(io.BytesIO(b"a\nb")) as source:
            assert source.head().lines == ["a"]
            assert source.head(3).lines == ["a", "b"]

    def test_does_not_wait_on_an_open_pipe(self):
        readable, writable = os.pipe()
        with open(readable, "rb") as file, open(writable, "wb", buffering=0) as writer:  # noqa: PTH123
            writer.write(b"a b\nc")
            with Source(file) as source:
                assert source.head().data == b"a b\n"

    def test_is_bounded(self):
        with Source(io.BytesIO(gzip.compress(b"x" * 5_000_000))) as source:
            assert len(source.head().data) == 1 << 16
            assert sum(map(len, source.chunks())) == 5_000_000


class TestGzip:
    @pytest.mark.parametrize("step", [1, 7, 1 << 20])
    def test_members_and_padding(self, step):
        content = gzip.compress(b"a\n") + gzip.compress(b"") + gzip.compress(b"b\nc") + bytes(10)
        assert lines_of(content, step) == [(1, "a"), (2, "b"), (3, "c")]

    def test_large(self):
        text = "".join(f"line {number}\n" for number in range(200_000))
        assert len(lines_of(gzip.compress(text.encode(), 1))) == 200_000

    def test_truncated_anywhere(self, read):
        lines = [f"line {number * 7919 % 10007}" for number in range(3000)]
        content = gzip.compress("\n".join(lines).encode())
        counts = []
        for cut in range(1500, len(content) - 1, 997):
            reading = read(io.BytesIO(content[:cut]), format="lines")
            assert reading.traces == [line.split() for line in lines[: len(reading.traces)]]
            place = f"<input>:{len(reading.traces) + 1}"
            problem = "gzip data end in the middle (expected: a complete .gz file)"
            assert str(reading.error) == f"{place}: {problem}"
            counts.append(len(reading.traces))
        assert counts == sorted(counts)
        assert counts[-1] > 2500

    def test_corrupt(self, read):
        lines = [f"line {number * 7919 % 10007}" for number in range(3000)]
        content = bytearray(gzip.compress("\n".join(lines).encode()))
        middle = len(content) // 2
        content[middle : middle + 50] = bytes(50)
        reading = read(io.BytesIO(bytes(content)), format="lines")
        assert "corrupt gzip data (expected: an intact .gz file)" in str(reading.error)
        assert len(reading.traces) > 1000

    def test_garbage_behind(self, read):
        reading = read(io.BytesIO(gzip.compress(b"a\nb\n") + b"garbage"))
        assert reading.traces == [["a"], ["b"]]
        assert "corrupt gzip data" in str(reading.error)

    def test_skip_mode_goes_on_with_the_next_source(self, read):
        broken = gzip.compress(b"a\nb\n")[:-4]
        reading = read([io.BytesIO(broken), io.BytesIO(b"c\n")], on_error="skip")
        assert reading.traces == [["a"], ["b"], ["c"]]
        assert reading.told.stats.skipped == 1

    @pytest.mark.parametrize("magic", [b"BZh91AY&SY", b"\xfd7zXZ\x00", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"])
    def test_other_compressions_are_named(self, read, magic):
        assert "is compressed with" in str(read(io.BytesIO(magic)).error)


class TestForeign:
    """Files that are no logs are told, however their bytes come, and before anything is learned of them."""

    TAR = b"lots.csv".ljust(257, b"\0") + b"ustar\x0000".ljust(255, b"\0") + b"case,event\n7,load\n"

    OWN = tuple(f'{{\n "format": "flexstream-{kind}",\n "version": 1}}'.encode() for kind in own_files.OWN)

    @pytest.mark.parametrize("piece", [1, 100, 1 << 18])
    @pytest.mark.parametrize(
        "content", [*foreign.KINDS, *OWN, TAR, gzip.compress(TAR, mtime=0)], ids=lambda content: repr(content[:9])
    )
    def test_told_at_once(self, read, dripping, content, piece):
        found = read(dripping(content + b"\nload run\n" * 50, piece))
        assert found.traces == []
        assert re.search("is a[n]? [a-zA-Z ]+", str(found.error))

    @pytest.mark.parametrize("piece", [1, 1 << 18])
    @pytest.mark.parametrize(
        "content",
        [b"SQLite format 3 is a file\n", b"%PDF\n", b"x" * 257 + b"ustar y\n", b"<!DOCTYPE\n", b'{"format":"flex"}\n'],
    )
    def test_texts_that_begin_likewise(self, read, dripping, content, piece):
        found = read(dripping(content, piece), format="lines")
        assert found.error is None
        assert found.traces == [content.decode().split()]

    def test_what_flexstream_writes_is_known(self, tmp_path):
        learner = StreamLearner()
        learner.learn_many([["load", "run"]] * 20)
        learner.save(tmp_path / "state")
        learner.automaton.save(tmp_path / "m.json")
        for path, told in [("m.json", "is a model of FlexStream"), ("state", "is a checkpoint of FlexStream")]:
            with pytest.raises(DataError, match=told), Source(tmp_path / path) as source:
                source.head()
                list(source.chunks())
        text = "\n".join(path.read_text() for path in Path(flexstream.__file__).parent.rglob("*.py"))
        assert set(re.findall('^FORMAT.*= "flexstream-([a-z-]+)"', text, re.MULTILINE)) - {"reading"} <= {
            *own_files.OWN
        }


class TestUnreadable:
    @pytest.mark.parametrize("name", ["https://host/a.csv", "s3://lots/a.csv"])
    def test_an_address(self, read, name):
        assert f"{name}: is an address and no file" in str(read(name).error)

    def test_missing(self, read, tmp_path):
        path = tmp_path / "none.txt"
        expected = f"{path}: no such file (expected: the path of a file, or - for stdin)"
        assert str(read(path).error) == expected

    def test_directory(self, read, tmp_path):
        assert str(read(tmp_path).error) == f"{tmp_path}: is a directory (expected: files, such as {tmp_path}/*)"

    def test_null_byte_in_the_path(self, read):
        assert "cannot be opened" in str(read("a\0b").error)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_permission(self, read, tmp_path):
        path = tmp_path / "secret.txt"
        path.touch(mode=0)
        assert "permission denied" in str(read(path).error)

    def test_empty(self, read, tmp_path):
        path = tmp_path / "empty.txt"
        path.touch()
        assert str(read(path).error) == f"{path}: is empty (expected: at least one trace or event)"
        assert "is empty" in str(read(io.BytesIO(gzip.compress(b""))).error)

    def test_read_error(self, read):
        class Failing(io.RawIOBase):
            def read(self, size=-1):
                raise OSError(5, "Input/output error")

        assert "cannot be read: Input/output error" in str(read(Failing()).error)

    def test_what_came_before_a_missing_file_is_kept(self, read, tmp_path):
        reading = read([io.BytesIO(b"a b\n"), tmp_path / "none"])
        assert reading.traces == [["a", "b"]]
        assert "no such file" in str(reading.error)


def follow(path, count, then):
    """Collect ``count`` lines of a followed file while ``then`` runs beside; over all its generations."""
    worker = threading.Thread(target=then)
    found = []
    try:
        while len(found) < count:
            with Source(path, follow=True) as source:
                for _, text in source.lines(ReadContext(ReadOptions(follow=True))):
                    found.append(text)
                    if len(found) == 1:
                        worker.start()
                    if len(found) == count:
                        break
    finally:
        worker.join()
    return found


class TestStop:
    def test_all_that_a_pipe_holds_when_the_stop_comes_is_read_and_no_more(self):
        reading, writing = os.pipe()
        try:
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 2 * CHUNK)
        except PermissionError:
            pytest.skip("a pipe may not be so large here")
        data = b"load run\n" * (3 * CHUNK // 2 // 9)
        os.write(writing, data)
        with io.FileIO(reading) as file:
            raw = RawSource(file)
            raw.switch.request()
            chunks = raw.chunks()
            first = next(chunks)
            os.write(writing, b"late\n")
            assert first + b"".join(chunks) == data
        os.close(writing)

    @pytest.mark.parametrize("name", ["plain", "packed.gz"])
    def test_a_file_says_how_much_of_it_is_left(self, tmp_path, name):
        path = tmp_path / name
        lines = b"load run\n" * 200_000
        path.write_bytes(gzip.compress(lines) if name.endswith("gz") else lines)
        with Source(path) as source:
            blocks = source.blocks(ReadContext())
            _, block = next(blocks)
            source.switch.request()
            taken = len(block) + sum(len(block) for _, block in blocks)
        assert source.left == (None if name.endswith("gz") else len(lines) - taken)


class TestFollow:
    def test_rotation_while_nothing_is_there_yet(self, tmp_path):
        path = tmp_path / "a.log"
        path.touch()

        def rotate():
            path.rename(tmp_path / "a.log.1")
            path.write_text("case,event\na,x\n" + "b,y\n" * 3)

        worker = threading.Timer(0.1, rotate)
        worker.start()
        items = read_items(path, ReadContext(ReadOptions(follow=True)))
        assert [item.symbol for item in itertools.islice(items, 2)] == ["x", "y"]
        items.close()
        worker.join()

    def test_interrupt_ends_the_wait(self, tmp_path):
        path = tmp_path / "a.log"
        path.write_text("one\n")
        code = (
            # A shell's background job is born deaf to SIGINT, and so are its children.
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "import sys; from flexstream.readers import *\n"
            "for item in read_items(sys.argv[1], ReadContext(ReadOptions(follow=True))):\n"
            "    print(item.symbols, flush=True)"
        )
        command = [sys.executable, "-c", code, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"['one']\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        assert b"KeyboardInterrupt" in errors

    def test_waits_for_whole_lines(self, tmp_path):
        path = tmp_path / "a.log"
        path.write_text("one\ntw")

        def grow():
            with path.open("a") as file:
                time.sleep(0.1)
                file.write("o th")
                file.flush()
                time.sleep(0.1)
                file.write("ree\nfour\n")

        assert follow(path, 3, grow) == ["one", "two three", "four"]

    def test_shrunk_file_is_read_from_its_start(self, tmp_path):
        path = tmp_path / "a.log"
        path.write_text("one long line\n")
        assert follow(path, 2, lambda: path.write_text("two\n")) == ["one long line", "two"]

    def test_replaced_file(self, tmp_path):
        path = tmp_path / "a.log"
        path.write_text("one\n")

        def rotate():
            path.rename(tmp_path / "a.log.1")
            time.sleep(0.3)
            path.write_text("two\nthree\n")

        assert follow(path, 3, rotate) == ["one", "two", "three"]

    def test_pipe_is_opened_again(self, tmp_path):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        first = threading.Thread(target=lambda: path.write_text("one\n"))
        first.start()

        def again():
            path.write_text("two\n")

        assert follow(path, 2, again) == ["one", "two"]
        first.join()

    def test_empty_file_is_waited_for(self, tmp_path):
        path = tmp_path / "a.log"
        path.touch()
        writer = threading.Timer(0.1, lambda: path.write_text("one\n"))
        writer.start()
        with Source(path, follow=True) as source:
            assert source.head().data == b"one\n"
        writer.join()

    def test_what_cannot_grow_ends(self, read):
        assert read(io.BytesIO(b"a\n"), follow=True).traces == [["a"]]

    @pytest.mark.parametrize("follow", [False, True])
    def test_what_can_only_be_read_is(self, read, follow):
        pieces = iter([b"a b\n", b"c\n"])
        bare = SimpleNamespace(read=lambda size: next(pieces, b""))
        assert read(bare, follow=follow).traces == [["a", "b"], ["c"]]


@given(st.text(max_size=100))
def test_shown_is_one_short_line(text):
    assert "\n" not in shown(text)
    assert len(shown("x" * 1000)) < 50
