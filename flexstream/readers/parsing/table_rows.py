"""The rows of CSV: cells that may span lines, and the fast path where they do not."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..._kernels.events import LIKELY, LINE, POSITION, ROWS
from ...errors import DataError, parameter
from ..diagnostics import shown
from ..items import Events
from ..source.text import Head, Source
from .context import ReadContext
from .fields_again import FieldsAgain
from .headers_again import HeadersAgain, shapes_of
from .long_rows import RowTexts, TooLongError
from .table_top import BLANKS, COMMENT, UNNAMED, Top, fields_named, raw_cells

if TYPE_CHECKING:
    from .fast_path import Split

# A quote that never closes would swallow an endless source; no honest cell is as long.
_LONGEST_CELL = 1 << 26
_COMMENT = COMMENT.encode()
_WIDER = 3  # than the comments of Zeek


class Rows:
    """The rows of a source; ``line`` is where the present one began."""

    def __init__(self, source: Source, context: ReadContext, top: Top) -> None:
        from .fast_path import Feed  # compiled loops, which only those need who read

        self.name = source.name
        self.line = 1
        self.feed = Feed(source, context, keep_returns=True)
        self._context, self._cursor, self._longest = context, source.cursor, source.longest
        self._top, self._delimiter = top, top.delimiter
        self._again: HeadersAgain | None = None
        self._fields: FieldsAgain | None = None
        self.needed: frozenset[str] = frozenset()  # names of columns that rows have to have
        self._lines = top.from_header(self.feed.lines())

    def header(self) -> list[str]:
        """Return the column names; their numbers where there is no header."""
        if not self._top.named:
            return self._without_header()
        found = next(self._lines, None)
        if found is None:
            raise DataError(self.name, 1, "there is no header line", "column names on the first line")
        self.line = found[0]
        self._read_from(itertools.chain([found], self._lines))
        try:
            names = [name.strip() for name in next(self._reader)]
        except (csv.Error, TooLongError) as error:
            raise DataError(self.name, self.line, f"broken header: {error}", "column names") from None
        if self._top.ruled:
            next(self._lines, None)
        self._cursor.end_header()
        self._again = HeadersAgain(names) if any(names) else None
        if self._top.fielded:
            self._fields = FieldsAgain(names, self._cursor.records)
        if UNNAMED in self._top.names and len(self._top.names) == len(names) + 1:
            where = "first" if self._top.names[0] == UNNAMED else "last"
            self._context.note(f"{self.name}: rows have one cell more than the header, the {where} is called {UNNAMED}")
            return self._top.names
        return names

    def _without_header(self) -> list[str]:
        """Return what the columns are called where there is no header; what stands above the rows is taken for it."""
        lines, left = self.feed.lines(), self._top.above
        while left and (above := next(lines, None)) is not None:
            left -= bool(above[1].strip())
            self._cursor.end_header()
        self._read_from(lines)
        return self._top.names

    def _read_from(self, lines: Iterator[tuple[int, str]]) -> None:
        """Read rows from numbered lines."""
        longest = self._longest if self._context.options.longest_line else min(self._longest, _LONGEST_CELL)
        # The limit belongs to the whole process, so it only ever goes up.
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL, longest))
        self._texts = RowTexts(lines, longest)
        self._reader = csv.reader(self._texts, delimiter=self._delimiter, strict=True)

    def first(self, head: Head, names: list[str]) -> Iterator[list[str]]:
        """Return the rows of a head below a header that are as wide as it."""
        return self._top.rows(head.lines, len(names))

    def bare(self, cell: str) -> str:
        """Return a cell without the blanks around it: nobody could tell it from one without."""
        bare = cell.strip(BLANKS)
        if bare != cell:
            self.feed.tell_blanks()
        return bare

    def moment(self, row: list[str], time: list[int]) -> str:
        """Return the time of a row."""
        return self.bare(row[time[0]]) if len(time) == 1 else " ".join(row[place].strip() for place in time)

    def split_at(
        self, case: int, events: list[int], times: list[int], width: int, masked: bool, member: int = -1
    ) -> None:
        """Settle where the fast path finds what is wanted; -1 stands for a column that is not."""
        # A comment as wide as the rows is told from them only where they are read one by one.
        comments = self._top.fielded and (self._delimiter != "\t" or width < _WIDER)
        several = len(events) > 1 or len(times) > 1 or (self._fields is not None and self._fields.changed)
        if self._context.tokeniser is None or several or comments or self._top.ruled or not self._delimiter.isascii():
            self.feed.general_only()
            return
        from ..._kernels.events import split_rows
        from .fast_path import Splitter

        delimiter = ord(self._delimiter)
        shapes = shapes_of([]) if self._again is None else self._again.shapes

        def split_of(*wanted: int) -> Split:
            columns = np.array(wanted)
            return lambda buffer, spans, state: split_rows(buffer, delimiter, width, columns, shapes, spans, state)

        self.feed.splitter = Splitter(
            self._up_to_header(self._up_to_comment(split_of(case, events[0], times[0] if times else -1))),
            cased=case >= 0,
            timed=bool(times),
            lenient=self._context.options.needs_times is None,
            masked=masked,
            split_members=None if member < 0 else split_of(member, events[0], -1),
        )

    def _up_to_comment(self, split: Split) -> Split:
        """Return what takes rows apart up to a comment, which may name other fields and look like a row."""
        if self._fields is None:
            return split

        def bounded(buffer: NDArray[np.uint8], spans: NDArray[np.int64], state: NDArray[np.int64]) -> None:
            start = int(state[POSITION])
            split(buffer, spans, state)
            taken = buffer[start : int(state[POSITION])].tobytes()
            at = 0 if taken.startswith(_COMMENT) else taken.find(b"\n" + _COMMENT) + 1
            if at or taken.startswith(_COMMENT):
                rows = np.searchsorted(spans[: state[ROWS], LINE], start + at)
                state[POSITION], state[ROWS] = start + at, rows

        return bounded

    def _up_to_header(self, split: Split) -> Split:
        """Return what takes rows apart up to one that is the header once more, which the general path is to see."""
        again, delimiter = self._again, self._delimiter  # and not these rows: they hold what calls it
        if again is None:
            return split

        def cells(line: bytes) -> list[str]:
            return raw_cells(line.decode().rstrip("\r"), delimiter)

        def bounded(buffer: NDArray[np.uint8], spans: NDArray[np.int64], state: NDArray[np.int64]) -> None:
            split(buffer, spans, state)
            found = again.first(buffer, spans[: state[ROWS]], int(state[LIKELY]), cells)
            if found is not None:
                state[POSITION], state[ROWS] = spans[found, LINE], found

        return bounded

    def parts(self, width: int) -> Iterator[list[str] | Events]:
        """Yield the rows that are as wide as the header, where the fast path understands them their events instead."""
        body = self.body(width)
        while True:
            if not self._texts.pending:
                yield from self.feed.events()
            row = next(body, None)
            if row is None:
                return
            yield row

    def body(self, width: int) -> Iterator[list[str]]:
        """Yield the rows that are as wide as the header; of one that is broken the first line alone is lost."""
        while True:
            self._texts.begin()
            try:
                row = next(self._reader)
            except StopIteration:
                self._tell_headers()
                return
            except (TooLongError, csv.Error) as error:
                self.line = self._texts.line
                self._texts.give_back()
                closed = error.expected if isinstance(error, TooLongError) else "cells quoted as in RFC 4180"
                self._context.bad(self.name, self.line, f"broken row: {error}", closed)
                continue
            self.line = self._texts.line
            if self._fields is not None:
                if row and row[0].startswith(COMMENT):
                    self._change(row, self._fields)
                elif self._fields.changed and len(row) == self._fields.width:
                    row = self._fields.in_order(row)
                elif self._fields.changed and any(map(str.strip, row)):
                    self._odd(row, self._fields.width)
                    continue
            if self._again is not None and len(row) == width and self._comes_again(row, self._again):
                continue
            if len(row) == width and not self._top.passes_over(row):
                yield row
            elif row and row[0].startswith(COMMENT):
                self._context.note(f"{self.name}: lines that begin with {COMMENT} and are no rows are passed over")
            elif not self._top.named and self._delimiter == "|" and len(row) > width:
                self._context.note(f"{self.name}: what stands behind the last column belongs to it")
                yield [*row[: width - 1], self._delimiter.join(row[width - 1 :])]
            elif row and (len(row) > 1 or row[0].strip()):
                self._odd(row, width)

    def _change(self, comment: list[str], fields: FieldsAgain) -> None:
        """Let rows have other fields from here on where a comment names others."""
        names = fields_named(comment, self._delimiter)
        if names is None or not fields.change(names, self.needed, self.name, self.line):
            return
        self._cursor.records = fields.state
        self.feed.general_only()
        self._context.note(f"{self.name}: other fields are named on line {self.line}; columns are known by their names")

    def _comes_again(self, row: list[str], again: HeadersAgain) -> bool:
        """Whether a row is the header once more, or in Markdown the line of dashes below that."""
        if not again.has(row):
            return bool(again.count and self._top.ruled and self._is_rule(row))
        if not again.in_order(row):
            order = self._delimiter.join(row)
            expected = "the order of the first one; several files may be given one by one, each with its own"
            raise DataError(self.name, self.line, f"the header comes again in another order: {shown(order)}", expected)
        again.count += 1
        if self._context.options.follow:  # there may be no end at which all are counted
            self._context.note(f"{self.name}: lines that are the header once more are no events, and passed over")
        return True

    def _is_rule(self, row: list[str]) -> bool:
        from .drawn_tables import is_rule  # which few tables need

        return is_rule([self._delimiter.join(row)])

    def _tell_headers(self) -> None:
        """Say at the end how many rows were the header once more."""
        if self._again is not None and self._again.count and not self._context.options.follow:
            count = self._again.count
            rows = "1 row, which is no event and is" if count == 1 else f"{count:,} rows, which are no events and are"
            self._context.note(f"{self.name}: the header comes again in {rows} passed over")

    def _odd(self, row: list[str], width: int) -> None:
        """Say that a row is of another width, where it does not go on with what the row above says."""
        if self._top.ruled and (len(row) == 1 or self._is_rule(row)):
            self._context.note(f"{self.name}: lines between and below the rows of the drawn table are passed over")
        elif self._top.named:
            self._context.bad(
                self.name, self.line, f"{len(row)} columns, but the header has {width}", f"{width} columns"
            )
        elif _continuing(self._delimiter.join(row)):
            self._context.tell_continued(self.name)
        else:
            expected = f"{width} columns; if it is a log: {parameter('format')} log"
            self._context.bad(self.name, self.line, f"{len(row)} columns, but the first row has {width}", expected)


def _continuing(text: str) -> bool:
    from .records import continuing  # whose patterns take as long to compile as a small file to learn

    return continuing(text)
