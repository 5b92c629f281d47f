"""Parameters, profiles and the files that override them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError, UsageError
from flexstream.fab.parameters import PROVENANCE, Parameters
from flexstream.fab.profiles import PROFILES, load_parameters, setting, to_toml


def test_every_parameter_has_a_provenance_and_a_meaning() -> None:
    for about in Parameters().about():
        assert {mark.strip() for mark in about.mark.split(",")} <= set(PROVENANCE)
        assert about.note


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_printed_can_be_read_back(profile: str, tmp_path: Path) -> None:
    parameters = load_parameters(profile)
    path = tmp_path / "factory.toml"
    path.write_text(to_toml(parameters))
    if parameters.operators and parameters.step_places:  # a table without keys says nothing
        assert load_parameters(config=path) == parameters
    assert tomllib.loads(path.read_text())["shift"] == 720.0


def test_a_file_overrides_a_profile_and_a_setting_both(tmp_path: Path) -> None:
    path = tmp_path / "factory.toml"
    path.write_text('breakdown_law = "steps"\n[process_time]\nS6 = 12\n')
    made = load_parameters("no-failures", path, setting("process_time.S1=200"))
    assert (made.breakdown_law, made.process_time["S6"], made.process_time["S1"]) == ("steps", 12.0, 200.0)
    assert made.process_time["S2"] == 30.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shfit": 3}, "shift"),
        ({"shift": 0}, "more than 0"),
        ({"shift": "long"}, "a number"),
        ({"shift": True}, "a number"),
        ({"look_ahead": 1}, "true or false"),
        ({"shift": float("nan")}, "a number"),
        ({"process_time": 3}, "a table"),
        ({"process_time": {"S1": -1}}, "not negative"),
        ({"process_time": {"S1": "x"}}, "process_time.S1"),
        ({"dispatch": {"litho": "random"}}, "least-setup"),
        ({"release": "now"}, "spread"),
        ({"batch_size": {"diffusion": 0}}, "at least 1"),
        ({"batch_size": {"diffusion": 19}}, "at most"),
        ({"buffers": {"C1": 2}}, "batch_size.diffusion"),
        ({"operators": {"PO1": ["Ma"], "PO2": ["Me"]}}, "operators lacks 'Mb'"),
        ({"machines": {"implant": ["Ma"]}}, "twice"),
        ({"machines": {"implant": ['M"c']}}, "letters"),
        ({"route": {"S7": "etch"}}, "S7"),
        ({"breakdown_spread": 4000}, "half-width"),
        ({"starts": {"Pa": 0, "Pb": 0, "TW": 0}}, "no lot"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Parameters().changed(changes)


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.toml: cannot be read"):
        load_parameters(config=tmp_path / "none.toml")
    path = tmp_path / "bad.toml"
    path.write_text("shift = ")
    with pytest.raises(DataError, match="not TOML"):
        load_parameters(config=path)
    with pytest.raises(UsageError, match="no profile"):
        load_parameters("nothing")
    with pytest.raises(UsageError, match="sets nothing"):
        setting("shift")


@given(st.sampled_from(["Pa", "Pb"]), st.sampled_from(["S3", "S6"]), st.sampled_from(["Pa", "Pb"]))
def test_setups(product: str, step: str, other: str) -> None:
    p = Parameters()
    assert p.setup_time(None, (product, step)) == 0
    assert p.setup_time((product, step), (product, step)) == 0
    assert p.setup_time((product, "S3"), (other, "S6")) == (10 if product == other else 12)
    assert p.setup_time((product, step), (other, step)) == (0 if product == other else 5)
