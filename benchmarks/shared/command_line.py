"""Commands run in this process, and what must hold of whatever they say."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flexstream.visible import visible
from flexstream_cli.main import main

ENDS = {0: "right", 1: "told", 2: "told", 3: "right"}
"""How a command ended by its exit code; 3 is what ``--exit-code`` and ``--fail-above`` ask for."""
LAYOUT = {"\n", "\t", "\r"}


@dataclass
class Said:
    """How a command ended and what it said."""

    code: Any
    out: bytes
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines that tell of an error; ``inspect`` tells of what it finds wrong with the rest."""
        lines = [*self.err.splitlines(), *self.out.decode("utf-8", "replace").splitlines()]
        return [line for line in lines if line.lower().startswith(("error:", "flexstream: error:", "problem:"))] + [
            line for line in lines if line.startswith("{") and '"problem": "' in line
        ]


def run(args: Sequence[object], given: bytes = b"") -> Said:
    """Run a command line; what it raises but must not reaches the caller."""
    out, err = io.BytesIO(), io.BytesIO()
    before = sys.stdin, sys.stdout, sys.stderr
    streams = [io.TextIOWrapper(raw, encoding="utf-8", write_through=True) for raw in (io.BytesIO(given), out, err)]
    sys.stdin, sys.stdout, sys.stderr = streams
    code: Any = 0
    try:
        main([str(arg) for arg in args])
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        for stream in streams:
            stream.detach()
        sys.stdin, sys.stdout, sys.stderr = before
    return Said(code, out.getvalue(), err.getvalue().decode("utf-8", "replace"))


def raw_in(text: str) -> set[str]:
    """Return the characters of a text that must not reach a terminal, but for those that lay it out.

    >>> raw_in("load\\n"), raw_in("\\x1b[2J")
    (set(), {'\\x1b'})
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return set()
    return {character for character in set(text) - LAYOUT if visible(character) != character}


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def strict_json(text: str) -> Any:
    """Read JSON as other programs do: no NaN, no infinity."""
    return json.loads(text, parse_constant=_refuse)


def judged(said: Said, form: str = "") -> str:
    """Return how a command ended, ``right`` or ``told``; raises AssertionError that says what must not be.

    ``form`` is what it should have printed: ``json``, ``jsonl``, or anything else, of which nothing is asked but that
    a terminal can bear it.
    """
    if said.code not in ENDS:
        raise AssertionError(f"ended with {said.code!r}")
    end = ENDS[said.code]
    if len(said.errors) != (end == "told"):
        raise AssertionError(f"code {said.code}, and {len(said.errors)} lines of error: {said.err[-300:]!r}")
    if raw_in(said.err):
        raise AssertionError(f"raw on stderr: {raw_in(said.err)!a}")
    if form == "bytes":
        return end
    text = said.out.decode()
    if raw_in(text):
        raise AssertionError(f"raw on stdout: {raw_in(text)!a}")
    if end == "right" and form == "json":
        strict_json(text)
    for line in text.splitlines() if form == "jsonl" else ():
        strict_json(line)
    return end
