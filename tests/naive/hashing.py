"""Slow twins of hash functions and of the tables that are probed with them."""

from __future__ import annotations

from collections.abc import Sequence

from .registry import twin

MASK = (1 << 64) - 1


def mix(x: int) -> int:
    """Scramble 64 bits."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def chain(codes: Sequence[int]) -> int:
    """Return the hash of a string of codes."""
    running = 0
    for code in codes:
        running = mix((running * 0x9E3779B97F4A7C15 + code + 1) & MASK)
    return running


@twin("keys.make_keys")
def keys(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return node * 2^32 + symbol."""
    return [node * 2**32 + symbol for node, symbol in pairs]


@twin("keys.split_keys")
def pairs_of(given: Sequence[int]) -> list[tuple[int, int]]:
    """Return nodes and symbols."""
    return [divmod(key, 2**32) for key in given]


@twin("table.rebuild")
def table(given: Sequence[int], size: int) -> list[int]:
    """Return a table of some size that leads from keys to their places, -1 where it is free."""
    slots = [-1] * size
    for place, key in enumerate(given):
        slot = (mix(key // 8) + key % 8) % size
        while slots[slot] >= 0:
            slot = (slot + 1) % size
        slots[slot] = place
    return slots


PRIME = 0x9FB21C651E98DF25


@twin("tokens.add_words")
def word_code(word: bytes) -> tuple[int, int]:
    """Return the code of a word: its first seven bytes, mixed with the tail, below its length; and what is behind them.

    Of the length 16 stands for all from there on; a tail of more than eight bytes is a hash of them.
    """
    length, tail = len(word), int.from_bytes(word[7:15], "little")
    if length > 15:
        pieces = [word[at : at + 8] for at in range(7, length - 8, 8)]
        tail = length
        for piece in [*pieces, word[-8:]]:
            tail = mix(tail ^ int.from_bytes(piece, "little"))
    first = int.from_bytes(word[:7], "little") ^ (tail * PRIME & MASK) >> 8
    return first + min(length, 16) * 2**56, tail


@twin("tokens.rehash")
def word_table(words: Sequence[bytes], size: int, without: int | None = None) -> list[int]:
    """Return a table of some size that leads from words to their places, but for one that stands for all others."""
    slots = [-1] * size
    for place, word in enumerate(words):
        if place == without:
            continue
        slot = ((word_code(word)[0] * PRIME & MASK) >> 32) * size >> 32
        while slots[slot] >= 0:
            slot = (slot + 1) % size
        slots[slot] = place
    return slots
