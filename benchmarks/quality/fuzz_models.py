"""Claim: whatever a model, a plan, a checkpoint or a preset holds, a command works or says in a line what is wrong.

    python benchmarks/quality/fuzz_models.py [--inputs 20000] [--seconds S] [--seed 0] [--only KIND] [--json OUT]
    python benchmarks/quality/fuzz_models.py --first 20000 --add OUT --json OUT    # more of them, counted together

Models of all kinds (plain, of each heuristic, ensembles, mixed with n-grams, timed, calibrated, known exactly), plans,
saved learners, checkpoints, lists of accepted alarms and presets are changed here and there and given to a command with
options drawn at random; the kind ``options`` is of command lines alone.  What ends otherwise than by its end or by one
line, takes more than a second of processor time, or 64 MiB more than its process had, prints JSON that is none or a
character that steers a terminal, is a fault.  Each input is made from the seed, its kind and its number alone:
``--only KIND --first N --inputs 1`` makes one again.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import copy
import json
import random
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared import fuzzing
from shared.command_line import judged, run
from shared.containers import tampered_state
from shared.documents import TEXTS, tampered, text_of
from shared.mutations import mutated
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.automata.mixture import Ensemble
from flexstream.automata.model_file import Model, loads
from flexstream.errors import DataError, ModelError, UsageError
from flexstream.targets import Recipe, random_hmm, reber

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
ENDS = {"right": "done", "told": "told in a line"}
TRACES = [line.split() for line in (DATASETS / "lots.txt").read_text().splitlines()[:120]]
EVENTS = 300
"""Lines of the table of events that is learned from."""
Line = tuple[list[object], str]
"""A command line without its files, and the form of what it prints."""
MODEL, OTHER, EVENT, LOTS, TABLE = "<model>", "<other>", "<event>", "<lots>", "<table>"
"""What stands for a file, or for an event of the model, on a command line."""
LINES: dict[str, tuple[Line, ...]] = {
    "score": (
        (["score", MODEL, LOTS], "jsonl"),
        (["score", MODEL, TABLE, "--alarm-rate", 0.2], "jsonl"),
        (["score", MODEL, LOTS, "--ensemble", 1], "jsonl"),
    ),
    "alarm": (
        (["alarm", MODEL, TABLE, "--rate", 0.3, "--ungrouped"], "jsonl"),
        (["alarm", MODEL, LOTS, "--rate", 0.5], ""),
        (["alarm", MODEL, TABLE, "--rate", 0.9, "--fail-above", 0.1, "--metrics", "-", "--ungrouped"], ""),
    ),
    "predict": (
        (["predict", MODEL, "--after", EVENT, "--reach", EVENT, "--quantile", 0.9], ""),
        (["predict", MODEL, "--after", "", "--json"], "json"),
        (["predict", MODEL, TABLE, "--top", 3], "jsonl"),
    ),
    "evaluate": (
        (["evaluate", MODEL, TABLE, "--label", "case_id", "--anomalous", "L0001", "--rate", 0.4, "--json"], "json"),
        (["evaluate", MODEL, TABLE, "--label", "case_id", "--anomalous", "L0001", "--rate", 0.3], ""),
    ),
    "explain": (
        (["explain", MODEL], ""),
        (["explain", MODEL, "--json"], "json"),
        (["explain", MODEL, 0, EVENT], ""),
        (["explain", MODEL, "--trace", EVENT, "--json"], "json"),
    ),
    "diff": (
        (["diff", MODEL, OTHER], ""),
        (["diff", OTHER, MODEL, "--dot", "-", "--exit-code"], ""),
        (["diff", MODEL, MODEL, "--error", 0.5], ""),
    ),
    "show": ((["show", MODEL], ""), (["show", MODEL, "--max-states", 2, "--max-edges", 1], "")),
    "export": (
        *((["export", MODEL, "--to", name], "") for name in ("dot", "graphml", "prism", "mermaid")),
        *((["export", MODEL, "--to", name], "json") for name in ("json", "node-link")),
        (["export", MODEL, "--to", "dot", "--times", "--max-states", 3, "--min-count", 2, "--min-prob", 0.01], ""),
    ),
    "sample": (
        (["sample", MODEL, "-n", 4, "--max-length", 30], ""),
        (["sample", MODEL, "-n", 4, "--max-length", 30, "--to", "jsonl"], "jsonl"),
        (["sample", MODEL, "-n", 3, "--times"], ""),
    ),
    "view": ((["view", MODEL, "-o", "-"], ""), (["view", MODEL, "-o", "-", "--title", EVENT], "")),
    "verify": ((["verify", MODEL], ""), (["verify", MODEL, LOTS], "")),
    "report": (
        (["pac", "report", MODEL], ""),
        (["pac", "report", MODEL, "--eps", 0.3, "--depth", 2], ""),
    ),
}
"""Command lines that read models, by the kind of input that tries them."""


def _learned(**options: Any) -> Model:
    from flexstream.pac.report.evidence import model_with_evidence

    learner = StreamLearner(grow_at=1, **options)
    learner.learn_many(TRACES)
    return model_with_evidence(learner)


def _mixed(**options: Any) -> Model:
    source = random_hmm(Recipe(states=20, symbols=3, mean_length=6, transition_sparsity=0.2), 0)
    learner = StreamLearner(**options)
    learner.learn_many(
        [[["diffuse", "implant", "ship"][int(symbol)] for symbol in trace] for trace in source.sample(300, 1)]
    )
    return learner.model


@cache
def folder() -> Path:
    """Return a folder with the files that command lines read."""
    made = Path(tempfile.mkdtemp(prefix="fuzz-models-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    (made / "lots.txt").write_text(
        "".join(" ".join(trace) + "\n" for trace in TRACES[:12]) + "diffuse a b c\nP T ship\n"
    )
    rows = (DATASETS / "events.csv").read_text().splitlines(keepends=True)
    (made / "table.csv").write_text("".join(rows[:60]))
    (made / "events.csv").write_text("".join(rows[:EVENTS]))
    return made


@cache
def models() -> list[Any]:
    """Return the documents of models of all kinds."""
    made = folder() / "made.json"
    timed = []
    for options in ([], ["--ensemble", 2], ["--heuristic", "css", "--on-drift", "report"]):
        said = run(["learn", folder() / "events.csv", "-o", made, *options])
        assert said.code == 0, said.err
        timed.append(json.loads(made.read_text()))
    found = [_learned(), _learned(heuristic="alergia"), _learned(ensemble=2), _mixed(), _mixed(ensemble=2), reber()]
    return [*(json.loads(model.to_json()) for model in found), *timed]


def models_as_tables() -> None:
    """Let what models are shown with be imported, once for all processes: it is no input that takes its memory."""
    for model in models():
        loads(json.dumps(model)).to_pandas()


def known_events(document: Any) -> list[str]:
    """Return texts that may stand for an event of a model."""
    symbols = document.get("symbols") if isinstance(document, dict) else None
    return [one for one in symbols if isinstance(one, str)] if isinstance(symbols, list) else []


def filled(line: Line, document: Any, luck: random.Random) -> list[str]:
    """Return a command line with files and events in it; NUL and lone surrogates cannot stand on any."""
    events = [text.replace("\0", "").encode("utf-8", "ignore").decode() for text in known_events(document)]
    files = {MODEL: "model.json", OTHER: "other.json", LOTS: "lots.txt", TABLE: "table.csv"}
    found = [str(folder() / files[word]) if word in files else str(word) for word in line[0]]
    return [luck.choice(["diffuse", *events[:5], "diffuse implant"]) if word == EVENT else word for word in found]


def written(name: str, document: Any, luck: random.Random, done: list[str]) -> Path:
    """Write a document, changed, to a file; one time in ten its bytes are changed."""
    path = folder() / name
    if luck.random() < 0.1:
        data, did = mutated(json.dumps(document).encode(), [b"[]"], luck)
        path.write_bytes(data)
    else:
        document, did = tampered(document, luck)
        path.write_text(text_of(document, luck))
    done += did
    return path


def try_model(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change a model and give it to a command."""
    document = luck.choice(models())
    path = written("model.json", document, luck, done)
    (folder() / "other.json").write_text(json.dumps(luck.choice(models())))
    line = luck.choice(LINES[kind])
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        document = None
    args = filled(line, document, luck)
    done.append(" ".join(args).replace(str(folder()), "."))
    return judged(run(args), line[1])


def try_symbols(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Call the events of a model what is made to steer whatever shows them, and give it to any command."""
    document = copy.deepcopy(luck.choice(models()))
    names = luck.sample(TEXTS, min(len(TEXTS), len(document["symbols"])))
    document["symbols"] = [luck.choice((old, new)) for old, new in zip(document["symbols"], names, strict=True)]
    for name in ("model.json", "other.json"):
        (folder() / name).write_text(json.dumps(document))
    line = luck.choice(LINES[luck.choice(list(LINES))])
    args = filled(line, document, luck)
    done.append(" ".join(args).replace(str(folder()), "."))
    return judged(run(args), line[1])


def try_python(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change a model and ask it everything from Python."""
    path = written("model.json", luck.choice(models()), luck, done)
    try:
        model = loads(path.read_bytes().decode())
    except (ModelError, UnicodeDecodeError):
        return "told"
    again = loads(model.to_json())
    assert again.to_json() == model.to_json(), "read again it is another"
    for symbol in [*model.symbols[:2], "unheard"]:
        try:
            chances = model.predict_proba_one([symbol])
            assert abs(sum(chances.values()) - 1) < 1e-6, f"chances sum to {sum(chances.values())}"
        except UsageError:
            continue
    assert repr(model)
    model.to_pandas()
    for member in model if isinstance(model, Ensemble) else [model]:
        assert member.sample(2, 1, 20) is not None
        assert member.equivalent(member), "not equal to itself"
    return "right"


@cache
def plans() -> list[Any]:
    """Return documents of plans."""
    found = []
    for theorem in ("flexstream", "baumgartner-verwer", "balle-castro-gavalda"):
        sizes = ["--states", 3, "--symbols", 4, "--mu", 0.4, "--length", 5, "--eps", 0.3, "--theorem", theorem]
        path = folder() / "plan.json"
        said = run(["pac", "plan", *sizes, "-o", path])
        assert said.code == 0, said.err
        found.append(json.loads(path.read_text()))
    return found


def try_plan(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change a plan and learn by it."""
    path = written("plan.json", luck.choice(plans()), luck, done)
    return judged(run(["learn", folder() / "lots.txt", "--pac", path, "-o", folder() / "by.json"]))


@cache
def saved() -> list[bytes]:
    """Return saved learners of some kinds."""
    path, found = folder() / "saved.learner", []
    for options in ({}, {"ensemble": 2}, {"heuristic": "css", "memory": "2MiB"}, {"every": 50, "memory": "192KiB"}):
        learner = StreamLearner(**options)
        learner.learn_many(TRACES)
        learner.save(path)
        found.append(path.read_bytes())
    return found


def try_state(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change a saved learner, verify it, and let it go on."""
    data, did = tampered_state(luck.choice(saved()), luck)
    done += did
    path = folder() / "changed.learner"
    path.write_bytes(data)
    if luck.random() < 0.3:
        return judged(run(["verify", path]))
    try:
        learner = StreamLearner.load(path)
    except (DataError, UsageError) as error:
        assert len(str(error).splitlines()) == 1, f"an error is no single line: {str(error)!r}"
        return "told"
    learner.learn_many(TRACES[:5])
    assert learner.model.to_json()
    assert list(learner.explain()) is not None
    learner.save(path)
    return "right"


RUNS: tuple[tuple[object, ...], ...] = (
    ("lots.txt",),
    ("lots.txt", "--ensemble", 2, "--memory", "1MiB"),
    ("events.csv", "--heuristic", "css", "--on-drift", "report"),
    ("events.csv", "--window", 5, "--max-open-cases", 3, "--memory", "2MiB"),
)
"""Sources and options of runs that keep checkpoints."""


def _run(number: int, name: str, *more: str) -> list[object]:
    source, *options = RUNS[number]
    kept = ["--checkpoint", folder() / name, "--checkpoint-every", 4]
    return ["learn", folder() / str(source), *options, *kept, "-o", folder() / "kept.json", *more]


@cache
def checkpoints() -> list[list[bytes]]:
    """Return the last two checkpoints of some runs, the older first."""
    found = []
    for number in range(len(RUNS)):
        name = f"run-{number}"
        said = run(_run(number, name))
        assert said.code == 0, said.err
        paths = sorted((folder() / name).glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
        found.append([path.read_bytes() for path in paths])
    return found


def try_checkpoint(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change the last checkpoint of a run, or both of them, and go on from it; sometimes another run than its own."""
    which = luck.randrange(len(RUNS))
    kept = folder() / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    data = list(checkpoints()[which])
    for at in (0, 1) if luck.random() < 0.3 else (1,):
        data[at], did = tampered_state(data[at], luck)
        done += did
    for at, one in enumerate(data, 1):
        (kept / f"checkpoint-{at}").write_bytes(one)
    other = luck.randrange(len(RUNS)) if luck.random() < 0.05 else which
    done.append(f"run {which}, gone on as {other}")
    return judged(run(_run(other, "kept", "--resume")))


ACCEPTED: dict[str, Any] = {
    "format": "flexstream-accepted",
    "version": 1,
    "alarms": [
        {"id": "e6d5ac", "alarm": "event", "after": ["diffuse", "implant"], "event": "ship"},
        {"alarm": "counts", "after": [], "event": "rework", "times": 3},
        {"alarm": "late", "after": ["diffuse"], "event": "implant"},
        {"alarm": "silence", "after": ["diffuse"], "event": None},
    ],
}


def try_accepted(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change a list of accepted alarms, and alarm by it."""
    path = written("accepted.json", ACCEPTED, luck, done)
    (folder() / "model.json").write_text(json.dumps(models()[-1]))
    more = luck.choice(([], [], ["--accept", "all"]))
    line = ["alarm", folder() / "model.json", folder() / "table.csv", "--rate", 0.5, "--ungrouped"]
    return judged(run([*line, "--accepted", path, *more]), "jsonl")


PRESET = """about = "lots of a line"
[read]
case = "case_id"
event = "activity"
time = "timestamp"
time_format = "%Y-%m-%d %H:%M:%S"
window = 3
mask = true
[shape]
lines = ['^\\\\d+-']
text = ["diffuse"]
"""


def try_preset(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Change the text of a preset, values and bytes, and read by it."""
    lines = PRESET.splitlines()
    for _ in range(luck.randint(1, 3)):
        at = luck.randrange(len(lines))
        name, equal, value = lines[at].partition(" = ")
        odd = luck.choice([json.dumps(one) for one in (*TEXTS, -1, 0, 2**63, 1e308, [], ["x"], True)])
        lines[at] = luck.choice(["", f"{name}{equal}{odd}", f"{odd}{equal}{value}", lines[at]])
    data, did = "\n".join(lines).encode("utf-8", "replace"), []
    if luck.random() < 0.3:
        data, did = mutated(data, [b"[read]"], luck)
    done += did
    (folder() / "own.toml").write_bytes(data)
    command = luck.choice((["inspect"], ["learn", "--refine-every", 0]))
    return judged(run([*command, folder() / "table.csv", "--preset", folder() / "own.toml"]))


VALUES = (
    *("", "0", "-1", "1", "3", "0.5", "nan", "inf", "-inf", "1e308", "1e-320", "9" * 30, "99999999999", "0x10", "1_0"),
    *(
        "a",
        "-",
        "--",
        "=",
        "a=b",
        "margin=nan",
        "x=9e999",
        "all",
        "END",
        "no such file",
        "/",
        ".",
        "/dev/null",
        "512MiB",
    ),
    *("1B", "-5MiB", "9999999TiB", "(", "(?P<case>", "(?P<case>.)", "%Q", "%", "é", "\x1b[2J", "\x9b", "\u202e", "🦊"),
    *("a b c", "utf-7", "idna", "undefined", "hex", "evidence", "css", "json", "svg", "report", "restart", "utf-16"),
)
BASES: tuple[tuple[str, list[object]], ...] = (
    *((name, list(LINES[name][0][0])) for name in LINES if name != "report"),
    *(("pac report", ["pac", "report", MODEL]), ("inspect", ["inspect", TABLE]), ("learn", ["learn", LOTS])),
    *(("pac plan", ["pac", "plan", "--states", 3, "--symbols", 3, "--eps", 0.3]), ("presets", ["presets"])),
    *((f"simulate {name}", ["simulate", name, "--traces", 5, "-o", "-"]) for name in ("pdfa", "pfa", "hmm", "reber")),
)
STAY = {"--follow", "--output", "--states", "--traces", "--nodes", "--n", "-n", "--speed", "--symbols", "--help"}
"""Options that wait for ever, write where they are told, or ask for as much work as their number says."""


def _options_of(name: str) -> list[Any]:
    import click

    from flexstream_cli.main import flexstream

    context, command = click.Context(flexstream), flexstream
    for word in name.split():
        command = command.get_command(context, word)  # type: ignore[attr-defined,assignment]
    return [
        one for one in command.params if isinstance(one, click.Option) and not STAY & {*one.opts, *one.secondary_opts}
    ]


def _files_only(option: Any) -> bool:
    """Tell whether an option names a file that would be written."""
    return option.name in {"dot", "svg", "report", "frontier", "json_path", "plot", "metrics", "truth", "series"}


def try_options(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Give a command options with odd values."""
    name, base = luck.choice(BASES)
    (folder() / "model.json").write_text(json.dumps(luck.choice(models())))
    (folder() / "other.json").write_text(json.dumps(luck.choice(models())))
    args = filled((base, ""), models()[0], luck)
    known = [option for option in _options_of(name) if not _files_only(option)]
    for option in luck.sample(known, min(len(known), luck.randint(1, 3))):
        args.append(luck.choice([*option.opts, *option.secondary_opts]))
        if not option.is_flag:
            choices = getattr(option.type, "choices", None)
            likely = list(choices) if choices and luck.random() < 0.5 else VALUES
            args.append(str(luck.choice(list(likely))))
    done.append(" ".join(args).replace(str(folder()), "."))
    return judged(run(args, b"diffuse implant\n"))


TRIALS: dict[str, fuzzing.Trial] = {
    **dict.fromkeys(LINES, try_model),
    "symbols": try_symbols,
    "python": try_python,
    "plan": try_plan,
    "state": try_state,
    "checkpoint": try_checkpoint,
    "accepted": try_accepted,
    "preset": try_preset,
    "options": try_options,
}


def attempt(kind: str, number: int, luck: random.Random, done: list[str]) -> str:
    """Try an input of a kind, where what options tell to be written is nobody's loss."""
    with contextlib.chdir(folder()):
        return TRIALS[kind](kind, number, luck, done)


def measure(inputs: int, seed: int, first: int, only: list[str], seconds: float) -> dict[str, Any]:
    """Try so many inputs, the same number of each kind."""
    models(), plans(), saved(), checkpoints()  # made once, before there are processes
    models_as_tables()
    kinds = [kind for kind in TRIALS if not only or kind in only]
    return fuzzing.measure(attempt, kinds, tuple(ENDS), inputs, seed, first, seconds)


def tables(result: Result) -> dict[str, Table]:
    """Return the inputs by kind and how they ended."""
    return {"kinds": fuzzing.table(result["measured"], ENDS)}


def main() -> None:
    """Measure, and end with 1 where there is a fault."""
    parser = parser_of(__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no other part after that time")
    parser.add_argument("--only", action="append", default=[], metavar="KIND", choices=list(TRIALS))
    parser.add_argument("--add", type=Path, action="append", default=[], metavar="RESULT", help="of an earlier run")
    args: argparse.Namespace = parser.parse_args()
    measured = measure(args.inputs, args.seed, args.first, args.only, args.seconds)
    measured = fuzzing.added([*(json.loads(path.read_text())["measured"] for path in args.add), measured])
    finish(__file__, args, measured, tables)
    if any(measured["total"][end] for end in fuzzing.BAD):
        sys.exit(1)


if __name__ == "__main__":
    main()
