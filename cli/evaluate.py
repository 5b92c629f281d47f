"""``flexstream evaluate``: how well do alarms tell traces that are labelled as wrong from others?"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from flexstream.json_text import json_text

from .console import Notes, put, say
from .models import member_option, opened
from .paths import FileName
from .rates import rate_option, say_rate
from .reading import alphabet_like, none_came, reading, reading_like, told
from .score import Shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flexstream import Judge
    from flexstream.monitoring.evaluation import Figures
    from flexstream.stream.manner import Manner

USUAL = frozenset(
    (
        *("", "0", "0.0", "-", "false", "no", "none", "normal", "ok", "success", "successful", "succeeded"),
        *("pass", "passed", "good", "benign", "healthy"),
    )
)
"""Labels of traces in which nothing went wrong, where nobody says which the others are."""
SHOWN = 5
"""Labels that are named."""
TELLING, MOST = 0.9, 0.9
"""Area under the curve from which on alarms could tell what went wrong; share of it that a rate is to let alarm."""
HEADER = ("rule", "alarms", "right", "precision", "recall", "F1", "false alarms", "AUC")


@click.command(short_help="Say how well alarms find the traces that are labelled as wrong.")
@click.argument("model", type=FileName())
@member_option
@click.option("--label", required=True, metavar="COLUMN", help="Column or field that holds the label.")
@click.option(
    "--anomalous",
    multiple=True,
    metavar="LABEL",
    help="Label of what went wrong; may stand repeatedly. Default: all but 0, -, false, no, none, normal, ok, "
    "success, successful, succeeded, pass, passed, good, benign, healthy.",
)
@rate_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@reading
def evaluate(
    model: str,
    member: str | None,
    label: str,
    anomalous: tuple[str, ...],
    rate: float | None,
    as_json: bool,
    sources: tuple[str, ...],
    **given: Any,
) -> None:
    """Judge labelled traces with a learned MODEL, and say how well its alarms find those that went wrong.

    \b
      flexstream evaluate model.json sessions.csv --sequence Sequence --label label
      flexstream evaluate model.json events.csv --label state --anomalous failed --json

    A trace went wrong if its label, or that of one of its events, says so. There is a line for each rule: all
    statistics together, as flexstream alarms, then each alone: the least expected event, the bits per event, the
    counts of the symbols, the slowest step. SOURCE is read twice, so it has to be a file.
    """
    import numpy as np

    from flexstream import Judge
    from flexstream.monitoring.evaluation import ALL, figures

    _check(sources, given)
    judge = Judge(opened(model, member), rate)
    say_rate(judge, rate)
    p_values, manner = _p_values(model, judge, sources, given)
    labels = _labels(sources, given, manner, label)
    if len(labels) != len(p_values):
        raise _uneven(sources, label, len(labels), len(p_values))
    wrong = np.array([any(_is_wrong(one, anomalous) for one in each) for each in labels], np.bool_)
    _report(sources, labels, anomalous, wrong)
    rules = [ALL, *judge.calibration.statistics]
    found = {rule: figures(column, wrong, judge.rate) for rule, column in zip(rules, p_values.T, strict=True)}
    put("-", _document(judge.rate, wrong, found) if as_json else _table(found))
    _hint(p_values[:, 0], wrong, judge.rate, found[ALL])


def _check(sources: tuple[str, ...], given: dict[str, Any]) -> None:
    from flexstream.errors import UsageError
    from flexstream.files import is_special, is_topic

    for path in sources:
        if path == "-" or is_topic(path) or is_special(path):
            what = "stdin" if path == "-" else path
            raise UsageError(
                f"labels cannot come from {what}, which is read once (expected: files, they are read twice)"
            )
    for name in ("follow", "start"):
        if given[name]:
            raise UsageError(f"--{name} does not go with labels (expected: evaluate without it)")


def _p_values(path: str, judge: Judge, sources: tuple[str, ...], given: dict[str, Any]) -> tuple[NDArray[Any], Manner]:
    """Return the p-values of all traces by all rules, shape (traces, rules), and how they were read."""
    import numpy as np

    alphabet = alphabet_like(judge.model)
    reading = reading_like(path, judge.model, sources, alphabet, given)
    notes, shared = Notes(reading), Shared(len(judge.model.symbols))
    traces, parts = 0, [np.empty((0, 1 + len(judge.calibration.statistics)))]
    try:
        for batch in reading:
            notes.flush()
            numbers = range(traces + 1, traces + 1 + len(batch))
            parts.append(np.column_stack([judge.p_values(batch, numbers=numbers), judge.p_values_each(batch)]))
            traces += len(batch)
            shared.see(batch.symbols)
    finally:
        notes.close()
    if not traces:
        none_came(sources, reading, stopped=False)
    shared.report(path, judge.model, alphabet, reading.manner)
    return np.concatenate(parts), reading.manner


def _labels(sources: tuple[str, ...], given: dict[str, Any], manner: Manner, label: str) -> list[set[str]]:
    """Return the labels of all traces: the same files are read once more, with the label in place of the event."""
    from flexstream import Alphabet
    from flexstream.errors import DataError, UsageError
    from flexstream.readers import Reading, ReadOptions

    known = {part.name for part in fields(ReadOptions)}
    same = {name: value for name, value in manner.items() if name in known}
    said = {name: value for name, value in told(given).items() if name not in ("preset", "lifecycle")}
    options = {**given, **same, **said, "preset": None, "lifecycle": None, "mask": None, "cut": False}
    if options["sequence"] is not None:
        options["sequence"] = label
    elif options["event"] is not None:
        options["event"] = label
    else:
        raise UsageError("what was read has no columns, so no label (expected: a table, or JSON, with one)")
    alphabet = Alphabet()
    found = []
    try:
        for batch in Reading(sources, alphabet, ReadOptions(**options)):
            found += [{alphabet.texts[symbol] for symbol in trace.tolist()} for trace in batch]
    except DataError as error:  # the options are this function's, which nobody gave
        expected = re.sub(r"; name it with .*", "; --label names it", error.expected.marked)
        raise DataError(error.source, error.line, error.problem.marked, expected) from None
    return found


def _is_wrong(label: str, anomalous: tuple[str, ...]) -> bool:
    return label in anomalous if anomalous else label.strip().lower() not in USUAL


def _uneven(sources: tuple[str, ...], label: str, labels: int, traces: int) -> Exception:
    from flexstream.errors import DataError
    from flexstream.writers.labels import counted

    wrong = f"{counted(labels, 'label')} in {label} for {counted(traces, 'trace')}"
    return DataError(", ".join(sources), None, wrong, "a label in each row")


def _report(sources: tuple[str, ...], labels: list[set[str]], anomalous: tuple[str, ...], wrong: NDArray[Any]) -> None:
    """Say which labels were taken for what; raise where all are of one kind."""
    from flexstream.errors import DataError

    counts = Counter(one for each in labels for one in each)
    named = {
        kind: ", ".join(repr(one) for one, _ in counts.most_common() if _is_wrong(one, anomalous) is kind)[:200]
        for kind in (True, False)
    }
    bad = int(wrong.sum())
    if not 0 < bad < len(wrong):
        seen = ", ".join(repr(one) for one, _ in counts.most_common(SHOWN)) or "none"
        which = "all" if bad else "none"
        said = f"{which} of {len(wrong):,} traces went wrong by their labels ({seen})"
        raise DataError(", ".join(sources), None, said, "both kinds; --anomalous says which labels are")
    others = named[False] or "none"
    say(f"{bad:,} of {len(wrong):,} traces went wrong (labels {named[True]}), the others did not ({others})")


def _hint(p_values: NDArray[Any], wrong: NDArray[Any], rate: float, found: Figures) -> None:
    """Say why few traces that went wrong alarm, where they are the strangest: many such ones were learned from."""
    bad = p_values[wrong]
    missed = bad[bad > rate]
    if found.auc < TELLING or 2 * len(missed) < len(bad):
        return
    least = min(0.999, math.ceil(float(sorted(bad)[math.ceil(MOST * len(bad)) - 1]) * 1e3) / 1e3)
    say(
        f"{len(missed):,} of {len(bad):,} traces that went wrong do not alarm at a rate of {rate:g}, though they are "
        "stranger than the others: a larger share of the traces learned from is as strange (expected: a model learned "
        f"without those that went wrong, or --rate {least:g})"
    )


def _table(found: dict[str, Figures]) -> str:
    rows: list[tuple[str, ...]] = [HEADER]
    for rule, one in found.items():
        shares = (one.precision, one.recall, one.f1, one.false_alarm_rate, one.auc)
        rows.append((rule, f"{one.alarms:,}", f"{one.right:,}", *(_said(share) for share in shares)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_aligned(row, widths)}\n" for row in rows)


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join([row[0].ljust(widths[0]), *numbers])


def _said(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.4f}"


def _document(rate: float, wrong: NDArray[Any], found: dict[str, Figures]) -> str:
    rules = {
        rule: {name: None if math.isnan(value) else round(value, 6) for name, value in one._asdict().items()}
        for rule, one in found.items()
    }
    return json_text({"rate": rate, "traces": len(wrong), "wrong": int(wrong.sum()), "rules": rules}, 1) + "\n"
