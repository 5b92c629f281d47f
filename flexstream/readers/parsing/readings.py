"""Times that may be read in two ways: which way a source means, as far as its times have told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ...errors import parameter
from ..time_shapes import DIGITS, EPOCH, Shape, example_of

Match = tuple[Shape, float]
"""A shape that fits a text, and the seconds since 1970 that it then means."""

# Digits are a date only of the years 1900 to 2199, in seconds since 1970.
_DATES_FROM, _DATES_TO = -2_208_988_800.0, 7_258_118_400.0


class AmbiguousTimeError(ValueError):
    """A time that may be read in several ways: what it may be, and what was expected."""


class Readings:
    """What is ruled out of each family of shapes.

    Dates whose day and month may change places are of one order throughout.  Digits alone are dates if they can be, and
    numbers as soon as one of them is no date; where dates came first, a number is refused.

    Examples
    --------
    >>> may, june = [Shape.of(text, "/") for text in ("%m/%d/%Y", "%d/%m/%Y")]
    >>> readings = Readings()
    >>> readings.meant("31/05/2026", [(june, 31.0)])[0].text
    '%d/%m/%Y'
    >>> readings.meant("05/06/2026", [(may, 5.0), (june, 6.0)])[1]
    6.0
    """

    def __init__(self) -> None:
        self._kept: dict[str, list[str]] = {}
        self._numbers: bool | None = None  # whether digits alone are numbers
        self.chosen: tuple[str, str, str] | None = None  # a time that may mean several, how it is read, and why

    def state(self) -> dict[str, Any]:
        """Return what is ruled out, as texts."""
        return {"kept": dict(self._kept), "numbers": self._numbers}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._kept, self._numbers = dict(state["kept"]), state["numbers"]

    def prime(self, texts: Iterable[tuple[str, list[Match]]]) -> None:
        """Look at many texts, with the shapes that fit, before one of them is to be understood."""
        shared: dict[str, list[str]] = {}
        seen: dict[str, list[tuple[str, list[Match]]]] = {}
        for text, matches in texts:
            if not matches or not matches[0][0].family:
                continue
            dates = self.dates(matches)
            family = _family(text, matches)
            if dates:
                names = [shape.reading for shape, _ in dates]
                shared[family] = [name for name in shared.get(family, names) if name in names]
                seen.setdefault(family, []).append((text, dates))
            elif family.startswith(DIGITS):
                self._numbers = True
        self._kept |= {family: self._choose(family, names, seen[family]) for family, names in shared.items() if names}

    def _choose(self, family: str, names: list[str], seen: list[tuple[str, list[Match]]]) -> list[str]:
        """Return the one reading by which days follow one another, if there is one, or all; note why."""
        doubtful = next(((text, dates) for text, dates in seen if len({value for _, value in dates}) > 1), None)
        if doubtful is None or len(names) < 2 or family.startswith(DIGITS):
            return names
        meant = [{shape.reading: value for shape, value in dates} for _, dates in seen]
        from .days import chosen_among  # which few logs need

        text, dates = doubtful
        found = chosen_among(names, meant, "%p" in dates[0][0].text)
        if found is None:
            return names
        shape = next(shape for shape, _ in dates if shape.reading == found.reading)
        self.chosen = text, example_of(shape, text), found.why
        return [found.reading]

    def meant(self, text: str, matches: list[Match]) -> Match:
        """Return which of the shapes that fit a text is meant; note what that rules out.

        Raises
        ------
        ValueError
            Of two texts: what is wrong, and what was expected.
        """
        if not matches[0][0].family:
            return matches[0]
        family, dates = _family(text, matches), self.dates(matches)
        digits = family.startswith(DIGITS)
        if digits and (self._numbers or not dates):
            return self._number(matches)
        dates = [match for match in dates if match[0].reading in self._kept.get(family, [match[0].reading])]
        if not dates:
            raise ValueError("is no time as those before it are", _say_which())
        if len({value for _, value in dates}) > 1:
            raise AmbiguousTimeError(f"may be {_days(dates)}", _say_which(example_of(dates[0][0], text)))
        self._kept[family] = [shape.reading for shape, _ in dates]
        if digits:
            self._numbers = False
        return dates[0]

    def doubtful(self, text: str, matches: list[Match]) -> bool:
        """Tell whether a text may mean several dates, as far as nothing is ruled out."""
        if not matches or not matches[0][0].family or (matches[0][0].family == DIGITS and self._numbers):
            return False
        kept = self._kept.get(_family(text, matches))
        return len({value for shape, value in self.dates(matches) if kept is None or shape.reading in kept}) > 1

    @staticmethod
    def is_ambiguous(error: ValueError) -> bool:
        """Tell whether an error says that a text may mean several."""
        return isinstance(error, AmbiguousTimeError)

    def forms(self, text: str, matches: list[Match]) -> list[str]:
        """Return the forms, as for ``strptime``, by which a text may be read, as far as nothing is ruled out."""
        kept = self._kept.get(_family(text, matches)) if matches else None
        dates = [shape for shape, _ in self.dates(matches) if kept is None or shape.reading in kept]
        return [example_of(shape, text) for shape in dates if shape.family]

    def settled(self, shape: Shape) -> bool:
        """Tell whether no text of this shape can mean anything else any more."""
        if shape is EPOCH or shape.family == DIGITS:
            return self._numbers is (shape is EPOCH) and all(
                names == [shape.reading] for family, names in self._kept.items() if shape.reading in names
            )
        return not shape.family or self._kept.get(shape.family) == [shape.reading]

    @staticmethod
    def dates(matches: list[Match]) -> list[Match]:
        """Return which of the shapes that fit a text do not take it for a number, or a date of another age."""
        if not matches or matches[0][0].family != DIGITS:
            return matches
        return [match for match in matches if match[0] is not EPOCH and _DATES_FROM <= match[1] < _DATES_TO]

    def _number(self, matches: list[Match]) -> Match:
        numbers = [match for match in matches if match[0] is EPOCH]
        if self._numbers is False or not numbers:
            raise ValueError("is no date, as those before it are", _say_which("%Y%m%d") + ", or %s for numbers")
        self._numbers = True
        return numbers[0]


def _family(text: str, matches: list[Match]) -> str:
    """Return the family of the shapes; dates of digits alone are told apart by how many there are."""
    family = matches[0][0].family
    return f"{family} {len(text)}" if family == DIGITS else family


def _say_which(example: str = "%d/%m/%Y") -> str:
    return f"the form of all times with {parameter('time_format')}, such as {example}"


def _days(dates: list[Match]) -> str:
    """Return what a text may mean, for people."""
    moments = dict.fromkeys(datetime.fromtimestamp(value, UTC).replace(tzinfo=None) for _, value in dates)
    return " or ".join(moment.isoformat(" ", "minutes") for moment in moments)
