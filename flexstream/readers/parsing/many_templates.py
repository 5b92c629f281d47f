"""Templates of many messages at once: words are split by compiled loops, and messages that are alike looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._kernels.tokens import DONE, FULL, STATUS, SYMBOLS, split_lines
from ..texts.masks import masked_word
from ..texts.phrases import Phrases
from ..texts.secs import joined, tells
from .templates import looked_at, template, unquoted
from .word_table import WordTable

_MOST = 1 << 24  # bytes of words that are remembered
_EACH = 64  # bytes that a word takes beside its own
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Told(NamedTuple):
    """Different texts in the order of first sight, and which of them each message has."""

    texts: Sequence[str]
    places: NDArray[np.intp]


class ManyTemplates:
    """Finds the template of each of many messages, as `template` does one by one.

    Messages whose masked words are the same have the same template, which is made once.

    Examples
    --------
    >>> found = ManyTemplates().of(["lot 7 loaded", "lot 8 loaded", "idle", "lot 'a b' loaded"])
    >>> found.texts, found.places.tolist()
    (['lot <*> loaded', 'idle'], [0, 0, 1, 0])
    """

    def __init__(self) -> None:
        self._forget()
        self._phrases = Phrases()

    def _forget(self) -> None:
        self._words = WordTable()
        self._ids: dict[str, int] = {}  # of masked words
        self._masks = np.empty(0, np.int64)  # that of each word

    def of(self, messages: Sequence[str]) -> Told:
        """Return the templates of messages."""
        plain = [_bare(text) for text in messages]
        text = "\n".join(plain)
        if tells(text):
            plain = [_bare(joined(looked_at(text))) for text in messages]
            text = "\n".join(plain)
        lines = len(plain)
        if not text.isascii() or not text.replace("\n", "").isprintable() or text.count("\n") != lines - 1:
            return _told(list(map(template, messages)))
        words, stops = self._split(text.encode("ascii") + b"\n", lines)
        if stops[0] == 0 or (stops[1:] == stops[:-1]).any():  # an empty message
            return _told(list(map(template, messages)))
        return self._alike(words, stops) or _told(list(map(template, messages)))

    def _split(self, text: bytes, lines: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the masks of all words as numbers, and where those of each line stop."""
        if self._words.size + _EACH * len(self._words) > _MOST:
            self._forget()
        buffer = np.frombuffer(text, np.uint8)
        words, stops = np.empty(len(buffer) // 2 + 1, np.int32), np.empty(lines, np.int64)
        state = np.array([0, 0, 0, 0, DONE, 0])
        split_lines(self._words.columns, buffer, 0, words, stops, state)
        while state[STATUS] == FULL:
            self._words.grow_or_close(len(buffer))
            split_lines(self._words.columns, buffer, 0, words, stops, state)
        fresh = map(masked_word, self._words.texts(len(self._masks)))
        ids = [self._ids.setdefault(mask, len(self._ids)) for mask in fresh]
        self._masks = np.append(self._masks, np.array(ids, np.int64))
        return self._masks[words[: state[SYMBOLS]]], stops

    def _alike(self, masks: NDArray[np.int64], stops: NDArray[np.int64]) -> Told | None:
        """Return the templates of messages by the masks of their words; None if others have one hash."""
        starts = np.concatenate(([0], stops[:-1]))
        lengths = stops - starts
        places = np.arange(len(masks)) - np.repeat(starts, lengths)
        hashes = _hashes(masks, places, starts)
        _, first, own = np.unique(hashes, return_index=True, return_inverse=True)
        own = own.ravel()
        like = first[own]
        if (lengths[like] != lengths).any() or (masks[places + np.repeat(starts[like], lengths)] != masks).any():
            return None
        names = list(self._ids)
        order = np.argsort(first, kind="stable")
        made = [
            self._phrases[" ".join([names[mask] for mask in masks[start:stop].tolist()])]
            for start, stop in zip(starts[first[order]].tolist(), stops[first[order]].tolist(), strict=True)
        ]
        rank = np.empty(len(order), np.intp)
        rank[order] = np.arange(len(order))
        told = _told(made)
        return Told(told.texts, told.places[rank[own]])


def _hashes(masks: NDArray[np.int64], places: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a hash of each message by its words and their places; none is empty."""
    with np.errstate(over="ignore"):
        mixed = (masks.astype(np.uint64) + np.uint64(1)) * _FACTOR
        mixed = (mixed ^ (mixed >> np.uint64(29))) + places.astype(np.uint64) * (_FACTOR >> np.uint64(1))
        mixed = (mixed ^ (mixed >> np.uint64(32))) * _FACTOR
        return np.asarray(np.add.reduceat(mixed ^ (mixed >> np.uint64(29)), starts), np.uint64)


def _bare(text: str) -> str:
    text = looked_at(text)
    return unquoted(text) if '"' in text or "'" in text else text


def _told(texts: Sequence[str]) -> Told:
    """Return texts, each different one once."""
    ids: dict[str, int] = {}
    places = [ids.setdefault(text, len(ids)) for text in texts]
    return Told(list(ids), np.array(places, np.intp))
