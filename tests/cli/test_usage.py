"""Wrong usage: exit code 2, before anything is read; outputs that cannot be written are refused as early."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import click
import pytest

from flexstream import __version__
from flexstream_cli.main import COMMANDS, _with_room, flexstream

HUGE = "9" * 40
LEARN = [
    ["--memory", "banana"],
    ["--idle", "nan"],
    ["--idle", "-1"],
    ["--window", "0"],
    ["--stride", "2"],
    ["--seed", "-1"],
    ["--seed", "x"],
    ["--grow-at", "0"],
    ["--grow-at", HUGE],
    ["--reach", HUGE],
    ["--emit-every", "0"],
    ["--refine-every", "-1"],
    ["--set", "strength=0"],
    ["--set", "strength=nan"],
    ["--set", "nope=1"],
    ["--set", "strength"],
    ["--set", "light=1e300"],
    ["--set", "light=nan"],
    ["--heuristic", "nope"],
    ["--heuristic", "spacesaving", "--strategy", "replay"],
    ["--heuristic", "css", "--futures", "0"],
    ["--set", "light=-5"],
    ["--set", "margin=inf"],
    ["--nodes", "1"],
    ["--ensemble", "0"],
    ["--ensemble", "3", "--heuristic", "css"],
    ["--heuristic", "css", "--width", "2000000000"],
    ["--heuristic", "css", "--set", "minhash=2"],
    ["--heuristic", "alergia", "--futures", "3"],
    ["--depth", HUGE],
    ["--strategy", "nope"],
    ["--format", "nope"],
    ["--on-error", "weep"],
    ["--max-open-cases", "0"],
    ["--delimiter", ""],
    ["--pattern", "("],
    ["--pattern", "a{99999999999999999999}"],
    ["--pattern", "(?P<lot>a)"],
    ["--min-prob", "nan"],
    ["--min-count", "-1"],
    ["--max-states", "0"],
    ["-o", ""],
    ["--dot", ""],
    ["-o", "-", "--dot", "-"],
    ["--nope"],
]


@pytest.mark.parametrize("options", LEARN, ids=" ".join)
def test_learn_refuses(run, lots, options):
    result = run("learn", lots, *options)
    assert (result.code, result.out) == (2, b"")
    assert len(result.errors) == 1


def test_commands_refuse(run, model, tmp_path):
    for args in (
        ["nope"],
        ["learn"],
        ["learn", ""],
        ["score", model],
        ["show"],
        ["show", ""],
        ["show", model, "--max-states", "0"],
        ["export", model],
        ["export", model, "--to", "nope"],
        ["export", model, "-o", tmp_path / "x.nope"],
        ["sample", model, "-n", "-1"],
        ["sample", model, "--seed", "-1"],
        ["demo", "--weeks", "0"],
        ["demo", "--out", model],
    ):
        result = run(*args)
        assert (result.code, len(result.errors)) == (2, 1), args


def test_longer_lines_can_be_read_by_every_command(run, lots, model, tmp_path):
    """Each command that reads sources has the option, says it where a line is too long, and heeds it."""
    context = click.Context(flexstream)
    commands = {name: flexstream.get_command(context, name) for name in COMMANDS}
    taking = {name for name, one in commands.items() if any(param.name == "longest_line" for param in one.params)}
    assert taking == {"learn", "watch", "inspect", "score", "alarm", "predict", "evaluate"}
    long = tmp_path / "long.txt"
    long.write_bytes(lots.read_bytes() + b"load " + b"x" * 1_200_000 + b"\nload run\n")
    for command in (["learn"], ["score", model], ["alarm", model, "--rate", 0.1], ["predict", model]):
        short = run(*command, long, "--longest-line", "1MiB")
        told = short.err + short.text
        assert "line longer than 1.0 MiB" in told and "raise it with --longest-line" in told, command
        raised = run(*command, long, "--longest-line", "2MiB", *(["--memory", "16MiB"] if command == ["learn"] else []))
        assert (raised.code, "longer than" in raised.err + raised.text) == (0, False), command


def test_huge_numbers_that_mean_no_limit(run, lots):
    for name in ("--max-open-cases", "--max-open-events", "--refine-every", "--emit-every", "--seed", "--max-states"):
        assert run("learn", lots, name, HUGE, "--dot", "-").code == 0


def test_no_output_onto_an_input(run, lots, model, tmp_path):
    before = lots.read_bytes()
    os.link(lots, tmp_path / "hard")
    (tmp_path / "soft").symlink_to(lots)
    for option in ("-o", "--dot"):
        for name in ("lots.txt", "hard", "soft"):
            result = run("learn", lots, option, tmp_path / name)
            assert (result.code, len(result.err.splitlines())) == (2, 1)
            assert "is an input and an output" in result.err
    assert run("export", model, "--to", "dot", "-o", model).code == 2
    assert run("sample", model, "-o", model).code == 2
    assert lots.read_bytes() == before


def test_no_two_outputs_to_one_file(run, lots, tmp_path):
    result = run("learn", lots, "-o", tmp_path / "x", "--dot", tmp_path / "." / "x")
    assert result.code == 2
    assert "is given for two outputs" in result.err


def test_outputs_are_checked_before_the_stream_is_read(run, tmp_path):
    missing = tmp_path / "no" / "x"
    for command in (["learn", tmp_path / "never"], ["export", tmp_path / "never", "--to", "dot"]):
        for path, problem in ((missing, "there is no folder"), (tmp_path, "is a directory")):
            result = run(*command, "-o", path)
            assert (result.code, len(result.err.splitlines())) == (1, 1)
            assert f"{path}: {problem}" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_folder(run, lots, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    result = run("learn", lots, "-o", folder / "x")
    assert (result.code, len(result.err.splitlines())) == (1, 1)


def test_help_for_every_command(run):
    assert "learn" in run("--help").text
    for command in ("learn", "score", "show", "export", "sample", "simulate", "demo"):
        assert run(command, "--help").text.startswith(f"Usage: flexstream {command}")


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from flexstream_cli.main import main\nmain(['--help'])\n"
        "heavy = {'numba', 'numpy', 'networkx', 'datasketch', 'scipy', 'graphviz', 'simpy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["learn", "score"])
def test_a_small_problem_loads_only_what_it_needs(run, tmp_path, command):
    model, events = str(tmp_path / "model.json"), "datasets/events.csv"
    assert run("learn", events, "-o", model).code == 0
    words = {"learn": [events, "-o", model], "score": [model, events]}[command]
    heavy = {"numpy.ma", "logging", "concurrent.futures", "networkx", "datasketch", "graphviz", "simpy", "statistics"}
    heavy |= {"_hashlib", "flexstream.verdict.proposals", "flexstream.writers.view", "flexstream.pac.sizes"}
    heavy |= {
        f"flexstream.readers.{name}"
        for name in ("formats.xes", "formats.jsonl", "parsing.profile", "parsing.wide", "texts.masks")
    }
    heavy |= {"flexstream.learning.again", "flexstream.pac.report.contradiction"}
    heavy |= {"locale", "shlex", "termios", "unicodedata", "flexstream.readers.sharing"}
    heavy |= {"flexstream.automata.time_ranks"} if command == "learn" else set()
    code = (
        f"import sys; from flexstream_cli.main import main\nmain({[command, *words]!r})\n"
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "[]")


def test_every_command_has_help_and_the_group_a_version(run):
    assert run("--version").text == f"flexstream, version {__version__}\n"
    for command in ([], ["learn"], ["simulate"], ["simulate", "pdfa"]):
        assert "-h, --help" in run(*command, "--help").text
        assert run(*command, "-h").text == run(*command, "--help").text


def test_a_small_problem_compiles_few_patterns(tmp_path):
    """Those of messages, links, Markdown and the like are compiled where they are needed."""
    words = ["learn", "datasets/events.csv", "-o", str(tmp_path / "model.json")]
    code = (
        "import sys, re, click, numpy, json, csv; from re import _compiler; real, made = _compiler.compile, []\n"
        "_compiler.compile = lambda pattern, flags=0: made.append(pattern) or real(pattern, flags)\n"
        f"from flexstream_cli.main import main\nmain({words!r})\nprint(len(made), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, int(done.stderr.splitlines()[-1]) <= 12) == (0, True), done.stderr


def test_hardly_any_garbage_is_looked_for_in_what_is_imported(tmp_path):
    words = ["learn", "datasets/events.csv", "-o", str(tmp_path / "model.json")]
    code = (
        "import gc, sys; looked = []; gc.callbacks.append(lambda *told: looked.append(told))\n"
        f"from flexstream_cli.main import main\nmain({words!r})\nprint(len(looked) // 2, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, int(done.stderr.splitlines()[-1]) <= 3) == (0, True), done.stderr


def _most_faults(depth: int = 150, calls: int = 100) -> int:
    """Return the most pages that a hundred calls took anew, made at any depth."""

    def leaf(a: int, b: int, c: int) -> int:
        return a + b + c

    def at(depth: int, most: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for number in range(calls):
            leaf(number, number, number)
        most = max(most, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
        return at(depth - 1, most) if depth else most

    return at(depth, 0)


def test_calls_within_a_command_never_ask_the_system_for_room():
    # Python 3.11 does, for each call that is the first without room in a piece of 16 KiB.
    assert _with_room(_most_faults)() < 50


def test_short_options_are_found_without_a_look_for_names_like_them(run, lots, tmp_path, monkeypatch):
    def looked(*_, **__):
        raise AssertionError("looked for names like it")

    model = tmp_path / "m.json"
    with monkeypatch.context() as patch:
        patch.setattr("difflib.get_close_matches", looked)
        assert run("learn", lots, "-o", model).code == 0
        assert model.exists()
    model.unlink()
    assert run("learn", lots, f"-o{model}").code == 0
    assert model.exists()
    assert "--seed" in run("learn", lots, "--sed", "1").err
    assert run("learn", lots, "-o").code == 2


def test_a_process_can_ask_for_a_command_as_often_as_it_likes(run, lots, tmp_path):
    for _ in range(sys.getrecursionlimit()):
        flexstream.get_command(click.Context(flexstream), "learn")
    assert run("learn", lots, "-o", tmp_path / "m.json").code == 0


@pytest.mark.parametrize("command", ["learn", "score", "inspect"])
def test_a_file_that_is_given_twice_is_read_once(run, write, tmp_path, command):
    rows = "".join(f"c{row // 4},{'abcd'[row % 4]}\n" for row in range(400))
    path, other = write("a.csv", "case,event\n" + rows), write("b.csv", "case,event\n" + rows)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    model = write("m.json", "")
    run("learn", path, "-o", model)
    before = [model] if command == "score" else []
    once = run(command, *before, other, path)
    twice = run(command, *before, link, other, path, path)
    assert (twice.code, twice.out) == (0, once.out)
    assert f"{path} is given twice; it is read once" in twice.err
    assert f"{link} is the same as {path}; it is read once" in twice.err
