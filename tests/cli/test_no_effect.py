"""Options that have no effect where they stand: each is refused, with what would give it one."""

from __future__ import annotations

import pytest

LEARN = ["learn", "{lots}"]
MINIFAB = ["simulate", "minifab", "--weeks", "0.1"]
SERIES = [*MINIFAB, "--series", "{new}.csv"]
PARAMETERS = ["simulate", "minifab", "--parameters"]
VIEWS = {
    "--coverage": ["0.5"],
    "--min-prob": ["0.1"],
    "--min-count": ["3"],
    "--max-states": ["3"],
    "--all": [],
    "--as": ["activities"],
    "--colour": ["times"],
    "--times": [],
    "--no-times": [],
}
NO_PICTURE = "is for pictures, and has no effect without one (expected: --svg or --dot beside it)"
TABLE: list[tuple[list[str], str]] = [
    *(([*LEARN, option, *value, "-o", "{new}.json"], NO_PICTURE) for option, value in VIEWS.items()),
    *(([*LEARN, option, *value], NO_PICTURE) for option, value in VIEWS.items()),
    ([*LEARN, "--all", "--report", "{new}.txt"], f"--all {NO_PICTURE}"),
    (["merge", "{kept}", "--coverage", "0.5", "-o", "{new}.json"], f"--coverage {NO_PICTURE}"),
    (["merge", "{kept}", "--all", "--summary", "{new}.sum"], f"--all {NO_PICTURE}"),
    ([*LEARN, "--looks", "1", "--svg", "{new}.svg"], "--looks is how many models and reports are written"),
    ([*LEARN, "--emit-every", "9"], "--emit-every writes outputs meanwhile, and there is none"),
    ([*LEARN, "--emit-every", "9", "--frontier", "{new}.json"], "--emit-every writes outputs meanwhile"),
    ([*LEARN, "--checkpoint-every", "9"], "--checkpoint-every needs --checkpoint"),
    ([*LEARN, "--resume"], "--resume needs --checkpoint"),
    ([*LEARN, "--port", "80"], "--port needs --watch"),
    ([*LEARN, "--master", "x"], "--master needs --engine"),
    ([*LEARN, "--stride", "3"], "--stride needs --window"),
    ([*LEARN, "--heuristic", "alergia", "--futures", "3"], "heuristic alergia has no option 'futures'"),
    (["export", "{model}", "--to", "prism", "--times"], "--times has no effect on prism"),
    (["export", "{model}", "--to", "json", "--coverage", "0.5"], "leave out the options that hide parts of it"),
    (["explain", "{model}", "0", "--max-states", "3"], "--max-states is for the words on all states"),
    (["explain", "{model}", "--json", "--max-states", "3"], "--max-states is for the words on all states"),
    (["explain", "{model}", "--trace", "load", "--max-states", "3"], "--max-states is for the words on all states"),
    (["show", "{model}", "--max-members", "3"], "--max-members is for a fleet"),
    (["sample", "{model}", "--times", "--to", "lines"], "expected: one of --times and --to"),
    (["predict", "{model}", "--after", "load", "--gap", "3"], "--gap says how to read a SOURCE, and there is none"),
    (["alarm", "{model}", "{lots}", "--accept", "all"], "expected: --accepted FILE beside it"),
    (["alarm", "{model}", "{lots}", "--ungrouped", "--to", "kafka://a/b"], "--ungrouped has no effect"),
    ([*SERIES, "--by", "machine"], "--series writes a data set, no events, so that --by has no effect"),
    ([*SERIES, "--only", "implant"], "so that --only has no effect"),
    ([*SERIES, "--per", "day"], "so that --per has no effect"),
    ([*SERIES, "--timed"], "so that --timed has no effect"),
    ([*SERIES, "--cut"], "so that --cut has no effect"),
    ([*SERIES, "--speed", "3"], "so that --speed has no effect"),
    ([*SERIES, "--inject", "slow:Mc:2@1h"], "so that --inject has no effect"),
    ([*SERIES, "--truth", "{new}"], "so that --truth has no effect"),
    ([*SERIES, "-o", "{new}"], "so that --output has no effect"),
    ([*PARAMETERS, "--weeks", "3"], "--parameters prints them and stops, so that --weeks has no effect"),
    ([*PARAMETERS, "--seed", "3"], "so that --seed has no effect"),
    ([*PARAMETERS, "--series", "{new}"], "so that --series has no effect"),
    ([*PARAMETERS, "-o", "{new}"], "so that --output has no effect"),
]


@pytest.fixture(scope="module")
def names(tmp_path_factory, run):
    folder = tmp_path_factory.mktemp("no-effect")
    lots, model, kept = folder / "lots.txt", folder / "model.json", folder / "kept"
    lots.write_text("load run unload\nload unload\n" * 50)
    assert run("learn", lots, "-o", model, "--checkpoint", kept).code == 0
    return {"lots": lots, "model": model, "kept": kept, "new": folder / "new"}


@pytest.mark.parametrize(("arguments", "told"), TABLE, ids=lambda part: " ".join(part) if type(part) is list else "")
def test_it_is_refused_before_anything_is_written(run, names, arguments, told):
    before = sorted(names["lots"].parent.iterdir())
    result = run(*(argument.format_map(names) for argument in arguments))
    assert (result.code, len(result.errors), result.out) == (2, 1, b""), result.err
    assert told in result.err
    assert sorted(names["lots"].parent.iterdir()) == before


@pytest.mark.parametrize("asked", [["--times"], ["--colour", "times"]])
def test_times_that_are_not_kept_are_missed_before_the_stream_is_read(run, names, asked):
    told = run("learn", names["lots"], "no-such-file", "--no-durations", "--svg", names["new"], *asked)
    assert told.code == 2 and len(told.errors) == 1
    assert f"{' '.join(asked)} shows how long transitions take (expected: no --no-durations)" in told.err
    assert run("learn", names["lots"], "--no-durations", "--no-times", "--dot", "-").code == 0
