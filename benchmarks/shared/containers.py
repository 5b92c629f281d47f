"""Mutations of saved states whose hashes are right all the same: what an attacker would write into a checkpoint."""

from __future__ import annotations

import json
import random
from hashlib import sha256

from flexstream.container import MAGIC

from .documents import tampered
from .mutations import mutated

_START = len(MAGIC) + 8 + 32
NUMBERS = (-(2**63), -(2**31), -1, 0, 1, 2, 7, 1000, 2**31 - 1, 2**31, 2**53, 2**63 - 1)


def _taken_apart(data: bytes) -> tuple[dict[str, object], list[bytes]]:
    stop = _START + int.from_bytes(data[len(MAGIC) : len(MAGIC) + 8], "little")
    head, parts = json.loads(data[_START:stop].decode("utf-8", "surrogatepass")), []
    for length, _ in head["parts"]:
        parts.append(data[stop : stop + length])
        stop += length
    return head, parts


def _put_together(head: dict[str, object], parts: list[bytes]) -> bytes:
    head = {**head, "parts": [[len(part), sha256(part).hexdigest()] for part in parts]}
    text = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return b"".join([MAGIC, len(text).to_bytes(8, "little"), sha256(text).digest(), text, *parts])


def _part_changed(part: bytes, luck: random.Random) -> bytes:
    """Return a column with another number, or of another length."""
    if luck.random() < 0.1 or len(part) < 8:
        return part[:-8] if luck.random() < 0.5 else part + part[-8:]
    width = luck.choice((4, 8))
    at = luck.randrange(len(part) // width) * width
    number = luck.choice(NUMBERS) & (1 << 8 * width) - 1
    return part[:at] + number.to_bytes(width, "little") + part[at + width :]


def tampered_state(data: bytes, luck: random.Random) -> tuple[bytes, list[str]]:
    """Return a saved state with one to three values changed, and what was done; one time in five bytes are changed.

    Lengths and hashes are those of what it holds then, but where bytes are changed.
    """
    if luck.random() < 0.2:
        return mutated(data, [b"{}"], luck)
    head, parts = _taken_apart(data)
    done = []
    for _ in range(luck.choice((1, 1, 3))):
        if luck.random() < 0.5:
            number = luck.randrange(len(parts))
            parts[number] = _part_changed(parts[number], luck)
            done.append(f"part {number}")
        else:
            head["state"], did = tampered(head["state"], luck, 1)
            done += did
    return _put_together(head, parts), done
