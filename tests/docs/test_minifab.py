"""docs/minifab.md says what is so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flexstream.fab.faults import KINDS, parse_fault
from flexstream.fab.parameters import Parameters
from flexstream.fab.profiles import PROFILES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "minifab.md").read_text()
COMMANDS = re.findall(r"^flexstream simulate [^|\n]*", PAGE, re.MULTILINE)


def shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {shown(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_its_table_of_parameters_is_complete() -> None:
    for about in Parameters().about():
        row = f"| `{about.name}` | {shown(about.value)} | {about.unit} | {about.mark} | {about.note} |"
        assert row in PAGE


def test_it_names_profiles_and_faults() -> None:
    assert all(f"`{name}`" in PAGE for name in PROFILES)
    faults = re.findall(r"^\| `(\w+:\S+@6w)` ", PAGE, re.MULTILINE)
    assert {parse_fault(fault, Parameters()).kind for fault in faults} == set(KINDS)


@pytest.mark.parametrize("line", COMMANDS)
def test_its_commands_are_understood(line: str) -> None:
    from flexstream_cli.minifab import minifab

    minifab.make_context("minifab", shlex.split(line)[3:])


def test_it_shows_commands() -> None:
    assert len(COMMANDS) >= 5
