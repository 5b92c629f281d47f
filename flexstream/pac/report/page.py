"""The report for people: as text for the screen, as one HTML page without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...tuples import NamedTuple
from ...visible import visible
from ...writers.labels import counted, decimals, shorten, significant
from ..sizes import amount
from .assumption import unnoticed_change

LONGEST_SYMBOL = 32
MOST_STATES, MOST_STEPS, MOST_ROWS, MOST_CHANGES = 40, 8, 12, 8


class Section(NamedTuple):
    """A part of the page: paragraphs, then a table."""

    title: str
    paragraphs: Sequence[str]
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def text(report: Mapping[str, Any]) -> str:
    """Return the report as text."""
    parts = [f"{title}\n" + "\n".join(f"- {line}" for line in lines) for title, lines in top(report)]
    for section in sections(report):
        parts.append("\n".join([section.title, "-" * len(section.title), *section.paragraphs]))
        if section.rows:
            parts.append("\n".join(_lines([section.header, *section.rows])))
    return "\n\n".join(parts) + "\n"


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def html(report: Mapping[str, Any]) -> str:
    """Return the report as an HTML page."""
    parts = ["<div class=top>"]
    for title, lines in top(report):
        parts += [f"<h2>{title}</h2>", "<ul>", *(f"<li>{escape(line)}</li>" for line in lines), "</ul>"]
    parts.append("</div>")
    for section in sections(report):
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs]
        if section.rows:
            # Only the table moves sideways where it is wider than the page; Tab reaches it, for those without a mouse.
            parts.append(
                f'<div class=scroll tabindex=0 role=region aria-label="Table: {escape(section.title)}"><table>'
            )
            parts += [_html_row("th", section.header), *(_html_row("td", row) for row in section.rows)]
            parts.append("</table></div>")
    body = "\n".join(parts)
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>"
    return (
        f"<!DOCTYPE html>\n<html lang=en><head>{head}<title>{_TITLE}</title>\n"
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{_TITLE}</h1>\n{body}\n</body></html>\n"
    )


_TITLE = "What this automaton may promise"
_STYLE = (
    ":root{color-scheme:light dark;--back:#fff;--text:#14212c;--line:#c5cfd8;--mark:#1b6ca8}"
    "@media(prefers-color-scheme:dark){:root{--back:#11181e;--text:#e6edf3;--line:#3a4853;--mark:#8cc4f2}}"
    "@media print{:root{--back:#fff;--text:#000;--line:#999}.scroll{overflow:visible}tr{break-inside:avoid}}"
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;overflow-wrap:anywhere;"
    "background:var(--back);color:var(--text)}"
    ".top{font-size:1.1em;border-left:4px solid var(--mark);padding-left:1em}.top h2{font-size:1.1em;margin:.5em 0 0}"
    ".top ul{margin:.2em 0;padding-left:1.2em}.scroll{overflow-x:auto}"
    ".scroll:focus-visible{outline:3px solid var(--mark)}"
    "table{border-collapse:collapse;font-size:.85em;overflow-wrap:normal}"
    "td,th{padding:.15em .7em;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}"
)


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


TOP = {"rely": "What you may rely on", "doubt": "What not, or on what condition", "next": "What to do next"}


def top(report: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield titles and sentences of what comes before all details."""
    for name, title in TOP.items():
        if report["summary"][name]:
            yield title, report["summary"][name]


def sections(report: Mapping[str, Any]) -> Iterator[Section]:
    """Yield the sections in order."""
    yield _observed(report)
    yield _states(report)
    yield _decisions(report)
    yield _pairs(report)
    yield _theorems(report)
    yield Section("How this was computed", [f"{line}." for line in report["method"]])


def _observed(report: Mapping[str, Any]) -> Section:
    seen, lines = report["seen"], []
    if report["ensemble"] is not None:
        place = report["ensemble"]
        lines.append(
            f"About the best of {place['members']:,} automata of an ensemble, number {place['member'] + 1:,}, with "
            f"weight {place['weight']:.3g}; nothing is promised of the mixture."
        )
    lines += [
        f"{counted(seen['strings'], 'string')}, {counted(seen['events'], 'event')}, "
        f"{counted(seen['symbols'], 'symbol')}; mean length {seen['mean_length']:.4g}{_lengths(seen['lengths'])}."
    ]
    if seen["prefixes_held"]:
        lines.append(
            f"{counted(seen['prefixes_held'], 'distinct prefix', 'distinct prefixes')} in the tree; "
            f"{counted(seen['looks'], 'refinement')}, report {seen['reports']:,} of {_looks(seen)}."
        )
    pruned = {key.removeprefix("given_up_"): value for key, value in (seen["pruned"] or {}).items() if value}
    lost = ", ".join(f"{value:,} {key}" for key, value in pruned.items())
    lines.append(
        f"Evicted for lack of memory, or for speed: {lost} (all are kept with more --memory and with --report)."
        if lost
        else "Nothing was evicted: all counts are complete."
    )
    lines += _beyond_memory(seen, report.get("order"))
    sketch = seen["sketch"]
    if sketch:
        size = (
            f"{sketch['counters']:,} prefixes a node"
            if "counters" in sketch
            else f"{sketch['width']} x {sketch['depth']} counters for each of {sketch['futures']} lengths"
        )
        lines.append(
            f"Sketches: {size}; a count is off by more than beta = {sketch['beta']:.3g} of the visits with probability "
            f"gamma = {sketch['gamma']:.3g}; of {sketch['merges']:,} merges at most "
            f"{sketch['merges_masked_expected_at_most']:.2g} rest on a collision, expected."
        )
    else:
        lines.append("No sketch was used: all compared counts are exact.")
    return Section("What was seen", lines)


def _looks(seen: Mapping[str, Any]) -> str:
    told = seen.get("declared")
    return "this stream" if told is None else f"{told['reports']:,} that were declared"


def _beyond_memory(seen: Mapping[str, Any], order: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what of the stream itself did not fit."""
    other, early, repeats = seen["other_symbols"], seen["cases_closed_early"], seen.get("repeats")
    if other:
        yield (
            f"Symbols beyond the first {other['own_symbols']:,} did not fit into the memory: they were counted as "
            f"{_symbol(other['counted_as'])}, in {counted(other['events'], 'event')}, and are one symbol in all that "
            "follows (more are kept with more --memory)."
        )
    if early:
        yield (
            f"Closed early because too many were open at once: {counted(early, 'case')}. Each is a string that ends "
            "there, and another one if more of it came."
        )
    if repeats:
        yield _repeats(repeats)
    if drift := seen.get("drift"):
        yield _drift(drift, order)


def _drift(drift: Mapping[str, Any], order: Mapping[str, Any] | None) -> str:
    """Say where the source changed, and which strings the automaton stands for."""
    slow = ""
    if order is not None and unnoticed_change(order, drift):
        slow = f" All together they show one that came too slowly, or is too small, for that: {order['why']}."
    times = "" if drift.get("durations_watched", True) else " How long events take was not watched."
    if not drift["changes"]:
        noticed = "while the strings came, and no change was noticed then" if slow else "and no change was noticed"
        return f"The source was watched{' ' if slow else ', '}{noticed}.{slow}{times}"
    where = ", ".join(f"{since:,}" for since in drift["changes"][-MOST_CHANGES:])
    more = "…, " if len(drift["changes"]) > MOST_CHANGES else ""
    within = (
        f"{counted(len(drift['within']), 'change')} came among them, so that they are no sample of one source."
        if drift["within"]
        else f"They are of one source, as far as was noticed{' while they came' if slow else ''}.{slow}"
    )
    return (
        f"The source changed after string {more}{where} of the stream. The automaton stands for those from "
        f"{drift['first']:,} on. {within}{times}"
    )


def _repeats(repeats: Mapping[str, Any]) -> str:
    """Say that strings are no independent draws, how often they come, and one of them."""
    often, example = repeats["multiplicity"], repeats["example"]
    rate = "" if often is None else f" A rare string comes {often:.3g} times for each that is expected."
    shown = (
        "" if example is None else f" For example, {_string(example)} came again {counted(repeats['times'], 'time')}."
    )
    return (
        f"The stream repeats itself: {counted(repeats['traces'], 'string')} with {counted(repeats['events'], 'event')} "
        f"say again what came before. They count for probabilities, but are no evidence of states.{rate}{shown}"
    )


def _string(symbols: Sequence[str]) -> str:
    return f'"{shorten(visible(" ".join(symbols)), 2 * LONGEST_SYMBOL)}"' if symbols else "the empty one"


def _lengths(lengths: Mapping[str, int] | None) -> str:
    if not lengths or not lengths.get("held"):
        return ""
    return f", median {lengths['q50']:,}, 99 % at most {lengths['q99']:,}, largest {lengths['largest']:,}"


def _states(report: Mapping[str, Any]) -> Section:
    rows = []
    for state in report["states"][:MOST_STATES]:
        doubt = " (contradicted)" if state["contradicted"] else " (visits left out)" if state["visits_left_out"] else ""
        start = [f"q{state['state']}{doubt}", f"{state['visits']:,.0f}", f"{state['smallest_visible_difference']:.2g}"]
        steps = sorted(state["next"], key=lambda step: -step["estimate"])
        outcomes = [("end", "", state["stop"])] if state["stop"]["estimate"] > 0 else []
        outcomes += [(_symbol(step["symbol"]), _goal(step), step) for step in steps]
        for symbol, goal, row in outcomes[:MOST_STEPS]:
            rows.append([*start, symbol, goal, _interval(row)])
            start = ["", "", ""]
        if len(outcomes) > MOST_STEPS:
            rows.append(["", "", "", f"and {len(outcomes) - MOST_STEPS:,} more", "", ""])
    hidden = len(report["states"]) - MOST_STATES
    percent = f"{100 * report['confidence']:.12g} %"
    lines = [
        f"All intervals hold together with {percent} confidence, at all looks, on the condition above."
        if report["intervals_hold"]
        else f"Intervals are those of {percent} that the counts would give; what stands above speaks against them: "
        "none is proven."
    ]
    guessed = [step["visits"] for state in report["states"] for step in state["next"] if step["guessed"]]
    if guessed:
        lines.append(
            f"Where {counted(len(guessed), 'transition')} lead{'s' if len(guessed) == 1 else ''} is a guess (?): "
            f"{counted(sum(guessed), 'event')} took {'it' if len(guessed) == 1 else 'them'}."
        )
    if hidden > 0:
        lines.append(f"The first {MOST_STATES} states; {hidden:,} more are in the JSON report.")
    return Section("States", lines, ["state", "visits", "visible from", "next", "to", "probability"], rows)


def _symbol(symbol: str) -> str:
    return shorten(visible(symbol), LONGEST_SYMBOL) or '""'


def _goal(step: Mapping[str, Any]) -> str:
    return f"q{step['state']}{'?' if step['guessed'] else ''}"


def _interval(row: Mapping[str, float]) -> str:
    estimate, least, most = (decimals(row[name], 4) for name in ("estimate", "least", "most"))
    return f"{estimate}  ({least} to {most})"


def _decisions(report: Mapping[str, Any]) -> Section:
    found = report["decisions"]
    if found["level"] is None:
        return Section("Decisions", ["The model does not hold its decisions: learn it again with -o or --report."])
    lines = [
        f"{counted(len(found['rows']), 'decision')}{_judged(found)}.",
        f"Too light to be decided about: {_light(found['forced'])}; taken back: "
        f"{counted(found['taken_back'], 'decision')}.",
        *_blind(found),
    ]
    if any(row.get("division") is not None for row in found["rows"]):
        lines.append(
            "The error of a merge is the probability that it is a state of its own, or another's: by all the evidence, "
            "and by how its visits divide among the outcomes, which alone tells it from a state with the same ones."
        )
    rows = [
        [
            row["kind"],
            "start" if row["source"] is None else f"q{row['source']} {_symbol(row['symbol'])}",
            f"q{row['state']}" + ("" if row["against"] in (None, row["state"]) else f", not q{row['against']}"),
            f"{row['visits']:,}",
            _number(row["evidence"]),
            _number(row.get("division")),
            _number(row["margin"]),
            "-" if row["error"] is None else significant(row["error"]),
            f"{row['smallest_visible_difference']:.2g}",
            _more(row["strings_to_settle"]),
        ]
        for row in found["rows"][:MOST_ROWS]
    ]
    header = ["decision", "after", "is", "visits", "evidence", "division", "margin", "error", "visible from"]
    return Section("Decisions, the closest first", lines, [*header, "settled by"], rows)


def _judged(found: Mapping[str, Any]) -> str:
    """Say how many of the decisions are close."""
    if found["close"] is None:
        return f" of {visible(found['heuristic'])}, which cannot be judged: it is not known how often they are wrong"
    return (
        f", {found['close']:,} of them close (probability of error above {found['level']:.2g}); wrong ones expected: "
        f"{found['expected_wrong']:.2g}"
    )


def _blind(found: Mapping[str, Any]) -> Iterator[str]:
    """Say what the decisions do not see."""
    if found["supposed"] is not None:
        within = "one event" if found["supposed"]["futures"] == 1 else f"{found['supposed']['futures']} events"
        yield (
            f"A merge is judged by how often the test accepts states that differ by {found['supposed']['mu']:.3g} "
            f"within {within}; what differs by less would go unnoticed."
        )
    elif found["unnoticed"] is not None:
        yield f"What differs by less than {found['unnoticed']:.3g} in what comes next would go unnoticed."


def _light(forced: Mapping[str, int]) -> str:
    if not forced["number"]:
        return "no node"
    largest = counted(forced["largest"], "visit")
    return f"{counted(forced['number'], 'node')} of at most {largest} ({forced['visits']:,} in all)"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _more(strings: float | None) -> str:
    if not strings:
        return "not known" if strings is None else "settled"
    return f"{amount(strings)} {'string' if strings == 1 else 'strings'} more"


def _pairs(report: Mapping[str, Any]) -> Section:
    pairs, found = report["pairs"], report["distinguishability"]
    if not pairs["compared"]:
        return Section("Pairs of states", ["There are too many states and symbols to compare all pairs."])
    lines = [f"{pairs['proven']:,} of {pairs['number']:,} pairs of states are proven to differ."]
    if (more := pairs.get("expected") or {}).get("number", 0) > pairs["proven"]:
        lines.append(
            f"{more['number']:,} are found to; of these at most {more['wrong']:.2g} is expected to be wrong (e-BH)."
        )
    if found["estimate"] is not None:
        lines.append(
            f"Distinguishability (prefix-L∞, words of up to {found['depth']} events): {_interval(found)}, "
            f"of q{found['pair'][0]} and q{found['pair'][1]}."
        )
    rows = [
        [
            f"q{row['states'][0]}, q{row['states'][1]}",
            _interval(row),
            f"{row['log_evidence']:.1f}",
            significant(row["error"]),
            _more(row["strings_to_settle"]),
        ]
        for row in pairs["closest"][:MOST_ROWS]
    ]
    return Section(
        "Pairs of states, the closest first", lines, ["pair", "distance", "evidence", "error", "settled by"], rows
    )


def _theorems(report: Mapping[str, Any]) -> Section:
    demand, bound = report["demand"], report["guarantee"]["l1"]
    lines = [
        f"Judged for n = {demand['states']:,}, |Σ| = {demand['symbols']:,}, mu = {demand['mu']:.3g}, L = "
        f"{demand['length']:.4g}, eps = {demand['eps']:g}, delta = {demand['delta']:g} ({demand['source']}).",
        f"What holds now, if the states are right: L1 distance at most {bound:.3g}."
        if bound < 2
        else "No bound of the L1 distance holds now.",
    ]
    rows = [
        [
            row["theorem"],
            _standing(row),
            row["fails"] or "-",
            "-" if row["strings_missing"] is None else amount(row["strings_missing"]),
            _supports(row["supports"]),
        ]
        for row in report["theorems"]
    ]
    return Section("Theorems", lines, ["theorem", "", "fails first", "strings missing", "supported now"], rows)


def _standing(row: Mapping[str, Any]) -> str:
    """Say whether a theorem's conditions are met, and whether it speaks of this learner or of its authors' own."""
    if not row["met"]:
        return "not met"
    return "met" if row["proven"] else "sizes met (proved for its authors' learner)"


def _supports(found: Mapping[str, float | None]) -> str:
    texts = [f"{what} {value:.3g}" for what, value in found.items() if value is not None]
    return " or ".join(texts) or "nothing"
