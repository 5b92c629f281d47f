"""Mutations of files: what transport, editors, crashes and attackers do to bytes, and what parsers choke on."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]
LONGEST = 1 << 15
"""Bytes of what is put in; that which takes the square of its length shows by then."""
LARGEST = 1 << 20
"""Bytes to which the result of a mutation is cut: numbers that swell twice fill the memory by themselves."""
ODD = (
    *(b"\0", b"\xff", b"\r", b"\n", b"\t", b"\x1b[1m", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b"),
    *(b'"', b"'", b"\\", b"\\u", b"\\ud800", b"<", b">", b"&x;", b"<!DOCTYPE a>", b"]]>", b"<![CDATA[", b"-->"),
    *(b"[", b"]", b"{", b"}", b"(", b")", b",", b";", b"|", b"=", b"null", b"true", b"NaN", b"-", b"''", b'""'),
    *(b"-1", b"1e999", b"9" * 25, b"9" * 5000, b"-9223372036854775809", b"0x", b"1_000", b"\xd9\xa1", b"\xc2\xb2"),
    *(b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+14:00", b"Feb 29 00:00:00", b"31/Dec/0000", b"25:61:61"),
    *(b"PAR1\x15", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"sep=;\n", b"#", b"CEF:0|", b"Records", b"resourceSpans"),
)
UNITS = (
    *(b"a", b"-", b" ", b"1", b"a.", b"/a", b'"', b"\\", b"=", b"0x", b"a1 ", b": ", b"<*>", b"\t", b"\0", b"::", b"%"),
    *(
        b"1.1.1.1 ",
        b"a=",
        b"\\x",
        b"a-",
        b"user ",
        b"'a' ",
        b"[1] ",
        b"{}",
        b"12:00:00 ",
        b"\xc3\xa9",
        b"\x1b[",
        b"&a=",
    ),
)
"""Of what long runs are made."""
NESTING = (b"[", b"{", b'{"a":', b'[{"a":', b"<trace>", b"<list>", b"(", b'"', b"((?:", b"<a><b>")


def _span(data: bytes, luck: random.Random) -> tuple[int, int]:
    start = luck.randrange(len(data) + 1)
    return start, min(len(data), start + luck.choice((1, 1, 2, 5, 20, 200)))


def flipped(data: bytes, luck: random.Random) -> bytes:
    """Flip bits in some bytes."""
    found = bytearray(data)
    for _ in range(luck.choice((1, 1, 3, 10)) if data else 0):
        found[luck.randrange(len(found))] ^= 1 << luck.randrange(8)
    return bytes(found)


def cut(data: bytes, luck: random.Random) -> bytes:
    """Cut a piece out, or off."""
    start, stop = _span(data, luck)
    return data[:start] if luck.random() < 0.3 else data[:start] + data[stop:]


def doubled(data: bytes, luck: random.Random) -> bytes:
    """Repeat a piece."""
    start, stop = _span(data, luck)
    return data[:stop] + data[start:stop] * luck.choice((1, 2, 30)) + data[stop:]


def spliced(data: bytes, luck: random.Random) -> bytes:
    """Put a piece of it elsewhere."""
    start, stop = _span(data, luck)
    at = luck.randrange(len(data) + 1)
    return data[:at] + data[start:stop] + data[at:]


def with_oddities(data: bytes, luck: random.Random) -> bytes:
    """Put in, or in the place of something, what has a meaning in some format, or none in any."""
    for _ in range(luck.choice((1, 1, 2, 4))):
        start, stop = _span(data, luck)
        data = data[:start] + luck.choice(ODD) + data[start if luck.random() < 0.5 else stop :]
    return data


def nested(data: bytes, luck: random.Random) -> bytes:
    """Open something very often."""
    at = luck.choice((0, luck.randrange(len(data) + 1)))
    return data[:at] + luck.choice(NESTING) * luck.choice((10, 200, 2000)) + data[at:]


def lengthened(data: bytes, luck: random.Random) -> bytes:
    """Put in a long run of few characters."""
    at = luck.randrange(len(data) + 1)
    unit = luck.choice(UNITS)
    return data[:at] + unit * (luck.choice((100, 2000, LONGEST)) // len(unit)) + data[at:]


def numbers_swollen(data: bytes, luck: random.Random) -> bytes:
    """Put many digits, a sign or an exponent in the place of some numbers."""
    large = luck.choice((b"9" * 19, b"9" * 400, b"-9223372036854775809", b"1e400", b"0" * 5000 + b"1", b"4294967296"))
    return re.sub(rb"[0-9]+", lambda found: large if luck.random() < 0.2 else found[0], data[:LONGEST])


def reencoded(data: bytes, luck: random.Random) -> bytes:
    """Write it in another encoding, or a part of it."""
    name = luck.choice(("utf-16", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp037"))
    at = luck.choice((0, luck.randrange(len(data) + 1)))
    return data[:at] + data[at:].decode("utf-8", "replace").encode(name, "replace")


def broken_gzip(data: bytes, luck: random.Random) -> bytes:
    """Compress it, and cut or flip that."""
    packed = gzip.compress(data, 1, mtime=0)
    return luck.choice((cut, flipped, doubled))(packed, luck)


def lines_mixed(data: bytes, luck: random.Random) -> bytes:
    """Put the lines in another order, with others' ends."""
    lines = data.split(b"\n")
    luck.shuffle(lines)
    return luck.choice((b"\n", b"\r\n", b"\r", b"\n\n", b"\x0b")).join(lines)


MUTATIONS: dict[str, Mutation] = {
    "flipped": flipped,
    "cut": cut,
    "doubled": doubled,
    "spliced": spliced,
    "with oddities": with_oddities,
    "nested": nested,
    "lengthened": lengthened,
    "numbers swollen": numbers_swollen,
    "reencoded": reencoded,
    "broken gzip": broken_gzip,
    "lines mixed": lines_mixed,
}
_OFTEN = ("flipped", "cut", "doubled", "spliced", "with oddities", "nested", "lengthened", "numbers swollen")


def mutated(data: bytes, others: list[bytes], luck: random.Random) -> tuple[bytes, list[str]]:
    """Return bytes after one to three mutations, and the names of these; now and then half of another file behind."""
    done = []
    for _ in range(luck.choice((1, 1, 2, 3))):
        name = luck.choice(_OFTEN if luck.random() < 0.7 else tuple(MUTATIONS))
        data = MUTATIONS[name](data, luck)[:LARGEST]
        done.append(name)
    if luck.random() < 0.05:
        other = luck.choice(others)
        data, done = data[: len(data) // 2] + other[len(other) // 2 :], [*done, "crossed"]
    return data, done
