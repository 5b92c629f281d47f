"""Named settings of the factory, and the file that overrides them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..arguments import fitting_path
from ..errors import DataError, UsageError
from ..json_text import DEEPEST
from .parameters import Parameters

PROFILES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "default": ("failures, maintenance, people and one carrier", {}),
    "no-failures": ("machines do not break down", {"breakdown_law": "off"}),
    "no-maintenance": (
        "neither breakdowns nor preventive maintenance",
        {"breakdown_law": "off", "maintenance_period": {"diffusion": 0.0, "implant": 0.0, "litho": 0.0}},
    ),
    "no-people": ("machines load and repair themselves", {"operators": {}, "technicians": []}),
    "breaks": (
        "every operator has 30 minutes of break in each shift (the true length is unknown)",
        {"break_time": 30.0},
    ),
    "failures-by-steps": ("breakdowns after a number of runs, not after a time", {"breakdown_law": "steps"}),
    "fifo": ("lithography takes lots in order and ignores setups", {"dispatch": {"litho": "fifo"}}),
    "valente": (
        "15 minutes each to load and unload a diffusion batch, as another source has it",
        {"load_time": {"diffusion": 15.0}, "unload_time": {"diffusion": 15.0}},
    ),
    "deadlock": (
        "no rule keeps places for later steps and lithography ignores setups, so that the line jams within weeks",
        {"keep_places": False, "step_places": {}, "dispatch": {"litho": "fifo"}},
    ),
}
"""What each profile is, and what it changes."""


def load_parameters(
    profile: str = "default", config: str | Path | None = None, settings: Mapping[str, Any] | None = None
) -> Parameters:
    """Return the parameters of a profile, with those of a TOML file and single settings over it.

    Raises
    ------
    UsageError
        If there is no such profile or parameter.
    DataError
        If the file cannot be read.

    Examples
    --------
    >>> load_parameters("no-failures", settings={"shift": 480}).breakdown_law
    'off'
    """
    if profile not in PROFILES:
        raise UsageError(f"no profile {profile!r} (expected: {', '.join(PROFILES)})")
    parameters = Parameters().changed(PROFILES[profile][1])
    if config is not None:
        parameters = parameters.changed(_read(fitting_path(config, "config")))
    return parameters.changed(settings or {})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(str(path), None, f"cannot be read: {error.strerror}", "a TOML file") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, and numbers of very many digits, among them
        raise DataError(str(path), None, f"not TOML: {error}", "lines such as shift = 720") from None


def setting(text: str) -> dict[str, Any]:
    """Read NAME=VALUE or TABLE.KEY=VALUE; the value is TOML, and a bare word is a text.

    Examples
    --------
    >>> setting("process_time.S6=12"), setting("release=weekly")
    ({'process_time': {'S6': 12}}, {'release': 'weekly'})
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} sets nothing (expected: NAME=VALUE, such as starts.Pa=40)")
    try:
        made: Any = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        made = value.strip()
    parts = name.strip().split(".")
    if len(parts) > DEEPEST:
        raise UsageError(f"{text[:40]!r} names a table in a table too often (expected: NAME=VALUE or TABLE.KEY=VALUE)")
    for part in reversed(parts):
        made = {part: made}
    return dict(made)


def to_toml(parameters: Parameters) -> str:
    """Return all parameters as TOML, each with its unit, provenance and meaning as a comment."""
    lines, tables = [], []
    for about in parameters.about():
        comment = f"# {about.note}" + (f" [{about.unit}]" if about.unit else "") + f" ({about.mark})"
        if isinstance(about.value, Mapping):
            rows = [f"{key} = {_toml(value)}" for key, value in about.value.items()]
            tables += ["", comment, f"[{about.name}]", *rows]
        else:
            lines += [comment, f"{about.name} = {_toml(about.value)}"]
    return "\n".join(lines + tables) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
