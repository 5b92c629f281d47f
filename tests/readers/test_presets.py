"""Presets: what they say holds, what the user says comes first, and what looks like one is told."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import pickle
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import flexstream
from flexstream import DataError, FlexStreamError, ReadOptions, UsageError, load_model
from flexstream.readers.options import expanded
from flexstream.readers.presets import NAMES, preset, suggested
from flexstream_cli.main import flexstream as command

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "datasets" / "presets"
MAKE = runpy.run_path(str(FOLDER / "make.py"))
SAMPLES: dict[str, str] = {name: file for name, (file, _) in MAKE["SAMPLES"].items()}
PAGE = (ROOT / "docs" / "presets.md").read_text()
ROWS = re.findall(r"^\| `([\w-]+)` \| `(flexstream [^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
OWN = """
about = "the log of a shop"

[read]
format = "log"
pattern = '^(?P<time>\\S+ \\S+) \\[(?P<case>\\w+)\\] (?P<message>.*)'
gap = 1800
"""


def learned(name: str, **options: Any) -> flexstream.calls.Learned:
    return flexstream.learn(FOLDER / SAMPLES[name], **options)


def test_samples_are_what_their_script_makes(tmp_path: Path) -> None:
    MAKE["main"](tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        file: (FOLDER / file).read_bytes() for file in SAMPLES.values()
    }
    assert tuple(SAMPLES) == tuple(NAMES)


def test_the_page_shows_each_of_them() -> None:
    assert [name for name, *_ in ROWS] == list(NAMES)
    for name in NAMES:
        assert f"\n## {name}\n" in PAGE
        assert (ROOT / "docs" / "pictures" / "presets" / f"{name}.svg").read_text().startswith(("<?xml", "<svg"))


@pytest.mark.parametrize(("name", "line", "traces", "symbols", "states"), ROWS)
def test_a_command_of_the_page_gives_what_it_says(
    name: str, line: str, traces: str, symbols: str, states: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = CliRunner().invoke(command, [*shlex.split(line)[1:], "-o", str(tmp_path / "model.json")])
    assert (ran.exit_code, "verdict" in ran.stderr) == (0, False), ran.stderr
    model = load_model(tmp_path / "model.json")
    assert isinstance(model, flexstream.PDFA)
    assert (model.provenance["traces"], len(model.symbols), len(model)) == (int(traces), int(symbols), int(states))
    assert model.provenance["reading"]["preset"] == name


def test_the_habits_of_the_sample_are_found() -> None:
    """The automaton learned is that which made the conversations, but for the names of states."""
    automaton = learned("agents", preset="agents").automaton
    assert set(automaton.symbols) == {what for ways in MAKE["AGENT"].values() for _, what, _ in ways}
    assert len(automaton) == len(MAKE["AGENT"])
    chance = MAKE["random"].Random(99)
    walks = [[*MAKE["walk"](MAKE["AGENT"], chance)] for _ in range(200)]
    assert all(automaton.score_one(walk).unseen == 0 for walk in walks)


@pytest.mark.parametrize("name", NAMES)
def test_what_looks_like_a_preset_is_told(name: str) -> None:
    content = (FOLDER / SAMPLES[name]).read_bytes()
    for source in (FOLDER / SAMPLES[name], io.BytesIO(content)):
        reading = flexstream.read(source).reading
        next(reading)
        assert reading.suggested == name
        assert any(f"`preset` {name}" in note for note in reading.notes)
    run = CliRunner().invoke
    assert f"next:    flexstream learn {FOLDER / SAMPLES[name]} --preset {name}" in (
        run(command, ["inspect", str(FOLDER / SAMPLES[name])]).stdout
    )


@pytest.mark.parametrize("options", [{"preset": "otel"}, {"case": "traceId"}, {"event": "name"}, {"sequence": "no"}])
def test_nothing_is_told_to_who_has_said_how_to_read(options: dict[str, str]) -> None:
    reading = flexstream.read(FOLDER / SAMPLES["otel"], **options).reading
    with pytest.raises(DataError) if "sequence" in options else contextlib.nullcontext():
        next(reading)
    assert reading.suggested is None


@pytest.mark.parametrize("name", ["events.csv", "events.log", "lots.txt"])
def test_what_looks_like_none_is_none(name: str) -> None:
    reading = flexstream.read(ROOT / "datasets" / name).reading
    next(reading)
    assert reading.suggested is None


def test_a_verdict_on_the_reading_names_the_preset() -> None:
    (first, *_) = learned("sshd").verdicts
    assert (first.code, first.options, first.verb) == ("no_case", {"preset": "sshd"}, "learn")
    assert learned("sshd", **first.options).verdicts == ()


def test_what_the_user_says_comes_first() -> None:
    assert ReadOptions(preset="otel").case == "traceId"
    assert ReadOptions(preset="otel", case="spanId").case == "spanId"
    assert ReadOptions(preset="sshd").on_error == "skip"
    told = expanded({"preset": "sshd", "on_error": "stop"})
    assert ReadOptions(**told).on_error == "stop"
    assert dataclasses.replace(ReadOptions(**told), gap=3.0).on_error == "stop"
    assert ReadOptions(preset="agents", event="role").sequence is None
    assert ReadOptions(preset="otel", sequence="spans").event is None
    assert ReadOptions(preset="nginx", format="csv").pattern is None
    assert learned("sshd", preset="sshd", case=None).traces == 100


def test_the_command_line_comes_first(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_text((FOLDER / SAMPLES["sshd"]).read_text() + "Jan 31 23:59:00 host1 CRON[7]: session opened\n")
    run = CliRunner().invoke
    ran = run(command, ["learn", str(log), "--preset", "sshd"])
    assert (ran.exit_code, "skipped 1 bad line" in ran.stderr, "100 traces" in ran.stderr) == (0, True, True)
    ran = run(command, ["learn", str(log), "--preset", "sshd", "--on-error", "stop"])
    assert isinstance(ran.exception, DataError)


def test_options_with_a_preset_can_be_copied() -> None:
    options = ReadOptions(preset="k8s-audit", gap=5.0)
    for again in (pickle.loads(pickle.dumps(options)), dataclasses.replace(options)):
        assert (again, again.gap, again.preset) == (options, 5.0, "k8s-audit")


def test_a_model_needs_no_preset_to_score(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    log = tmp_path / "shop.log"
    log.write_text(
        "".join(f"2026-01-31 10:{n:02}:00 [c{n // 3}] {('new', 'paid', 'sent')[n % 3]}\n" for n in range(60))
    )
    learned = flexstream.learn(log, preset=str(own))
    learned.save(tmp_path / "model.json")
    own.unlink()
    reading = load_model(tmp_path / "model.json").provenance["reading"]
    assert (reading["preset"], reading["gap"], reading["format"]) == (str(own), 1800.0, "log")
    ran = CliRunner().invoke(command, ["score", str(tmp_path / "model.json"), str(log)])
    assert (ran.exit_code, ran.stdout.count('"unseen": 0')) == (0, 20)
    with pytest.raises(DataError, match="No such file"):
        flexstream.learn(log, preset=str(own))


def test_a_preset_told_to_score_comes_before_the_model(tmp_path: Path) -> None:
    learned("otel", case="spanId", event="name").save(tmp_path / "model.json")
    words = ["score", str(tmp_path / "model.json"), str(FOLDER / SAMPLES["otel"]), "--preset", "otel"]
    ran = CliRunner().invoke(command, words)
    assert (ran.exit_code, ran.stdout.count("\n")) == (0, 80)


@pytest.mark.parametrize("name", ["telnet", "help", "SSHD", "sshd.", ""])
def test_an_unknown_name_lists_those_there_are(name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(", ".join(NAMES))):
        ReadOptions(preset=name)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("about = ", "no TOML"),
        ("[read]\nevents = 'x'", "sets no 'events'"),
        ("[read]\nfollow = true", "sets no 'follow'"),
        ("[read]\npreset = 'sshd'", "sets no 'preset'"),
        ("[read]\ngap = 'long'", "`gap` is 'long'"),
        ("[read]\nwindow = 0", "`window` must be at least 1"),
        ("[read]\npattern = '('", "`pattern` is not a regular expression"),
        ("[reads]\n", "has no 'reads'"),
        ("read = 3", "no preset"),
        ("about = 3", "no preset"),
        ("[shape]\nlines = 3", "no list of regular expressions"),
        ("[shape]\nlines = ['(']", "no regular expression"),
        ("[shape]\nwords = []", "no preset"),
        ("a = " + "[" * 5000, "no TOML"),
        ("\udcff", "no text in UTF-8"),
    ],
)
def test_a_wrong_file_is_one_line(text: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FlexStreamError, match=re.escape(what)) as caught:
        ReadOptions(preset=str(file))
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError):
        ReadOptions(preset=str(tmp_path) + "/")


def test_presets_of_the_wrong_type_are_refused() -> None:
    with pytest.raises(TypeError, match="`preset` is 3"):
        ReadOptions(preset=3)  # type: ignore[arg-type]


def test_a_preset_is_found_by_lines_and_by_words() -> None:
    assert suggested([]) is None
    assert suggested(["sshd"]) is None
    assert not preset("sshd").fits(["no"] * 3)
    for name in NAMES:
        assert preset(name, set(ReadOptions.__dataclass_fields__)).about
        assert ReadOptions(preset=name).given


def test_a_preset_is_told_of_a_document_over_many_lines() -> None:
    """Whose first line is a bracket."""
    span = {"traceId": "a1", "spanId": "b2", "name": "GET /cart", "startTimeUnixNano": "1"}
    for content in (json.dumps(span), json.dumps(span, indent=1), json.dumps([span], indent=1)):
        reading = flexstream.read(io.BytesIO(f"{content}\n".encode())).reading
        with contextlib.suppress(DataError):  # nothing says what the event is
            list(reading)
        assert reading.suggested == "otel"


def test_the_command_lists_and_shows_them(tmp_path: Path) -> None:
    run = CliRunner().invoke
    listed = run(command, ["presets"])
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(NAMES)
    shown = run(command, ["presets", "semi-e10"])
    own = tmp_path / "mine.toml"
    own.write_text(shown.stdout)
    assert preset(str(own)) == preset("semi-e10")
    assert isinstance(run(command, ["presets", "telnet"]).exception, UsageError)


def test_a_preset_for_another_format_is_told() -> None:
    with pytest.raises(FlexStreamError):
        list(flexstream.read(ROOT / "datasets" / "events.csv", preset="otel"))


def test_messages_are_masked() -> None:
    symbols = learned("journald", preset="journald").alphabet.texts
    assert (len(symbols), "Backup of volume <*> finished" in symbols) == (7, True)
