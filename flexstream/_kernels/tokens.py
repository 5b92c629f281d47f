"""From bytes to symbol ids: splitting lines at blanks and looking the words up, without a Python object each."""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from .jit import bare_kernel_of, columns_type, hot, inline, kernel, kernel_of
from .table import FREE

WORDS, BYTES, LEFT, OTHER, COST = range(5)
OPEN = -1  # in place of the catch-all word while every new word gets a number
POSITION, SYMBOLS, TRACES, COUNT, STATUS, REJECTED = 0, 1, 2, 3, 4, 5
DONE, FULL, ODD = 0, 1, 2

_TAB, _LINE_FEED, _RETURN, _BLANK, _MINUS, _ZERO, _ONE, _NINE = 9, 10, 13, 32, 45, 48, 49, 57
_PRIME = np.uint64(0x9FB21C651E98DF25)
_SHORT = 7  # bytes of a word that fit into its code, beside its length
_BYTES = np.uint64((1 << 56) - 1)
_LONGEST_NUMBER = 18
_ONES = np.uint64(0x0101010101010101)
_HIGHS = np.uint64(0x8080808080808080)
_LEAST = np.uint64(0x2121212121212121)  # the least byte that surely belongs to a word, eight times


class WordColumns(NamedTuple):
    """All words seen: word ``i`` is ``arena[starts[i]:starts[i + 1]]``, in UTF-8."""

    slots: NDArray[np.int32]  # table from code to word
    hashes: NDArray[np.uint64]  # word: its code, see longer
    starts: NDArray[np.int64]  # word, and one more
    arena: NDArray[np.uint8]
    size: NDArray[np.int64]  # as named above: words, bytes of the arena, left in the alphabet; catch-all; bytes a word


WORD_COLUMNS = columns_type(WordColumns)
BUFFER = types.Array(types.uint8, 1, "C", readonly=True)
IDS = types.Array(types.int32, 1, "C")
NUMBERS = types.Array(types.int64, 1, "C")
SPANS = types.Array(types.int64, 2, "C")


@hot
def same(words, word, buffer, start, stop):
    """Tell whether a word whose code is that of ``buffer[start:stop]`` is that; a short word's code says it all."""
    if stop - start <= _SHORT:
        return True
    first = words.starts[word]
    if words.starts[word + 1] - first != stop - start:
        return False
    for i in range(stop - start):
        if words.arena[first + i] != buffer[start + i]:
            return False
    return True


@hot
def look_up(words, buffer, start, stop, code):
    """Return the id of a word, made if it is new, or the catch-all's; -1 if there is no room for it."""
    mask = np.uint64(len(words.slots) - 1)
    slot = scatter(code) & mask
    while True:
        word = np.int64(words.slots[slot])
        if word == FREE:
            return add_word(words, buffer, start, stop, code, slot)
        if words.hashes[word] == code and same(words, word, buffer, start, stop):
            return word
        slot = (slot + np.uint64(1)) & mask


@inline
def add_word(words, buffer, start, stop, code, slot):
    """Enter a word at the slot where it belongs; return its id, -1 if there is no room for it.

    Once the alphabet is closed a new word is the catch-all; where it should be closed now, no bytes are left (-1).
    """
    if words.size[OTHER] != OPEN:
        return words.size[OTHER]
    cost = words.size[COST] + stop - start
    if cost > words.size[LEFT]:
        words.size[LEFT] = -1
        return np.int64(-1)
    word, used = words.size[WORDS], words.size[BYTES]
    if word + 1 >= len(words.starts) or used + stop - start > len(words.arena):
        return np.int64(-1)
    for i in range(stop - start):
        words.arena[used + i] = buffer[start + i]
    words.hashes[word], words.slots[slot] = code, word
    words.starts[word + 1] = used + stop - start
    words.size[WORDS], words.size[BYTES] = word + 1, used + stop - start
    words.size[LEFT] -= cost
    return word


@hot
def scatter(code):
    """Return where the search for a code begins; the high bits of a product hang on all bits of the code."""
    return (code * _PRIME) >> np.uint64(32)


@hot
def parts_words(buffer, position):
    """Tell whether a byte ends a word: a blank, a tab, a line feed, or the return before one."""
    byte = buffer[position]
    if byte == _RETURN:
        return position + 1 < len(buffer) and buffer[position + 1] == _LINE_FEED
    return byte in (_BLANK, _LINE_FEED, _TAB)


@hot
def longer(code, length, byte):
    """Return the code of a word of some length with one more byte: the bytes themselves as long as they fit."""
    if length < _SHORT:
        return code | (np.uint64(byte) << np.uint64(8 * length))
    return (code ^ np.uint64(byte)) * _PRIME


@intrinsic
def load_eight(typing_context, buffer, position):
    """Load eight bytes of a buffer, which it must have, as one number, the first as the lowest."""

    def generate(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer())
        eight = builder.load(pointer)
        eight.align = 1
        return eight if sys.byteorder == "little" else builder.bswap(eight)

    return types.uint64(buffer, types.int64), generate


@hot
def leading(eight):
    """Return how many of eight bytes, from the lowest on, surely belong to a word, and their code; at most seven.

    A byte below 33 leaves its highest bit set when 33 is taken off ("Determine if a word has a byte less than n" in
    Anderson, Bit Twiddling Hacks, Stanford); what that does to higher bytes does not matter.
    """
    below = (eight - _LEAST) & ~eight & _HIGHS
    if below == 0:
        return np.int64(_SHORT), eight & _BYTES
    upto = (below & (~below + np.uint64(1))) - np.uint64(1)  # all bits under the lowest that is set
    number = (((upto & _ONES) * _ONES) >> np.uint64(56)) - np.uint64(1)
    return np.int64(number), eight & ((np.uint64(1) << (np.uint64(8) * number)) - np.uint64(1))


@hot
def finished(code, length):
    """Return the code of a whole word: no two words of up to seven bytes share one, nor one with a longer word."""
    return (code & _BYTES) | (np.uint64(min(length, _SHORT + 1)) << np.uint64(56))


@hot
def code_of(buffer, start, stop):
    """Return the code of a word."""
    length, known, code = stop - start, np.int64(0), np.uint64(0)
    if start + 8 <= len(buffer):
        known = min(length, _SHORT)
        code = load_eight(buffer, start) & ((np.uint64(1) << np.uint64(8 * known)) - np.uint64(1))
    while known < length:
        code = longer(code, known, buffer[start + known])
        known += 1
    return finished(code, length)


@inline
def plain_number(buffer, start, stop):
    """Return the number written in a word as Python would write it, -1 if it is none."""
    if stop - start > _LONGEST_NUMBER or (buffer[start] == _ZERO and stop - start > 1):
        return np.int64(-1)
    value = np.int64(0)
    for position in range(start, stop):
        if not _ZERO <= buffer[position] <= _NINE:
            return np.int64(-1)
        value = value * 10 + np.int64(buffer[position]) - _ZERO
    return value


@inline
def label(buffer, start, stop):
    """Return the label of a line, 0 or 1 (as which -1, nobody knows, counts as well), or -1 if a word is none."""
    if stop - start == 1 and _ZERO <= buffer[start] <= _ONE:
        return np.int64(buffer[start]) - _ZERO
    unknown = stop - start == 2 and buffer[start] == _MINUS and buffer[start + 1] == _ONE
    return np.int64(1) if unknown else np.int64(-1)


@inline
def lead(buffer, start, stop, unread, accepted):
    """Read a word that leads a line; return what `stated` is now, whether to keep it, and a status."""
    if unread == -2:
        found = label(buffer, start, stop)
        return np.int64(-1), found != 0, ODD if found < 0 else DONE
    stated = plain_number(buffer, start, stop)
    return stated, accepted, ODD if stated < 0 else DONE


@inline
def is_visible(buffer, start, stop):
    """Tell whether a word holds no control character, at which others might part it."""
    for position in range(start, stop):
        if buffer[position] <= _BLANK:
            return False
    return True


@bare_kernel_of(types.void(WORD_COLUMNS, BUFFER, types.int64, IDS, NUMBERS, NUMBERS))
def split_lines(words, buffer, leads, symbols, offsets, state):
    """Split whole lines into traces of word ids, from where ``state`` says; the last may lack its line feed.

    Stops with status FULL where the words have no room for a new one (call again with more), and with status ODD at a
    line whose leading words are not what they should be.  Of lines labelled 0 the words are counted but not looked up.

    Parameters
    ----------
    words : WordColumns
    buffer : uint8 array
    leads : int
        Words that lead a line: none; 1: the number of words that follow; 2: a label (1, 0 or -1) and this number.
        With leading words blank lines are no traces.
    symbols, offsets : int32 and int64 arrays
        Are filled; ``offsets`` with the end of each trace.
    state : int64 array, shape (6,)
        Position in the buffer, symbols and traces so far, the length the present line states (negative: so many leading
        words not read yet; ``-leads`` to begin with), status, lines labelled 0 so far.
    """
    position, size, traces, stated = state[POSITION], state[SYMBOLS], state[TRACES], state[COUNT]
    start_of_trace = offsets[traces - 1] if traces > 0 else np.int64(0)
    start, code, status, accepted = position, np.uint64(0), DONE, True
    end = len(buffer) if len(buffer) > 0 and buffer[-1] == _LINE_FEED else len(buffer) + 1
    while position < end and status == DONE:
        if position == start and position + 8 <= len(buffer):
            plain, code = leading(load_eight(buffer, position))
            position += plain
        byte = buffer[position] if position < len(buffer) else np.uint8(_LINE_FEED)
        # One comparison tells most bytes.
        if byte > _BLANK or (position < len(buffer) and not parts_words(buffer, position)):
            code = longer(code, position - start, byte)
            position += 1
            continue
        if position > start and stated < 0:
            stated, accepted, status = lead(buffer, start, position, stated, accepted)
        elif position > start and accepted:
            word = look_up(words, buffer, start, position, finished(code, position - start))
            if word < 0:
                status, position = FULL, start
                break
            symbols[size] = word
            size += 1
        elif position > start:
            status = DONE if is_visible(buffer, start, position) else ODD
            size += 1
        if byte == _LINE_FEED and leads == 0:
            offsets[traces] = size
            traces += 1
        elif byte == _LINE_FEED and stated != -leads:
            if size - start_of_trace != stated:
                status = ODD
            if accepted:
                offsets[traces] = start_of_trace = size
                traces += 1
            else:
                state[REJECTED] += 1
                size, accepted = start_of_trace, True
            stated = np.int64(-leads)
        position += 1
        start, code = position, np.uint64(0)
    state[:STATUS] = position, size, traces, stated
    state[STATUS] = status


@kernel
def rehash(words):
    """Enter all words into a cleared table, but for the catch-all, which stands for words that are not there."""
    words.slots[:] = FREE
    mask = np.uint64(len(words.slots) - 1)
    for word in range(words.size[WORDS]):
        if word == words.size[OTHER]:
            continue
        slot = scatter(words.hashes[word]) & mask
        while words.slots[slot] != FREE:
            slot = (slot + np.uint64(1)) & mask
        words.slots[slot] = word


@kernel_of(types.void(WORD_COLUMNS, BUFFER, types.Array(types.int64, 1, "C", readonly=True)))
def add_words(words, buffer, stops):
    """Add words that stand one behind the other; there must be room, and none of them may be known."""
    start = np.int64(0)
    for stop in stops:
        word, used = words.size[WORDS], words.size[BYTES]
        words.arena[used : used + stop - start] = buffer[start:stop]
        words.hashes[word] = code_of(buffer, start, stop)
        words.starts[word + 1] = used + stop - start
        words.size[WORDS], words.size[BYTES] = word + 1, used + stop - start
        start = stop


@bare_kernel_of(types.int64(WORD_COLUMNS, BUFFER, SPANS, types.int64, IDS, types.int64))
def look_up_all(words, buffer, spans, column, ids, row):
    """Look up the words that a column of spans marks, from a row on; return the row at which there is no more room."""
    while row < len(ids):
        start, stop = spans[row, column], spans[row, column + 1]
        word = look_up(words, buffer, start, stop, code_of(buffer, start, stop))
        if word < 0:
            break
        ids[row] = word
        row += 1
    return row
