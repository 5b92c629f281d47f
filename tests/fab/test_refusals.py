"""What the factory refuses, word by word, and what is just allowed."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import pytest

from flexstream.errors import DataError, UsageError
from flexstream.fab.checks import CHOICES
from flexstream.fab.faults import KINDS, parse_fault
from flexstream.fab.log.views import View, ViewOptions, check_life, check_only
from flexstream.fab.parameters import About, Parameters, _like
from flexstream.fab.profiles import load_parameters, setting, to_toml

P = Parameters()
NUMBER = "(expected: a number, not negative)"


def refused(changes: dict[str, Any]) -> str:
    """Return why a factory is none; tables stand for themselves here, nothing of the default stays in them."""
    with pytest.raises(UsageError) as caught:
        dataclasses.replace(P, **changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"breakdown_law": "never"}, "breakdown_law is 'never' (expected: time, steps, off)"),
        ({"release": "daily"}, "release is 'daily' (expected: spread, weekly)"),
        ({"carrier_rule": "lifo"}, "carrier_rule is 'lifo' (expected: fifo, nearest)"),
        ({"dispatch": {**P.dispatch, "litho": "x"}}, "dispatch.litho is 'x' (expected: fifo, least-setup)"),
        (
            {"breakdown_spread": 3000.5},
            "breakdown_spread is larger than breakdown_interval (expected: a half-width, so that no time is negative)",
        ),
        (
            {"repair_spread": 421.0},
            "repair_spread is larger than repair_time (expected: a half-width, so that no time is negative)",
        ),
        (
            {"batch_size": {**P.batch_size, "implant": 13}},
            "batch_size.implant is 13 (expected: at least 1 and at most the places of its buffer)",
        ),
        (
            {"batch_size": {**P.batch_size, "implant": 0}},
            "batch_size.implant is 0 (expected: at least 1 and at most the places of its buffer)",
        ),
        ({"hop_time": -0.5}, f"hop_time is -0.5 {NUMBER}"),
        ({"hop_time": math.nan}, f"hop_time is nan {NUMBER}"),
        ({"hop_time": math.inf}, f"hop_time is inf {NUMBER}"),
        ({"buffers": {**P.buffers, "C2": -1}}, f"buffers.C2 is -1 {NUMBER}"),
        ({"shift": 0.0}, "shift is 0.0 (expected: more than 0)"),
        ({"lot_size": 0.0}, "lot_size is 0.0 (expected: more than 0)"),
        ({"breakdown_interval": 0.0}, "breakdown_interval is 0.0 (expected: more than 0)"),
        ({"breakdown_steps": 0.0}, "breakdown_steps is 0.0 (expected: more than 0)"),
        ({"starts": {"Pa": 0.0}}, "starts has no lot (expected: lots a week for each product)"),
        ({"starts": {"Pa": 1e308, "Pb": 1e308}}, "starts has no lot (expected: lots a week for each product)"),
        ({"carrier": "T 1"}, "holds the name 'T 1' (expected: letters, digits, _, . and -)"),
        ({"technicians": ("",)}, "holds the name '' (expected: letters, digits, _, . and -)"),
        (
            {"machines": {**P.machines, "litho": ("Ma",)}},
            "machines names a machine twice (expected: a name for each)",
        ),
        (
            {"cells": {"C1": "diffusion", "C2": "litho", "C3": "litho"}},
            "cells holds ['diffusion', 'litho', 'litho'] (expected: each class in one cell: ['diffusion', 'implant', "
            "'litho'])",
        ),
        ({"load_time": {"diffusion": 1.0}}, "load_time lacks 'implant' (expected: all of diffusion, implant, litho)"),
        (
            {"unload_time": {"diffusion": 1.0, "implant": 1.0}},
            "unload_time lacks 'litho' (expected: all of diffusion, implant, litho)",
        ),
        ({"batch_size": {}}, "batch_size lacks 'diffusion' (expected: all of diffusion, implant, litho)"),
        ({"dispatch": {}}, "dispatch lacks 'diffusion' (expected: all of diffusion, implant, litho)"),
        ({"operator_priority": {}}, "operator_priority lacks 'diffusion' (expected: all of diffusion, implant, litho)"),
        ({"maintenance_time": {}}, "maintenance_time lacks 'diffusion' (expected: all of diffusion, implant, litho)"),
        (
            {"maintenance_period": {}},
            "maintenance_period lacks 'diffusion' (expected: all of diffusion, implant, litho)",
        ),
        ({"maintenance_gap": {}}, "maintenance_gap lacks 'diffusion' (expected: all of diffusion, implant, litho)"),
        ({"process_time": {"S1": 1.0}}, "process_time lacks 'S2' (expected: all of S1, S2, S3, S4, S5, S6)"),
        ({"breakdown_classes": ("etch",)}, "machines lacks 'etch' (expected: all of etch)"),
        ({"buffers": {"C1": 18, "C2": 12}}, "buffers lacks 'C3' (expected: all of C1, C2, C3)"),
        ({"route": {"S1": "etch"}}, "machines lacks 'etch' (expected: all of etch)"),
        ({"operators": {"PO1": ("Ma", "Mb", "Mc")}}, "operators lacks 'Md' (expected: all of Ma, Mb, Mc, Md, Me)"),
    ],
)
def test_each_problem_is_named(changes: dict[str, Any], words: str) -> None:
    assert refused(changes) == f"parameter {words}"


@pytest.mark.parametrize(
    "changes",
    [
        {"breakdown_spread": 3000.0},
        {"repair_spread": 420.0},
        {"batch_size": {**P.batch_size, "implant": 12}},
        {"hop_time": 0.0},
        {"lot_size": 1e-9},
        {"starts": {"Pa": 0.5}},
        {"breakdown_law": "off", "breakdown_classes": ("etch",)},
        {"operators": {}},
        {"technicians": ("a_b.c-1",)},
        {"maintenance_period": {**P.maintenance_period, "litho": 0.0}},
    ],
)
def test_what_is_just_allowed(changes: dict[str, Any]) -> None:
    made = dataclasses.replace(P, **changes)
    for name, value in changes.items():
        assert getattr(made, name) == value


def test_choices_are_those_of_the_parameters() -> None:
    assert CHOICES == {
        "breakdown_law": ("time", "steps", "off"),
        "release": ("spread", "weekly"),
        "carrier_rule": ("fifo", "nearest"),
    }


@pytest.mark.parametrize(
    ("old", "value", "made"),
    [
        *((1.0, 2, 2.0), (1.0, 2.5, 2.5), (1.0, "2", "a number"), (1.0, True, "a number"), (1, 2, 2)),
        *((1, 2.0, "a whole number"), (1, False, "a whole number"), (True, False, False), (True, 0, "true or false")),
        *(("a", "b", "b"), ("a", 3, "a text"), (("a",), ["b", "c"], ("b", "c")), (("a",), ("b",), ("b",))),
        *((("a",), "b", "a list of texts"), (("a",), [1], "a list of texts"), (("a",), [], ())),
    ],
)
def test_kinds_of_values(old: Any, value: Any, made: Any) -> None:
    if isinstance(made, str) and made != value:
        with pytest.raises(UsageError, match=f"^{re.escape(f'parameter x is {value!r} (expected: {made})')}$"):
            _like("x", old, value)
    else:
        found = _like("x", old, value)
        assert found == made and type(found) is type(old)


def test_names_of_parameters() -> None:
    with pytest.raises(UsageError, match=r"^no parameter 'shfit' \(expected: perhaps shift\)$"):
        P.changed({"shfit": 1})
    with pytest.raises(UsageError, match=r"^no parameter 'zzz' \(expected: one that --parameters lists\)$"):
        P.changed({"zzz": 1})
    with pytest.raises(UsageError, match=r"^parameter process_time is a table \(expected: keys such as S1\)$"):
        P.changed({"process_time": 1})
    empty = dataclasses.replace(P, step_places={})
    with pytest.raises(UsageError, match=r"^parameter step_places is a table \(expected: keys such as NAME\)$"):
        empty.changed({"step_places": 1})
    made = P.changed({"operators": {"PO3": ["Ma"]}})
    assert made.operators == {**P.operators, "PO3": ("Ma",)}
    with pytest.raises(UsageError, match=r"parameter operators.PO3 is 3 \(expected: a list of texts\)"):
        P.changed({"operators": {}}).changed({"operators": {"PO3": 3}})
    assert next(P.about()) == About("machines", P.machines, "names", "S", "machines of each class")


# --- settings and files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a=1", {"a": 1}),
        ("a.b.c=1.5", {"a": {"b": {"c": 1.5}}}),
        (" a = word ", {"a": "word"}),
        ('a="w=1"', {"a": "w=1"}),
        ("a=[1, 2]", {"a": [1, 2]}),
        ("a=", {"a": ""}),
    ],
)
def test_settings(text: str, made: dict[str, Any]) -> None:
    assert setting(text) == made


@pytest.mark.parametrize("text", ["a", "=1", " =1", ""])
def test_what_sets_nothing(text: str) -> None:
    told = f"{text!r} sets nothing (expected: NAME=VALUE, such as starts.Pa=40)"
    with pytest.raises(UsageError, match=f"^{re.escape(told)}$"):
        setting(text)


def test_parameters_as_a_file() -> None:
    lines = to_toml(P.changed({"look_ahead": False})).splitlines()
    for line in (
        'setup_classes = ["litho"]',
        "setup_product = 5.0",
        "look_ahead = false",
        "keep_places = true",
        'carrier = "T1"',
        "[batch_size]",
        "diffusion = 3",
        'PO1 = ["Ma", "Mb", "Mc", "Md"]',
        "# length of a shift [min] (D, M)",
        "# no task is begun that would make a machine of higher priority wait (D)",
    ):
        assert line in lines
    assert lines.index("[machines]") > lines.index("lots_in_line = 0")  # tables come last, each after an empty line
    assert all(lines[at - 2] == "" for at, line in enumerate(lines) if line.startswith("["))


def test_files_that_cannot_be_read(tmp_path: Any) -> None:
    path = tmp_path / "f.toml"
    with pytest.raises(DataError) as caught:
        load_parameters(config=path)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory (expected: a TOML file)"
    for content in (b"shift =", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"^{path}: not TOML: .* \(expected: lines such as shift = 720\)$"):
            load_parameters(config=path)
    known = "default, no-failures, no-maintenance, no-people, breaks, failures-by-steps, fifo, valente, deadlock"
    with pytest.raises(UsageError, match=rf"^no profile 'x' \(expected: {known}\)$"):
        load_parameters("x")


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("slow:Mc:2", "slow"), ("skip:S4", "skip"), ("route:S3+S4:0.1@1y", "route"), ("dispatch:x", "dispatch")),
        ("breakdowns:", "breakdowns"),
    ],
)
def test_how_a_fault_is_written(text: str, kind: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(f'{text!r} is no fault (expected: {KINDS[kind]})')}$"):
        parse_fault(text, P)


@pytest.mark.parametrize("text", ["x", "", "explode:Ma:1@1w", "Slow:Mc:2@1w"])
def test_kinds_of_faults(text: str) -> None:
    kinds = "slow, skip, route, dispatch, breakdowns"
    told = f"{text!r} is no fault (expected: KIND:TARGET:VALUE@TIME with a kind of {kinds}, such as slow:Mc:1.3@2w)"
    with pytest.raises(UsageError, match=f"^{re.escape(told)}$"):
        parse_fault(text, P)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        *(("slow:Mc:0.001@0m", True), ("slow:Mc:0@0m", False), ("slow:Mc:inf@0m", False), ("slow:all:2@0m", False)),
        *(("slow:litho:2@0m", False), ("skip:S4:1@0m", True), ("skip:S4:1.01@0m", False), ("skip:S4:0@0m", False)),
        *(("skip:S3+S4@0m", False), ("route:S3@0m", False), ("route:S3+S3@0m", False), ("route:S3+S4+S5@0m", False)),
        *(("route:S3+S9@0m", False), ("skip@0m", False), ("route@0m", False), ("dispatch:litho@0m", True)),
        *(("dispatch:Me@0m", False), ("dispatch:litho:x@0m", False), ("breakdowns:Mc@0m", True)),
        *(("breakdowns:Ma@0m", False), ("breakdowns:implant@0m", False), ("slow:Mc:2@1.2.3m", False)),
        ("breakdowns:all:0.1@0m", True),
    ],
)
def test_what_a_fault_may_strike(text: str, fits: bool) -> None:
    kind = text.split(":", maxsplit=1)[0].split("@", maxsplit=1)[0]
    if fits:
        assert parse_fault(text, P).kind == kind
    else:
        told = f"{text!r} strikes nothing there is, or not so (expected: {KINDS[kind]})"
        with pytest.raises(UsageError, match=f"^{re.escape(told)}$"):
            parse_fault(text, P)


def test_what_never_breaks_down() -> None:
    off = P.changed({"breakdown_law": "off"})
    for text in ("breakdowns:all@0m", "breakdowns:Mc@0m"):
        with pytest.raises(
            UsageError, match=r"^no machine breaks down, so none can more often \(expected: a breakdown_law"
        ):
            parse_fault(text, off)


# --- views ---------------------------------------------------------------------------------------------------------


def test_views_that_there_are() -> None:
    assert dataclasses.astuple(ViewOptions()) == ("lot", "", "cycle", False)
    kinds, periods = "lot, machine, operator, technician, carrier", "cycle, shift, day, life"
    with pytest.raises(UsageError, match=rf"^no view by 'x' \(expected: {kinds}\)$"):
        ViewOptions("x")
    with pytest.raises(UsageError, match=rf"^no view per 'x' \(expected: {periods}\)$"):
        ViewOptions(per="x")


@pytest.mark.parametrize(
    ("by", "only", "known"),
    [
        ("machine", "x", "diffusion, implant, litho, Ma, Mb, Mc, Md, Me"),
        ("operator", "Ma", "PO1, PO2"),
        ("technician", "PO1", "MT1"),
        ("carrier", "x", "T1"),
        ("lot", "Pa-00001", "no name, or another view, such as machine"),
        ("all", "x", "diffusion, implant, litho, Ma, Mb, Mc, Md, Me, PO1, PO2, MT1, T1"),
    ],
)
def test_names_that_a_view_can_be_narrowed_to(by: str, only: str, known: str) -> None:
    with pytest.raises(UsageError, match=rf"^nothing by {by} is called '{only}' \(expected: {known}\)$"):
        check_only(by, only, P)
    check_only(by, "", P)
    if by != "lot":
        for name in known.split(", "):
            check_only(by, name, P)
    if by not in ("all",):
        with pytest.raises(UsageError, match="is called"):
            View(ViewOptions(by, only), P)


@pytest.mark.parametrize(
    ("by", "only", "words"),
    [
        ("lot", "", r"by lot there are no lives: they are those of machines \(expected: --by machine\)"),
        ("machine", "Ma", r"'Ma' never breaks down, so it has no lives \(expected: Mc, Md\)"),
        ("machine", "litho", r"'litho' never breaks down, so it has no lives \(expected: Mc, Md\)"),
        ("machine", "", None),
        ("machine", "Mc", None),
        ("machine", "implant", None),
    ],
)
def test_who_has_lives(by: str, only: str, words: str | None) -> None:
    if words is None:
        check_life(by, only, P)
        return
    with pytest.raises(UsageError, match=f"^{words}$"):
        check_life(by, only, P)
    with pytest.raises(UsageError, match=f"^{words}$"):
        View(ViewOptions(by, only, per="life"), P)


def test_nobody_has_lives_where_nothing_breaks_down() -> None:
    words = r"^no machine breaks down, so none has lives \(expected: --per cycle, shift or day\)$"
    with pytest.raises(UsageError, match=words):
        check_life("machine", "", P.changed({"breakdown_law": "off"}))
