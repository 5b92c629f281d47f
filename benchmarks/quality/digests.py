"""Are the models still the same?  Learns many streams in many ways and compares what comes out with a recorded run.

    python benchmarks/quality/digests.py record FILE [FOLDER...]   # remember
    python benchmarks/quality/digests.py check FILE [FOLDER...]    # compare; ends with 1 where a model has changed

A digest is the number of states and transitions, a hash of the automaton (symbols, transitions, counts) and, of the
scores that the model gives to the stream's own traces, a hash to nine digits.  What is only said beside a model
(provenance, evidence) does not enter.  The streams are the project's data sets, traces of random targets, and the logs
and problems of any folders named; `tests/fixtures/digests.json` holds the record of those that need no folder.

Where a model is another, models of before cannot be held against their source any more: a record of others is written
only once ``RULES`` of `flexstream.learning.journal_chain` is one more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import flexstream
from flexstream import Alphabet, StreamLearner, TraceBatch, read_batches
from flexstream.learning.journal_chain import RULES
from flexstream.targets import Recipe, random_hmm, random_pdfa

DATASETS = Path(__file__).resolve().parent.parent
while not (DATASETS / "datasets").is_dir():
    DATASETS = DATASETS.parent
DATASETS /= "datasets"

SKETCHES: dict[str, float] = {"futures": 3}
WAYS: dict[str, dict[str, Any]] = {
    "evidence": {},
    "evidence replay": {"strategy": "replay"},
    "evidence final": {"strategy": "final"},
    "evidence every 700": {"every": 700},
    "evidence grow-at 1": {"grow_at": 1},
    "evidence, little memory": {"memory": "2MiB"},
    "evidence 200 nodes": {"nodes": 200},
    "evidence 200 nodes, sketches, no tails": {"nodes": 200, "options": SKETCHES, "tails": False},
    "ensemble of 4": {"ensemble": 4},
    "css": {"heuristic": "css"},
    "css fresh": {"heuristic": "css", "strategy": "fresh"},
    "css minhash": {"heuristic": "css", "options": {"minhash": 16}},
    "alergia": {"heuristic": "alergia"},
    "alergia final": {"heuristic": "alergia", "strategy": "final"},
    "spacesaving": {"heuristic": "spacesaving"},
    "spacesaving 2014": {"heuristic": "spacesaving", "options": {"edition": 2014, "mu": 0.3}},
    "spacesaving bootstrap": {"heuristic": "spacesaving", "options": {"copies": 4, "counters": 32}},
}
SCORED = 20_000
"""Traces whose scores are looked at."""
LARGE = 200_000
"""Events from which on a file is learned by the first ways only."""


def sampled(target: Any, seed: int, traces: int) -> tuple[Alphabet, list[TraceBatch]]:
    """Return an alphabet and traces of a target in batches of odd sizes."""
    source, alphabet = target.sampler(seed), Alphabet(target.symbols)
    sizes = [997] * (traces // 997) + [traces % 997]
    return alphabet, [source.batch(size) for size in sizes]


def streams(folders: list[Path]) -> Iterator[tuple[str, Alphabet, list[TraceBatch]]]:
    """Yield name, alphabet and batches of every stream."""
    for seed in range(4):
        target = random_pdfa(Recipe(states=4 + 12 * seed, symbols=3 + 2 * seed, mean_length=8), seed)
        yield f"pdfa {len(target)}", *sampled(target, seed, 3000 + 4000 * seed)
    yield "hmm 8", *sampled(random_hmm(Recipe(states=8, symbols=6, mean_length=9), 5), 5, 6000)
    files = [DATASETS / name for name in ("events.csv", "events.log", "lots.txt")]
    for folder in folders:
        files += sorted(path for path in folder.rglob("*") if path.name.endswith(ENDINGS))
    for path in files:
        alphabet = Alphabet()
        try:
            yield path.name, alphabet, list(read_batches(str(path), alphabet))
        except flexstream.FlexStreamError as error:
            print(f"{path.name}: left out: {error}", file=sys.stderr)


ENDINGS = (".train", ".xes", ".xes.gz", ".log", ".csv", "sessions_normal.txt")


def digest(model: Any, batches: list[TraceBatch]) -> dict[str, Any]:
    """Return what identifies a model and its scores."""
    members = list(model) if isinstance(model, flexstream.Ensemble) else [model]
    of_model, of_scores = hashlib.sha256(), hashlib.sha256()
    for member in members:
        of_model.update("\0".join(member.symbols).encode("utf-8", "surrogatepass"))
        for column in ("visits", "stops", "offsets", "edge_symbols", "targets", "weights", "guessed"):
            of_model.update(np.ascontiguousarray(getattr(member, column)).tobytes())
    scored = [model.score_batch(batch) for batch in batches]
    bits, where, _, unseen = (np.concatenate(column)[:SCORED] for column in zip(*scored, strict=True))
    of_scores.update("".join(f"{value:.9g}" for value in bits.tolist()).encode() + where.tobytes() + unseen.tobytes())
    return {
        "states": sum(map(len, members)),
        "transitions": sum(len(member.targets) for member in members),
        "model": of_model.hexdigest()[:16],
        "scores": of_scores.hexdigest()[:16],
    }


def learned(way: dict[str, Any], alphabet: Alphabet, batches: list[TraceBatch]) -> Any:
    """Return the model of a stream; a single learner is told to refine after half of it."""
    learner = StreamLearner(**way)
    ids = learner.alphabet.adopt(alphabet)  # with little memory some symbols share one
    half = sum(map(len, batches)) // 2
    for batch in batches:
        known = TraceBatch(ids[batch.symbols], batch.offsets)
        first = min(max(half - learner.traces, 0), len(known))
        learner.learn_many(known.part(0, first))
        if learner.traces == half and "ensemble" not in way:
            learner.refine()
        learner.learn_many(known.part(first, len(known)))
    return learner.model


def measure(folders: list[Path], names: Container[str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the digests of all streams, or those of some names, learned in all ways."""
    found = {}
    for name, alphabet, batches in streams(folders):
        if names is not None and name not in names:
            continue
        large = sum(batch.events for batch in batches) > LARGE
        for number, (way, options) in enumerate(WAYS.items()):
            if large and number:
                continue
            try:
                found[f"{name}: {way}"] = digest(learned(options, alphabet, batches), batches)
            except (flexstream.FlexStreamError, ZeroDivisionError) as error:
                found[f"{name}: {way}"] = {"error": type(error).__name__}
        print(f"{name}: done", file=sys.stderr)
    return found


def main() -> None:
    """Record or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["record", "check"])
    parser.add_argument("file", type=Path)
    parser.add_argument("folders", type=Path, nargs="*")
    args = parser.parse_args()
    found = measure(args.folders)
    known = json.loads(args.file.read_text()) if args.file.exists() else {}
    changed = [name for name in known if name in found and found[name] != known[name]]
    if args.action == "record":
        if changed and known.get("rules") == RULES:
            sys.exit(
                f"{len(changed)} models have changed (expected: one more in flexstream.learning.journal_chain.RULES)"
            )
        args.file.write_text(json.dumps({"rules": RULES, **found}, indent=0) + "\n")
        print(f"{len(found)} models recorded")
        return
    for name in changed:
        print(f"{name}: was {known[name]}, is {found[name]}")
    print(f"{len(known.keys() & found.keys())} models compared, {len(changed)} have changed")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
