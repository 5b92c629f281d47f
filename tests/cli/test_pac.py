"""``flexstream pac`` and what ``learn`` has to do with it."""

from __future__ import annotations

import json

import pytest

SMALL = ["--states", 2, "--symbols", 3, "--mu", 0.5, "--length", 3, "--eps", 0.9, "--delta", 0.2, "--futures", 1]


@pytest.fixture
def plan(run, tmp_path):
    path = tmp_path / "plan.json"
    assert run("pac", "plan", *SMALL, "-o", path).code == 0
    return path


def test_plan_prints_a_table_and_writes_a_plan(run, tmp_path):
    plan, plot = tmp_path / "plan.json", tmp_path / "plan.svg"
    result = run("pac", "plan", *SMALL, "--strings", 10_000, "-o", plan, "--plot", plot)
    assert result.code == 0
    for name in ("flexstream", "baumgartner-verwer", "balle-castro-gavalda", "palmer-goldberg", "clark-thollard"):
        assert result.text.count(f"\n{name} ") == 2
    assert "10,000 strings support" in result.text
    assert json.loads(plan.read_text())["format"] == "flexstream-pac-plan"
    assert plot.read_text().startswith("<svg")


def test_a_plan_alone_goes_to_stdout(run):
    assert json.loads(run("pac", "plan", *SMALL, "-o", "-").out)["version"] == 2


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--eps", 1),
        ("--eps", "nan"),
        ("--mu", 0),
        ("--states", 0),
        ("--delta", 0),
        ("--length", "inf"),
        ("--eps", 1e-300),
    ],
)
def test_demands_that_make_no_sense(run, option, value):
    result = run("pac", "plan", *SMALL, option, value)
    assert (result.code, result.out, len(result.errors)) == (2, b"", 1)


def test_learn_runs_as_planned(run, lots, plan, tmp_path):
    model = tmp_path / "m.json"
    assert run("learn", lots, "--pac", plan, "-o", model).code == 0
    parameters = json.loads(model.read_text())["provenance"]["parameters"]
    planned = json.loads(plan.read_text())["run"]
    assert {name: parameters[name] for name in planned} == planned


@pytest.mark.parametrize("options", [["--heuristic", "css"], ["--set", "alpha=0.1"], ["--grow-at", "2"]])
def test_what_the_plan_fixes_is_not_given_twice(run, lots, plan, options):
    result = run("learn", lots, "--pac", plan, *options)
    assert (result.code, len(result.errors)) == (2, 1)
    assert options[0] in result.err


def test_a_plan_must_be_one(run, lots, model):
    for path in (model, lots, "nowhere.json"):
        result = run("learn", lots, "--pac", path)
        assert (result.code, len(result.errors)) == (2, 1)
        assert str(path) in result.err


@pytest.mark.parametrize("ending", ["html", "json", "txt"])
def test_learn_and_report_say_the_same(run, lots, tmp_path, ending):
    model, written, again = tmp_path / "m.json", tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    assert run("learn", lots, "-o", model, "--report", written).code == 0
    assert run("pac", "report", model, "-o", again).code == 0
    assert written.read_text() == again.read_text()
    text = written.read_text()
    if ending == "json":
        document = json.loads(text)
        assert (document["format"], document["version"]) == ("flexstream-pac-report", 1)
        assert document["seen"]["strings"] == 120
    elif ending == "html":
        assert text.startswith("<!DOCTYPE html>")
    else:
        assert "What was seen" in text


def test_a_report_alone_goes_to_stdout(run, lots):
    result = run("learn", lots, "--report", "-")
    assert result.code == 0
    assert "120 strings, 360 events" in result.text.replace("  ", " ")


def test_a_model_of_yesterday_is_reported_as_far_as_it_goes(run, model, write):
    document = json.loads(model.read_text())
    del document["evidence"]
    old = write("old.json", json.dumps(document))
    assert run("show", old).code == 0
    result = run("pac", "report", old)
    assert result.code == 0
    assert "does not hold its evidence" in result.text


@pytest.mark.parametrize("evidence", [[], 1, "x", None])
def test_damaged_evidence(run, model, write, evidence):
    document = json.loads(model.read_text())
    document["evidence"] = evidence
    result = run("pac", "report", write("bad.json", json.dumps(document)))
    assert (result.code, len(result.errors)) == (1, 1)


@pytest.mark.parametrize("options", [["--eps", "1"], ["--delta", "0"], ["--delta", "nan"], ["--depth", "0"]])
def test_report_refuses(run, model, options):
    result = run("pac", "report", model, *options)
    assert (result.code, result.out, len(result.errors)) == (2, b"", 1)


def test_a_model_that_was_not_learned(run, write):
    from flexstream.targets import reber

    result = run("pac", "report", write("exact.json", reber().to_json()))
    assert (result.code, len(result.errors)) == (1, 1)
    assert "not learned from traces" in result.err


def test_an_old_report_is_not_an_input(run, model):
    assert run("pac", "report", model, "-o", model).code == 2


@pytest.mark.parametrize("ending", ["html", "json", "txt"])
def test_an_ensemble_is_reported_by_its_best_member(run, lots, tmp_path, ending):
    model, written, again = tmp_path / "m.json", tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    assert run("learn", lots, "--ensemble", "4", "-o", model, "--report", written).code == 0
    assert run("pac", "report", model, "-o", again).code == 0
    assert written.read_text() == again.read_text()
    if ending == "json":
        assert json.loads(written.read_text())["ensemble"]["members"] == 4
    else:
        assert "the best of 4 automata" in written.read_text()


def test_damaged_evidence_of_an_ensemble(run, lots, tmp_path, write):
    model = tmp_path / "m.json"
    run("learn", lots, "--ensemble", "2", "-o", model)
    document = json.loads(model.read_text())
    for member in document["members"]:
        member["evidence"] = []
    result = run("pac", "report", write("bad.json", json.dumps(document)))
    assert (result.code, len(result.errors)) == (1, 1)


def test_each_model_that_is_written_is_a_report(run, lots, tmp_path):
    model = tmp_path / "m.json"
    assert run("learn", lots, "-o", model, "--emit-every", "50").code == 0
    assert json.loads(model.read_text())["evidence"]["reports"] == 3


def test_too_few_strings_for_a_plan_are_told(run, lots, plan, tmp_path):
    result = run("learn", lots, "--pac", plan, "-o", tmp_path / "m.json")
    assert "the plan asks for" in result.err


@pytest.mark.parametrize("value", ["1e400", "1" + "0" * 400, "NaN", '"x"', "[]", "true"])
@pytest.mark.parametrize("name", ["mu", "delta", "length", "states"])
def test_damaged_plans(run, lots, plan, write, name, value):
    document = json.loads(plan.read_text())
    text = json.dumps(document).replace(f'"{name}": {json.dumps(document["demand"][name])}', f'"{name}": {value}', 1)
    assert text != json.dumps(document)
    result = run("learn", lots, "--pac", write("bad.json", text))
    assert (result.code, result.out, len(result.errors)) == (2, b"", 1)
    assert "bad.json" in result.err


@pytest.mark.parametrize("target", [".", "/dev/full"])
def test_reports_that_cannot_be_written(run, lots, model, target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where what was learned is saved instead
    for words in (("learn", lots, "--report", target), ("pac", "report", model, "-o", target)):
        result = run(*words)
        assert (result.code, len(result.errors)) == (1, 1)


def test_little_memory_and_little_data_have_a_report(run, lots, write):
    assert "all counts are complete" in run("learn", lots, "--memory", "128KiB", "--report", "-").text
    one = run("learn", write("one.txt", "a b\n"), "--report", "-")
    assert one.code == 0
    assert "\n- Nothing could be decided" in one.text


def test_a_report_of_a_long_stream_rests_on_all_counts(run, write):
    """Without --report a long stream is thinned to what lies near its states, for speed, and says so."""
    from flexstream.learning.schedule import LONG
    from flexstream.targets import reber

    long = write("long.txt", "".join(" ".join(trace) + "\n" for trace in reber().sample(LONG + 100, 1)))
    assert "all counts are complete" in run("learn", long, "--report", "-").text


def test_what_of_the_stream_had_no_room_is_in_the_report(run, write, tmp_path):
    symbols = write("log.txt", "".join(f"load lot{number} unload\n" for number in range(2000)))
    model, report = tmp_path / "m.json", tmp_path / "r.json"
    assert run("learn", symbols, "--memory", "128KiB", "-o", model).code == 0
    assert run("pac", "report", model, "-o", report).code == 0
    told = json.loads(model.read_text())["provenance"]["alphabet"]
    assert json.loads(report.read_text())["seen"]["other_symbols"] == {
        "counted_as": told["other"],
        "events": told["given_up_events"],
        "own_symbols": told["symbols"] - 1,
    }
    assert f"counted as <other>, in {told['given_up_events']:,} events" in run("pac", "report", model).text


def test_cases_closed_early_are_in_the_report(run, write, tmp_path):
    cases = write("log.csv", "case,event\n" + "".join(f"order{number},load\n" for number in range(20)))
    model = tmp_path / "m.json"
    options = ("--case", "case", "--event", "event", "--max-open-cases", "19")
    assert run("learn", cases, *options, "-o", model).code == 0
    told = run("pac", "report", model).text
    assert "- Cases were closed early, so neither intervals nor bounds are proven" in told
    assert "Closed early because too many were open at once: 1 case." in told


def test_looks_that_are_declared_give_narrower_intervals(run, lots, tmp_path):
    def widths(*options):
        model, report = tmp_path / "m.json", tmp_path / "r.json"
        assert run("learn", lots, "-o", model, "--report", report, *options).code == 0
        states = json.loads(report.read_text())["states"]
        return [row["stop"]["most"] - row["stop"]["least"] for row in states], json.loads(model.read_text())["evidence"]

    anyhow, once = widths(), widths("--looks", 1)
    assert all(one < other for one, other in zip(once[0], anyhow[0], strict=True))
    traces = json.loads((tmp_path / "m.json").read_text())["provenance"]["traces"]
    assert once[1]["declared"] == {"reports": 1, "traces": traces} and "declared" not in anyhow[1]
    assert widths("--looks", 3, "--emit-every", 50)[1]["declared"] == {"reports": 3, "traces": 150}


def test_how_many_looks_there_are_says_nothing_without_when(run, lots):
    result = run("learn", lots, "--looks", 3)
    assert (result.code, result.out) == (2, b"")
    assert result.errors == ["flexstream: error: --looks 3 needs --emit-every: it says when each of them is made"]


# --- search --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    """Traces of a fork, and of one that from some trace on goes the other way more often."""
    from flexstream.targets import from_rows

    def traces(chance, number):
        ways = {"a": (chance, 1), "b": (1 - chance, 2)}
        rest = {number: {symbol: (0.5, number), None: (0.5, 0)} for number, symbol in ((1, "a"), (2, "b"))}
        return "".join(" ".join(trace) + "\n" for trace in from_rows({0: ways, **rest}).sample(number, seed=1))

    paths = [tmp_path_factory.mktemp("forks") / name for name in ("one.txt", "both.txt")]
    paths[0].write_text(before := traces(0.2, 16_000))
    paths[1].write_text(before + traces(0.9, 3000))
    return paths


def test_search_says_what_it_has_found_and_under_which_mu(run, forks, tmp_path):
    model = tmp_path / "m.json"
    result = run("pac", "search", forks[0], "--eps", 0.3, "-o", model)
    assert result.code == 0
    assert (
        ": right, if no two states of the source are nearer than 0.25, but for what leaves it, at most 30 %"
        in result.err
    )
    assert "no change of the source was noticed in " in result.err
    found = json.loads(model.read_text())["provenance"]["search"]
    assert (found["mu"], found["most_states"], found["round"]) == (0.25, 4, 2)
    assert f"found in {found['traces']:,} traces under mu 0.25" in run("show", model).text
    assert run("score", model, forks[0]).code == 0


def test_told_n_and_mu_there_is_one_round(run, forks):
    result = run("pac", "search", forks[0], "--eps", 0.3, "--states", 3, "--mu", 0.4)
    assert (result.code, result.text[:10]) == (0, "3 states, ")
    assert "(round 1: n 3, mu 0.4): right, if no two states of the source are nearer than 0.4" in result.err
    assert "not decided yet" not in result.err


@pytest.mark.parametrize(
    "options", [["--mu", 0.5], ["--states", 3], ["--states", 0, "--mu", 0.5], ["--states", 2, "--mu", 2]]
)
def test_half_of_n_and_mu_or_none_that_can_be(run, lots, options):
    result = run("pac", "search", lots, *options)
    assert (result.code, result.out, len(result.errors)) == (2, b"", 1)


def test_search_prints_a_table(run, forks):
    result = run("pac", "search", forks[0], "--eps", 0.3)
    assert (result.code, result.text[:10]) == (0, "3 states, ")


def test_search_tells_a_change(run, forks):
    result = run("pac", "search", forks[1], "--eps", 0.3, "--gamma", 0.4)
    assert "the source has changed, noticed after trace " in result.err


def test_search_in_too_few_traces_writes_nothing(run, lots, tmp_path):
    result = run("pac", "search", lots, "-o", tmp_path / "m.json")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "nothing is sure, so nothing was written (expected: more traces, or flexstream learn)" in result.err
    assert "nobody watches before something is found" in result.err
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("option", ["--eps", "--delta", "--gamma"])
def test_search_with_values_that_make_no_sense(run, lots, option):
    result = run("pac", "search", lots, option, 1)
    assert (result.code, result.out, len(result.errors)) == (2, b"", 1)


@pytest.mark.parametrize("found", [3, {}, {"traces": "x", "mu": 0.5}, {"traces": 5, "mu": None}])
def test_a_model_that_only_says_that_it_was_searched_for(found):
    from flexstream_cli.show import _searched

    assert _searched(found) == "given, not learned"
