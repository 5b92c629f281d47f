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
def word_code(word: bytes) -> int:
    """Return the code of a word: its bytes as far as seven go, else a hash of all; in the highest byte its length."""
    code = int.from_bytes(word[:7], "little")
    for byte in word[7:]:
        code = ((code ^ byte) * PRIME) & MASK
    return code % 2**56 + min(len(word), 8) * 2**56


@twin("tokens.rehash")
def word_table(words: Sequence[bytes], size: int, without: int | None = None) -> list[int]:
    """Return a table of some size that leads from words to their places, but for one that stands for all others."""
    slots = [-1] * size
    for place, word in enumerate(words):
        if place == without:
            continue
        slot = ((word_code(word) * PRIME & MASK) >> 32) * size >> 32
        while slots[slot] >= 0:
            slot = (slot + 1) % size
        slots[slot] = place
    return slots
