"""The verdict of ``flexstream learn``: the last line, with a command that can be typed; and a field of the model."""

from __future__ import annotations

import json
import shlex

from flexstream.targets import Recipe, random_pdfa

from .conftest import LOTS

FEW = "load run unload\nload setup run unload\n"
MESSAGES = "".join(f"user u{number} took {number * 7} ms for /page/{number}\n" for number in range(200))


def last(err: str) -> str:
    return err.splitlines()[-1]


def test_the_verdict_follows_the_summary(run, write):
    path = write("few.txt", FEW)
    result = run("learn", path)
    summary, verdict = result.err.splitlines()[-2:]
    assert (result.code, "2 traces, 7 events" in summary) == (0, True)
    assert verdict.startswith("flexstream: verdict: too few traces: 2 traces")
    assert verdict.endswith(f"next: flexstream inspect {path}")


def test_nothing_follows_where_all_is_well(run, write):
    result = run("learn", write("lots.txt", LOTS), "-o", "-")
    assert "verdict" not in result.err
    assert json.loads(result.out)["provenance"]["verdict"] == []


def test_the_command_can_be_typed_and_goes_on_with_what_was_given(run, write):
    path, model = write("my messages", MESSAGES), write("m.json", "")
    result = run("learn", path, "-o", model, "--no-thin", "--set", "strength=5", "--futures", "2")
    command = shlex.split(last(result.err).partition("next: ")[2])
    assert command[:3] == ["flexstream", "learn", str(path)]
    words = ["--output", str(model), "--no-thin", "--set", "strength=5", "--futures", "2", "--format", "log"]
    assert sorted(command[3:]) == sorted(words)
    again = run(*command[1:])
    assert again.code == 0
    assert "1 symbol ->" in again.err
    kept = json.loads(model.read_text())["provenance"]["verdict"]
    assert "words_as_symbols" not in [one["code"] for one in kept]


def test_file_and_pipe_give_one_model(run, write):
    path = write("few.txt", FEW)
    plain = run("learn", path, "-o", "-")
    piped = run("learn", "-", "-o", "-", input=FEW.encode())
    assert plain.out == piped.out
    assert last(piped.err).endswith("next: ... | flexstream inspect -")


def test_an_ensemble_is_judged_by_its_best(run, write):
    result = run("learn", write("few.txt", FEW), "-o", "-", "--ensemble", "3")
    assert json.loads(result.out)["provenance"]["verdict"][0]["code"] == "too_few_traces"


def test_a_model_written_meanwhile_is_judged_as_it_is(run, write):
    result = run("learn", write("lots.txt", LOTS), "-o", "-", "--emit-every", "2")
    decoder, found, rest = json.JSONDecoder(), [], result.text
    while rest:
        model, stop = decoder.raw_decode(rest)
        found.append(model["provenance"]["verdict"])
        rest = rest[stop:].lstrip()
    assert len(found) > 10
    assert found[0][0]["code"] == "too_few_traces"
    assert found[-1] == []


def test_a_stream_that_repeats_itself_is_told(run, tmp_path):
    loop = random_pdfa(Recipe(states=9, symbols=7, mean_length=10), 3).sample(1500, 5) * 7
    path = tmp_path / "loop.txt"
    path.write_text("".join(" ".join(trace) + "\n" for trace in loop))
    done = run("learn", str(path), "-o", str(tmp_path / "m.json"))
    assert done.err.splitlines()[-1].startswith("flexstream: verdict: the stream repeats itself: ")
    told = json.loads((tmp_path / "m.json").read_text())["provenance"]
    assert told["verdict"][0]["code"] == "repeats"
    assert told["traces"] == len(loop)
    assert told["repeats"]["traces"] > 6 * 1400
