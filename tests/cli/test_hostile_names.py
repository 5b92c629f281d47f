"""Events, cases, columns and files called by what steers terminals, pages and spreadsheets: nothing is steered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flexstream.visible import visible

HOSTILE = [
    *(
        "\x1b[2J\x1b[H",
        "\x1b]0;owned\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
        "\x07",
        "\x08\x08",
        "\x7f",
    ),
    *(
        "a\rb",
        "a\nb",
        "a\tb",
        "a\x0bb",
        "a\x0cb",
        "\x00",
        "\x85",
        "\u2028",
        "\u2029",
        "\u200b",
        "\u200e",
        "\u202egnp.exe",
    ),
    *("\u2066x\u2069", "\ufeff", "\ufffe", "<script>alert(1)</script>", "</svg><script>", "]]>", "-->", '"onload="x'),
    *(
        "&amp;&x;",
        "](javascript:x)",
        "`rm -rf`",
        "%s%n%x",
        "%%{init: {}}%%",
        '";}',
        "\\N\\L",
        "=cmd|'/c calc'!A1",
        "+1+1",
    ),
    *("{0.__class__}", "${x}", "x" * 3000, "🦊" * 200, "'; drop", "endmodule", "#0", "* bold *", "|cell|"),
]
HARMLESS = ["\n"]


def raw_in(text: str) -> set[str]:
    return {character for character in set(text) if visible(character) != character and character not in HARMLESS}


@pytest.fixture(scope="module")
def hostile(run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return what `learn` makes of traces of such events, by what it is."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [{"case": f"{name}{turn}", "event": event, "time": f"2026-01-01T00:00:{turn:02}Z"}
            for turn in range(20) for name in HOSTILE[:4] for event in HOSTILE]  # fmt: skip
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = {name: folder / name for name in ("m.json", "m.dot", "report.html", "report.json", "report.txt", "f.svg")}
    outputs = {"-o": "m.json", "--dot": "m.dot", "--frontier": "f.svg"}
    for report in ("report.html", "report.json", "report.txt"):
        options = [word for option, name in outputs.items() for word in (option, made[name])]
        result = run("learn", folder / "log.jsonl", *options, "--report", made[report])
        assert result.code == 0, result.err
        assert raw_in(result.err) == set()
    return {**made, "log": folder / "log.jsonl"}


def test_no_output_of_learn_holds_anything_raw(hostile: dict[str, Path]) -> None:
    for path in hostile.values():
        assert raw_in(path.read_text()) == set(), path.name
    page = hostile["report.html"].read_text()
    assert "<script>alert" not in page
    assert '"onload=' not in re.sub(r"&quot;", "", page)
    ElementTree.fromstring(hostile["f.svg"].read_text())
    json.loads(hostile["report.json"].read_text())


COMMANDS: list[list[str]] = [
    ["score", "m", "log"], ["score", "m", "log", "--alarm-rate", "0.3"], ["show", "m"], ["explain", "m"],
    ["explain", "m", "--json"], ["explain", "m", "--trace", "event"], ["explain", "m", "--trace", "event", "--json"],
    ["predict", "m", "--after", "event"], ["predict", "m", "--after", "event", "--json"], ["predict", "m", "log"],
    ["predict", "m", "--after", "", "--reach", "event"], ["diff", "m", "m"], ["sample", "m", "-n", "2"],
    ["sample", "m", "-n", "2", "--times"], ["alarm", "m", "log", "--rate", "0.9", "--ungrouped"],
    ["alarm", "m", "log", "--rate", "0.9"], ["pac", "report", "m"], ["view", "m", "-o", "-"],
    ["inspect", "log"], ["inspect", "log", "--json"],
    ["evaluate", "m", "log", "--label", "case", "--anomalous", "event", "--rate", "0.3"], ["presets", "event"],
    *(["export", "m", "--to", name] for name in ("json", "dot", "graphml", "node-link", "prism", "mermaid")),
]  # fmt: skip


@pytest.mark.parametrize("line", COMMANDS, ids=" ".join)
def test_no_command_prints_anything_raw(run: Callable[..., Any], hostile: dict[str, Path], line: list[str]) -> None:
    files = {"m": hostile["m.json"], "log": hostile["log"]}
    for event in (HOSTILE[0], HOSTILE[3], "nobody\x1b[2J\u202e") if "event" in line else ("",):
        said = json.dumps([event]) if line[-1] != "event" and "--trace" in line else event
        result = run(*(files.get(word, said if word == "event" else word) for word in line))
        assert result.code in (0, 1, 2), result.err
        assert raw_in(result.text) == set()
        assert raw_in(result.err) == set()


@pytest.mark.parametrize("name", ["a\x1b[2J.csv", "b\u202e.csv", "c\x9b31m.csv", "d\ne.csv", "=cmd.csv"])
def test_names_of_files_and_columns_are_written_out(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('case,"ev\x1b[31ment",tim\u202ee\n1,load,x\n2,\x9brun,y\n')
    for line in (
        ["inspect", path],
        ["learn", path],
        ["learn", path, "--case", "no\x1bne"],
        ["show", path],
        ["score", path, path],
    ):
        result = run(*line)
        assert result.code in (0, 1, 2)
        assert raw_in(result.text) | raw_in(result.err) == set()


PWN = "esc\x1b]0;pwn\x07\n\u202e"


def test_no_command_prints_the_name_of_a_file_raw(run: Callable[..., Any], tmp_path: Path) -> None:
    """What is read, what is written, and what is missed."""
    folder = tmp_path / PWN
    folder.mkdir()
    log, fleet, made = folder / "log.csv", folder / "fleet.json", [folder / f"{number}.json" for number in range(2)]
    rows = [f"m\x1b[2J{case % 2},{case},{event}" for case in range(80) for event in ("load", "run")]
    log.write_text("\n".join(["who\x1b[31m,case,what", *rows, ""]))
    parts = [folder / "one", folder / "other"]
    learned = ["learn", log, "--case", "case", "--event", "what"]
    lines: list[list[object]] = [
        [*learned, "-o", made[0], "--checkpoint", parts[0], "--svg", folder / "l.svg", "--report", folder / "l.txt"],
        [*learned, "-o", made[1], "--checkpoint", parts[1]],
        [*learned, "--per", "who\x1b[31m", "-o", fleet],
        ["show", fleet], ["diff", fleet], ["alarm", fleet, log], ["score", fleet, log], ["predict", fleet, log],
        ["view", made[0]], ["view", made[0], "-o", folder / "v.html"], ["view", made[0], "--frontier", made[1]],
        ["diff", *made], ["diff", *made, "--svg", folder / "d.svg"], ["verify", made[0]], ["verify", parts[0]],
        ["merge", *parts, "-o", folder / "both.json", "--summary", folder / "sum"], ["merge", made[0]],
        ["verify", made[0], log], ["alarm", made[0], log, log], ["alarm", log, made[0]], ["alarm", made[0], folder],
        ["explain", made[0]], ["pac", "report", made[0]], ["pac", "search", folder / "none"], ["inspect", log, folder],
        ["predict", made[0], "--after", "load"], ["export", made[0], "-o", folder / "m.dot"],
        ["export", made[0], "-o", folder / "m.exe"], ["evaluate", made[0], log, "--label", "who\x1b[31m"],
        ["simulate", "pdfa", "--traces", 5, "--states", 3, "-o", folder / "q"], ["presets", folder],
        ["simulate", "reber", "--traces", 5, "-o", folder / "r"],
        ["simulate", "minifab", "--weeks", 0.05, "--series", folder / "s.csv"],
        ["simulate", "minifab", "--weeks", 0.05, "--truth", folder / "t", "-o", folder / "e.jsonl"],
        ["simulate", "minifab", "--config", folder / "none"], ["demo", "--out", log], ["learn", folder / "none", log],
        ["learn", log, "-o", log], ["learn", log, "-o", folder], ["learn", log, "-o", folder / "a" / "b.json"],
        [PWN], ["learn", PWN], ["learn", log, f"--{PWN}"], ["explain", made[0], PWN],
    ]  # fmt: skip
    for line in lines:
        result = run(*line)
        assert result.code in (0, 1, 2, 3), result.err
        assert raw_in(result.text) | raw_in(result.err) == set(), line
        assert "pwn\n" not in result.text + result.err


def test_symbols_come_back_from_what_is_sampled(run: Callable[..., Any], hostile: dict[str, Path]) -> None:
    """What is written out in JSON means the symbol itself."""
    known = set(json.loads(hostile["m.json"].read_text())["symbols"])
    result = run("sample", hostile["m.json"], "-n", 3)
    traces = [json.loads(row) for row in result.text.splitlines()]
    assert {symbol for trace in traces for symbol in trace} <= known
    assert len(known & set(HOSTILE)) > 30
