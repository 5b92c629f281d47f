"""Short, visible texts for symbols and numbers."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby

from ..automata.pdfa import Transition
from ..patterns import late
from ..visible import visible

#: Longest label of a symbol, then the lengths tried where two symbols would look the same.
_LENGTHS = (60, 90)
_NO_BREAK = "\u00a0"
_LEFT_TO_RIGHT = "\u200e"
_ROUNDING = 1e-12
"""Below 1 by so much is a sum of probabilities that is 1."""
#: Longest line of a label.
_WIDTH = 32

#: From how many symbols on, and of how many characters, a common beginning is left out of pictures.
_ALIKE, _WORTH = 3, 8
_WORD_ENDS = late(r"[\s./:|>_-]+")
_BLANKS = late("  +")
# Begun where a word begins: else each character of a long one would be tried, up to its end.
_FIELDS = late(r"(?<![^\s=])(?:[^\s=]+=<\*>[,;]?\s+)+(?=[^\s=]+=<\*>)")


def shorten(text: str, length: int) -> str:
    """Return a text of at most ``length`` characters, its middle replaced by an ellipsis if it was longer.

    Fields whose values were left out are replaced first, all but the last in a row: the words say more.

    Examples
    --------
    >>> shorten("abcdefghij", 7), shorten("manager: machine <*> was started", 26)
    ('abc…hij', 'manager: … was started')
    >>> shorten("login failed; uid=<*> tty=<*> host=<*> user=<*>", 30)
    'login failed; … user=<*>'
    """
    if len(text) <= length:
        return text
    text = _FIELDS.sub("… ", text)  # of fields without a value the last may tell two texts apart
    if len(text) <= length:
        return text
    half = (length - 1) // 2
    head, tail = text[: length - 1 - half], text[len(text) - half :]
    # Whole words, if that costs little: the cut moves outwards to a blank.
    slack = length // 4
    head = head[: head.rfind(" ", len(head) - slack) + 1] or head
    return (head + "…" + tail[max(tail.find(" ", 0, slack), 0) :]).replace("… …", "…")


def short_labels(symbols: Iterable[str]) -> dict[str, str]:
    """Return a short label for each symbol, different for different symbols as far as they can be seen.

    Symbols that would look the same when shortened get longer labels; where that does not help, a number.  A symbol
    that begins or ends with blanks stands in quotes, and of several blanks in a row each is shown as ``␣``.

    Examples
    --------
    >>> short_labels(["run", ""])
    {'run': 'run', '': '""'}
    >>> labels = short_labels("a" * 50 + letter + "a" * 50 for letter in "xy")
    >>> [label[-7:] for label in labels.values()]
    ['aaaa #1', 'aaaa #2']
    """
    whole = {symbol: visible(symbol) for symbol in symbols}
    whole = {symbol: _with_blanks(text) for symbol, text in whole.items()}
    labels: dict[str, str] = {}
    rest = list(whole)
    for length in _LENGTHS:
        groups = _by_label(rest, {symbol: shorten(whole[symbol], length) for symbol in rest})
        labels |= {group[0]: label for label, group in groups if len(group) == 1}
        rest = [symbol for _, group in groups if len(group) > 1 for symbol in group]
    for label, group in _by_label(rest, {symbol: shorten(whole[symbol], _LENGTHS[0]) for symbol in rest}):
        labels |= {symbol: f"{label} #{number}" for number, symbol in enumerate(group, 1)}
    return {symbol: labels[symbol] for symbol in whole}


def picture_labels(symbols: Iterable[str]) -> tuple[dict[str, str], str]:
    """Return short labels without the words that all of them begin with, and these words; none where there are few.

    Examples
    --------
    >>> picture_labels(f"org.example.orders.{end}" for end in ("open", "pay", "close"))
    ({'org.example.orders.open': '…open', 'org.example.orders.pay': '…pay', 'org.example.orders.close': '…close'}, \
'org.example.orders.')
    """
    known = list(symbols)
    prefix = common_prefix(known)
    labels = short_labels(symbol[len(prefix) :] for symbol in known)
    return {symbol: ("…" if prefix else "") + labels[symbol[len(prefix) :]] for symbol in known}, visible(prefix)


def common_prefix(symbols: Sequence[str]) -> str:
    """Return the words that `_ALIKE` symbols or more all begin with; empty where it saves little or leaves one bare."""
    if len(symbols) < _ALIKE:
        return ""
    shared = os.path.commonprefix(symbols)  # noqa: RUF071 - of texts, not of paths
    ends = [found.end() for found in _WORD_ENDS.finditer(shared)]
    prefix = shared[: ends[-1]] if ends else ""
    return prefix if len(prefix) >= _WORTH and prefix not in symbols else ""


def _with_blanks(text: str) -> str:
    """Return a text whose blanks can be seen where a picture would lose them."""
    # A text of blanks only would be an empty place.
    if text.strip() != text or not text:
        text = f'"{text}"'
    return _BLANKS.sub(lambda blanks: "␣" * len(blanks[0]), text) if "  " in text else text


def _by_label(symbols: Sequence[str], labels: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Group symbols by label, each group in the order given."""
    ordered = sorted(symbols, key=labels.__getitem__)
    return [(label, list(group)) for label, group in groupby(ordered, key=labels.__getitem__)]


def label_lines(
    transitions: Sequence[Transition],
    labels: dict[str, str],
    most: int = 6,
    times: Mapping[tuple[int, str], str] | None = None,
) -> list[str]:
    """Return the lines of an edge's label: symbol and probability of each transition, long ones wrapped.

    Behind them stands how long a transition takes, where that is given by its state and symbol.

    What does not fit into ``most`` lines is summed up in the last one. A question mark follows the
    probability of a guessed transition.

    Examples
    --------
    >>> rows = [Transition(0, "a", 1, 0.5, 9, False), *(Transition(0, s, 1, 0.02, 1, True) for s in "bcd")]
    >>> label_lines(rows, {s: s for s in "abcd"}, most=3)
    ['a 0.50', 'b 0.02 ?', '+2 more 0.04']
    """
    took = times or {}
    texts = [_wrapped(row, labels[row.symbol], took.get((row.source, row.symbol), "")) for row in transitions]
    if sum(map(len, texts)) <= most:
        return list(chain.from_iterable(texts))
    lines = texts[0]
    alone = 1
    while alone < len(texts) and len(lines) + len(texts[alone]) < most:
        lines = lines + texts[alone]
        alone += 1
    rest = transitions[alone:]
    return [*lines, f"+{len(rest)} more {probability(sum(row.probability for row in rest))}"] if rest else lines


def _wrapped(transition: Transition, label: str, took: str) -> list[str]:
    number = probability(transition.probability) + (" ?" if transition.guessed else "")
    number += f" · {took}" if took else ""
    label = sided(label)
    if len(label) + 1 + len(number) <= _WIDTH:
        return [f"{label} {number}"]
    # The no-break space keeps the number beside the last word.
    text = f"{label}{_NO_BREAK}{number.replace(' ', _NO_BREAK)}"
    return textwrap.wrap(text, _WIDTH, subsequent_indent=2 * _NO_BREAK)


def sided(label: str) -> str:
    """Return a label behind which numbers stand where they belong, on its right, though it is Arabic or Hebrew.

    A mark is put behind it that begins what runs from left to right anew; else times and probabilities mix with it.

    >>> sided("run"), sided("نقل")[-1] == "\u200e"
    ('run', True)
    """
    if label.isascii():
        return label
    from unicodedata import bidirectional  # late: most labels are ASCII

    return label + _LEFT_TO_RIGHT if any(bidirectional(letter) in ("R", "AL") for letter in label) else label


def probability(value: float) -> str:
    """Return a probability in two decimals, with more where they would hide what matters.

    What is not certain is not written as 1, nor what is possible as 0; but for what rounding adds to a sum.

    Examples
    --------
    >>> [probability(value) for value in (0, 0.00001, 0.004, 0.42, 0.998, 0.99999, 1)]
    ['0', '<0.001', '0.004', '0.42', '0.998', '>0.999', '1']
    """
    if value <= 0 or value >= 1 - _ROUNDING:
        return "0" if value <= 0 else "1"
    return decimals(value, 2 if 0.00995 <= value <= 0.99 else 3)


def decimals(value: float, digits: int) -> str:
    """Return a probability in so many decimals, as `probability` does.

    Examples
    --------
    >>> [decimals(value, 4) for value in (0, 0.00001, 0.25, 0.99996, 1)]
    ['0.0000', '<0.0001', '0.2500', '>0.9999', '1.0000']
    """
    least = 10.0**-digits
    if 0 < value < least / 2:
        return f"<{least:.{digits}f}"
    if 1 - least / 2 <= value < 1 - _ROUNDING:
        return f">{1 - least:.{digits}f}"
    return f"{value:.{digits}f}"


def significant(value: float) -> str:
    """Return a probability in two digits, more where they would make it certain.

    Examples
    --------
    >>> [significant(value) for value in (0, 3.21e-7, 0.25, 0.996, 0.99996, 1)]
    ['0', '3.2e-07', '0.25', '0.996', '>0.999', '1']
    """
    return f"{value:.2g}" if value < 0.995 else probability(value)


def count(value: float) -> str:
    """Return a count in three digits.

    Examples
    --------
    >>> [count(value) for value in (0, 7, 2.5, 999, 12345, 999_990, 4.2e9)]
    ['0', '7', '2.5', '999', '12.3k', '1M', '4.2G']
    """
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * unit:
            return f"{value / unit:.3g}{letter}" if value < 999.5 * unit else f"{value / unit:.0f}{letter}"
    return f"{value:.3g}"


def counted(number: float, noun: str, several: str = "") -> str:
    """Return a whole number with the noun that it counts.

    Examples
    --------
    >>> counted(1, "string"), counted(2000, "string"), counted(0, "entry", "entries")
    ('1 string', '2,000 strings', '0 entries')
    """
    return f"{number:,.0f} {noun if number == 1 else several or noun + 's'}"


def size_of(states: int, transitions: int, symbols: int) -> str:
    """Return how large an automaton is.

    >>> size_of(1, 2, 1000)
    '1 state, 2 transitions, 1,000 symbols'
    """
    return ", ".join([counted(states, "state"), counted(transitions, "transition"), counted(symbols, "symbol")])


def percent(share: float) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> percent(0.0), percent(1e-5), percent(0.0084), percent(0.5), percent(0.99999)
    ('0 %', '<0.1 %', '0.8 %', '50 %', '>99.9 %')
    """
    return tenths(share).replace(".0%", "%").replace("%", " %")


def tenths(share: float) -> str:
    """Return a share in tenths of a per cent, for columns; not 0 or 1 where it is not that.

    >>> [tenths(share) for share in (0, 1e-5, 0.0084, 0.5, 0.99999, 1)]
    ['0.0%', '<0.1%', '0.8%', '50.0%', '>99.9%', '100.0%']
    """
    value = 100 * share
    if 0 < value < 0.05:
        return "<0.1%"
    if 99.95 <= value < 100 * (1 - _ROUNDING):
        return ">99.9%"
    return f"{value:.1f}%"
