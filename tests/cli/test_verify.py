"""``flexstream verify``: what was changed in a model or a saved learner is found, and what was not is told so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner
from flexstream.container import read, write
from flexstream.learning.journal_chain import RULES, Chain, Link
from flexstream.learning.learner_state import LEARNER
from flexstream.monitoring.drift import Drift
from flexstream.saved import Saved
from flexstream.targets import reber, reentrant_line
from flexstream.verification import verify

TRACES = reber().sample(600, seed=1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "traces.txt"
    path.write_text("".join(" ".join(trace) + "\n" for trace in TRACES))
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A learner that was saved right after a refinement."""
    learner = StreamLearner(every=200)
    learner.learn_many(TRACES)
    learner.save(tmp_path / "learner")
    return tmp_path / "learner"


def changed(path: Path, change: Callable[[Any], Any]) -> Path:
    """Change the state in a file, with hashes that are right."""
    state = read(path, LEARNER)
    change(state)
    write(path, state, LEARNER)
    return path


def wrong(path: Path, source: Any = None) -> list[str]:
    return [finding.text for finding in verify(path, source) if finding.good is False]


@pytest.mark.parametrize("options", [[], ["--ensemble", "3"], ["--refine-every", "50"], ["--states", "4"]])
def test_a_model_is_what_its_source_makes_of_it(run: Any, source: Path, tmp_path: Path, options: list[str]) -> None:
    model = tmp_path / "model.json"
    assert run("learn", source, "-o", model, *options).code == 0
    assert run("verify", model).code == 0
    done = run("verify", model, source)
    assert done.code == 0, done.text
    assert "the same at trace 600" in done.text


def test_events_of_cases_are_read_as_they_were(run: Any, tmp_path: Path) -> None:
    rows = [(case, event) for case, trace in enumerate(TRACES[:200]) for event in trace]
    log = tmp_path / "log.csv"
    log.write_text("who,what\n" + "".join(f"c{case},{event}\n" for case, event in rows))
    model = tmp_path / "model.json"
    assert run("learn", log, "--case", "who", "--event", "what", "-o", model).code == 0
    assert run("verify", model, log).code == 0


SWAPPED = {
    "weights": lambda one: one["transitions"]["weight"].reverse(),
    "stops": lambda one: one["states"]["stops"].reverse(),
    "smoothing": lambda one: one["smoothing"].update(strength=9.0),
}


def written(run: Any, source: Path, options: list[str]) -> Path:
    """Write a model of some kind."""
    model = source.with_name("model.json")
    if options == ["merge"]:
        assert run("learn", source, "--checkpoint", source.with_name("one"), "-o", "-").code == 0
        assert run("merge", source.with_name("one"), "-o", model).code == 0
    elif options == ["per"]:
        rows = "".join(f"m{row % 3},c{row},{event}\n" for row, trace in enumerate(TRACES) for event in trace)
        log = source.with_name("per.csv")
        log.write_text("who,case,what\n" + rows)
        assert run("learn", log, "--per", "who", "--case", "case", "--event", "what", "-o", model).code == 0
    else:
        assert run("learn", source, "-o", model, *options).code == 0
    return model


KINDS: list[list[str]] = [[], ["--ensemble", "2"], ["--redact"], ["merge"], ["per"]]


@pytest.mark.parametrize("options", KINDS, ids=lambda options: "-".join(options) or "plain")
def test_a_forged_model_is_found_without_its_source(run: Any, source: Path, options: list[str]) -> None:
    model = written(run, source, options)
    done = run("verify", model)
    assert done.code == 0 and "the model is as it was written: its seal fits" in done.text
    whole = json.loads(model.read_text())
    model.write_text(json.dumps(whole))  # another layout says the same
    assert run("verify", model).code == 0
    for change in SWAPPED.values():
        forged = json.loads(json.dumps(whole))
        inside = forged.get("pool", forged)
        change(inside["members"][0] if "members" in inside else inside)
        model.write_text(json.dumps(forged))
        done = run("verify", model)
        assert done.code == 3 and "WRONG    the model is not as it was written: its seal does not fit" in done.text
    text = json.dumps({name: part for name, part in whole.items() if name != "seal"})
    model.write_text(text)
    done = run("verify", model)
    assert (
        done.code == 0
        and "unknown  whether the model was changed: it was written before models were sealed" in done.text
    )


def test_a_symbol_that_was_renamed_is_found_in_the_text_as_it_was_written(run: Any, source: Path) -> None:
    model = written(run, source, [])
    text = model.read_text()
    model.write_text(text.replace('"T"', '"Z"'))
    assert run("verify", model).code == 3
    model.write_text(text.rstrip().replace("\n", "\r\n"))
    assert run("verify", model).code == 0


def test_models_that_were_given_are_sealed_too(tmp_path: Path) -> None:
    model = tmp_path / "given.json"
    reber().save(model)
    assert [finding.good for finding in verify(model)] == [True, None]
    assert model.read_text() == reber().to_json()


def test_a_changed_model_is_found(run: Any, source: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    run("learn", source, "-o", model, "--refine-every", "150")
    document = json.loads(model.read_text())
    document["transitions"]["weight"][0] += 1
    document["states"]["visits"][0] += 1
    model.write_text(json.dumps(document))
    done = run("verify", model, source)
    assert done.code == 3 and "WRONG" in done.text and "other at trace 600" in done.text


@pytest.mark.parametrize("changed", [{"tahls": 3}, {"ensemble": -1}, {"seed": "x"}, {"plan": {}}])
def test_parameters_with_which_nothing_learns_are_found(
    run: Any, source: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    model = tmp_path / "model.json"
    run("learn", source, "-o", model)
    document = json.loads(model.read_text())
    provenance = document["provenance"]
    (provenance if "plan" in changed else provenance["parameters"]).update(changed)
    model.write_text(json.dumps(document))
    done = run("verify", model, source)
    assert done.code in {1, 3} and "no learner can be made with its parameters" in done.text + done.err, done


def test_another_source_is_found_at_the_first_refinement_that_differs(run: Any, source: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    run("learn", source, "-o", model, "--refine-every", "150")
    lines = source.read_text().splitlines()
    lines[200] = "B T X S E"
    source.write_text("\n".join(lines) + "\n")
    done = run("verify", model, source)
    assert done.code == 3 and "other at the refinement at trace 300; 1 refinement before is the same" in done.text
    source.write_text("\n".join(lines[:100]) + "\n")
    assert run("verify", model, source).code == 3


def test_a_changed_record_is_found(run: Any, source: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    run("learn", source, "-o", model, "--refine-every", "150")
    document = json.loads(model.read_text())
    document["provenance"]["journal"]["links"][1]["traces"] += 1
    model.write_text(json.dumps(document))
    done = run("verify", model)
    assert done.code == 3 and "the record of the refinement at trace 301 was changed" in done.text


def test_a_saved_learner_is_what_it_says(kept: Path) -> None:
    assert not wrong(kept, TRACES)
    assert [finding.good for finding in verify(kept, TRACES)] == [True] * 4


def test_a_changed_count_is_found_by_the_sums(kept: Path) -> None:
    def change(state: Any) -> None:
        state["summary"]["tree"]["nodes"]["visits"][3] -= 1

    assert wrong(changed(kept, change)) != []


def test_a_changed_count_that_fits_is_found(kept: Path) -> None:
    def change(state: Any) -> None:
        nodes = state["summary"]["tree"]["nodes"]
        nodes["ends"][int(np.argmax(nodes["ends"]))] -= 1  # as if it had been given up

    assert wrong(changed(kept, change)) == ["a count is another than at the refinement at trace 600"]


def test_a_changed_decision_is_found(kept: Path) -> None:
    def change(state: Any) -> None:
        kind = state["decisions"]["members"][0]["journal"]["kind"]
        kind[np.flatnonzero(kind == 1)[0]] = 0

    assert wrong(changed(kept, change)) == ["a decision is another than at the refinement at trace 600"]


def test_a_changed_decision_that_the_next_refinement_builds_on_is_found(tmp_path: Path) -> None:
    learner = StreamLearner(every=200, strategy="final")
    learner.learn_many(TRACES)
    learner.save(tmp_path / "learner")
    assert not wrong(tmp_path / "learner")

    def change(state: Any) -> None:
        before = state["decisions"]["again"]["before"][0]
        before["kind"][np.flatnonzero(before["kind"] == 1)[0]] = 0

    assert wrong(changed(tmp_path / "learner", change)) == ["folded again: other decisions"]


def test_a_changed_seal_is_found(kept: Path) -> None:
    def change(state: Any) -> None:
        state["decisions"]["chain"]["links"][-1]["decisions"] = "0" * 32

    assert "the record of the refinement at trace 600 was changed" in wrong(changed(kept, change))[0]


def test_a_count_that_was_changed_later_is_found_with_the_source(tmp_path: Path) -> None:
    learner = StreamLearner(every=200)
    learner.learn_many(TRACES[:450])
    learner.save(tmp_path / "learner")
    assert [finding.good for finding in verify(tmp_path / "learner")] == [True, True, None]
    assert not wrong(tmp_path / "learner", TRACES)

    def change(state: Any) -> None:
        state["summary"]["tree"]["nodes"]["visits"][0] += 1
        state["summary"]["tree"]["nodes"]["ends"][0] += 1

    assert wrong(changed(tmp_path / "learner", change), TRACES) == [
        "learned again: the same at 2 refinements, and other at trace 451"
    ]


def test_a_folder_of_checkpoints(tmp_path: Path, run: Any, source: Path) -> None:
    kept = tmp_path / "kept"
    assert run("learn", source, "--checkpoint", kept, "--checkpoint-every", "250", "--on-drift", "report").code == 0
    for path in (kept, max(kept.glob("checkpoint-*"))):
        assert run("verify", path).code == 0
        done = run("verify", path, source)
        assert done.code == 0 and "the same at trace 600" in done.text, done.text


def test_what_followed_a_change_of_the_source(tmp_path: Path) -> None:
    traces = [*TRACES[:400], *reentrant_line().sample(300, seed=1)]
    learner = StreamLearner(every=150)
    learner.observe(Drift("restart", tell=lambda line: None))
    learner.learn_many(traces)
    assert learner.forgotten
    learner.save(tmp_path / "learner")
    learner.automaton.save(tmp_path / "model.json")
    for name in ("learner", "model.json"):
        assert not wrong(tmp_path / name, traces)
        assert wrong(tmp_path / name, [*traces[:-9], *traces[:9]])


def test_what_is_neither(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    for path in (tmp_path / "x", tmp_path, tmp_path / "none"):
        done = run("verify", path)
        assert done.code == 1


def test_of_a_model_that_was_not_learned_nothing_is_said(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    reber().save(path)
    ended = run("verify", path)
    assert ended.code == 0 and [line.split(maxsplit=1)[0] for line in ended.text.splitlines()] == ["ok", "unknown"]
    assert "no record of learning" in ended.text


@pytest.fixture
def parts(run: Any, tmp_path: Path) -> list[Path]:
    """Folders of checkpoints of 200 and 400 traces."""
    folders = []
    for name, traces in (("late", TRACES[400:]), ("early", TRACES[:400])):
        part, folder = tmp_path / f"{name}.txt", tmp_path / name
        part.write_text("".join(" ".join(trace) + "\n" for trace in traces))
        assert run("learn", part, "-o", tmp_path / f"{name}.json", "--checkpoint", folder).code == 0
        folders.append(folder)
    return folders


def test_a_sum_of_parts_is_held_against_what_is_free_of_their_order(
    run: Any, source: Path, parts: list[Path], tmp_path: Path
) -> None:
    model, other = tmp_path / "sum.json", tmp_path / "other.txt"
    assert run("merge", *parts, "-o", model).code == 0
    done = run("verify", model, source)
    assert done.code == 0 and "learned again and added up: the same at trace 600" in done.text, done.text
    assert "the source has 400 traces, 600 were learned" in run("verify", model, tmp_path / "early.txt").text
    other.write_text(source.read_text() + "a b\n")
    assert "which they are is not recorded" in run("verify", model, other).text
    other.write_text(source.read_text().replace("\n", " B\n", 1))
    assert "events, " in wrong(model, other)[0]


def test_another_sum_of_parts_cannot_be_told(run: Any, source: Path, parts: list[Path], tmp_path: Path) -> None:
    """Of as many traces and events, which may be what other parts make of them: that is not wrong."""
    model, other = tmp_path / "sum.json", tmp_path / "other.txt"
    assert run("merge", *parts, "-o", model).code == 0
    other.write_text("".join(" ".join(reversed(line.split())) + "\n" for line in source.read_text().splitlines()))
    done = run("verify", model, other)
    assert not wrong(model, other) and "the same amounts, other at trace 600" in done.text, done.text


def test_a_learner_that_took_up_another_says_so(tmp_path: Path) -> None:
    one, other = StreamLearner(every=100), StreamLearner(every=100)
    one.learn_many(TRACES[:300])
    other.learn_many(TRACES[300:])
    one.merge(other)
    one.learn_many(TRACES[:50])
    one.save(tmp_path / "learner")
    assert not wrong(tmp_path / "learner", [*TRACES, *TRACES[:50]])
    again = StreamLearner.load(tmp_path / "learner")
    assert again.chain.summed and again.chain == one.chain
    assert not StreamLearner(every=100).chain.summed


# --- what earlier versions have made by other rules ---------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "fixtures" / "0.1.0"
LEARNED_FROM = {
    "lots.json": "lots.txt",
    "lots-css.json": "lots.txt",
    "lots-planned.json": "lots.txt",
    "lots-untimed.json": "lots.txt",
    "lots-timed.json": "events.csv",
    "lots-calibrated.json": "events.csv",
}


@pytest.mark.parametrize("name", LEARNED_FROM)
def test_of_what_an_older_version_made_it_is_not_said_that_it_is_wrong(run: Any, name: str, tmp_path: Path) -> None:
    source = ROOT / "datasets" / LEARNED_FROM[name]
    done = run("verify", OLD / name, source)
    assert done.code == 0, done.text
    assert "unknown  learned again: other at trace 300; an older version has made it by rules of its own" in done.text
    (tmp_path / "few").write_text("load run\n")
    assert "the source has 1 trace" in run("verify", OLD / name, tmp_path / "few").text


def by_rules(chain: Chain, parameters: Any, rules: int) -> Chain:
    """Return a chain as a version of other rules had sealed it."""
    begun = Chain.begin(parameters, chain.summed, rules)
    links: list[Link] = []
    for link in chain.links:
        links.append(link._replace(seal=link.sealed(links[-1].seal if links else begun.anchor)))
    return begun._replace(number=chain.number, links=tuple(links))


@pytest.mark.parametrize("rules", [0, RULES, RULES + 1])
def test_decisions_by_other_rules_cannot_be_judged(source: Path, tmp_path: Path, rules: int) -> None:
    """Here a margin that no parameter tells of stands for what another version asks of a merge."""
    learner = StreamLearner(every=200, options={"margin": 400})
    learner.learn_many(TRACES)
    model, chain = json.loads(learner.automaton.to_json()), learner.chain
    told = model["provenance"]
    told["parameters"]["options"] = {}
    told["journal"] = by_rules(chain, told["parameters"], rules).to_document()
    if not rules:
        del told["journal"]["rules"]  # as it was before there were any
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    changed, sealed, found = verify(path, str(source))
    assert changed.good is False  # the model was changed after it was sealed, as no other version would have
    assert (sealed.good, sealed.text) == (True, "3 refinements, each sealed with all before it")
    assert "learned again: other at the refinement at trace" in found.text
    assert found.good is (False if rules == RULES else None)
    version = {0: "an older version", RULES: "", RULES + 1: "a newer version"}[rules]
    assert (f"{version} has made it by rules of its own" in found.text) == (rules != RULES)


def test_a_tree_that_folds_otherwise_by_other_rules_cannot_be_judged(tmp_path: Path) -> None:
    learner = StreamLearner(every=200, strategy="final")
    learner.learn_many(TRACES)
    learner.save(tmp_path / "learner")

    def older(state: Any) -> None:
        before = state["decisions"]["again"]["before"][0]
        before["kind"][np.flatnonzero(before["kind"] == 1)[0]] = 0
        parameters = state["made"]["parameters"]
        state["decisions"]["chain"] = by_rules(learner.chain, parameters, RULES + 1).state()

    path = changed(tmp_path / "learner", older)
    assert not wrong(path)
    (text,) = (finding.text for finding in verify(path) if finding.good is None)
    assert text.startswith("folded again: other decisions; a newer version has made it by rules of its own")


def test_what_is_the_same_by_other_rules_is_right(run: Any, source: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    assert run("learn", source, "-o", path).code == 0
    model = json.loads(path.read_text())
    told = model["provenance"]
    saved = Chain.saved(Saved(told["journal"]))
    told["journal"] = by_rules(saved, told["parameters"], RULES + 1).to_document()
    path.write_text(json.dumps(model))
    assert "ok       learned again: the same at trace 600" in run("verify", path, source).text
