"""Automata as JSON values and back: the text of a model file, whatever class is made of it.

A document has a format name and a version, and holds the columns of one automaton or of the members of an ensemble.
Its columns have the names of :class:`~flexstream.automata.pdfa.PDFA`'s fields; which class takes them is not decided
here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting, fitting_path
from ..classes import dataclass
from ..errors import ModelError
from ..json_text import read_json
from ..own_files import MODEL, Sought, another
from .arrays import column
from .calibration import Calibration
from .layout import sealed_pieces
from .ngram import NGram
from .smoothing import Smoothing
from .timing import Durations

if TYPE_CHECKING:
    from .mixture import Ensemble
    from .pdfa import PDFA
    from .softened import Softened

FORMAT = "flexstream-pdfa"
ENSEMBLE = "flexstream-ensemble"
VERSION, MIXED, TIMED, SOFTENED = 1, 2, 3, 4
"""Of models that are automata and nothing else, of those mixed with n-grams, of those that know durations, and of
ensembles with softened automata; what reads one of these reads those before it, and knows nothing of those behind."""
KIND = "automata mixed with n-grams"

_GZIP, _BZIP, _XZ, _ZSTD, _ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\3\4"
_PACKED = {_GZIP: "gunzip -k", _BZIP: "bunzip2 -k", _XZ: "unxz -k", _ZSTD: "unzstd", _ZIP: "unzip"}
"""First bytes of what is packed, and what unpacks it."""

T = TypeVar("T")


# --- to a document -------------------------------------------------------------------------------------------------


def pdfa_text(automaton: PDFA) -> str:
    """Return the text of the model file of an automaton."""
    return "".join(sealed_pieces(pdfa_values(automaton)))


def pdfa_values(automaton: PDFA) -> dict[str, Any]:
    """Return what the model file of an automaton holds."""
    ngrams = [] if automaton.ngram is None else [automaton.ngram]
    return _head(FORMAT, automaton, ngrams) | _parts(automaton, ngrams)


def ensemble_pieces(ensemble: Ensemble) -> Iterator[str]:
    """Yield the text of the model file of an ensemble; of its members one after the other is made to text."""
    yield from sealed_pieces(_ensemble(ensemble))


def ensemble_values(ensemble: Ensemble) -> dict[str, Any]:
    """Return what the model file of an ensemble holds; its members share the symbols, and may share n-grams."""
    values = _ensemble(ensemble)
    return values | {name: [make() for make in values[name]] for name in ("members", "softened") if name in values}


def _ensemble(ensemble: Ensemble) -> dict[str, Any]:
    """Return what the model file of an ensemble holds, with what makes the values of each part instead of these."""
    ngrams = list({id(member.ngram): member.ngram for member in ensemble if member.ngram is not None}.values())
    members = [partial(_parts, member, ngrams) for member in ensemble]
    values = _head(ENSEMBLE, ensemble, ngrams) | {"weights": ensemble.weights.tolist(), "members": members}
    if not ensemble.softened:
        return values
    softened = [one.to_document for one in ensemble.softened]
    return values | {"version": SOFTENED, "shares": ensemble.shares.tolist(), "softened": softened}


def _head(name: str, model: PDFA | Ensemble, ngrams: list[NGram]) -> dict[str, Any]:
    mixed = {"kind": KIND, "ngrams": [ngram.to_document() for ngram in ngrams]} if ngrams else {}
    return {
        "format": name,
        "version": TIMED if _timed(model) else MIXED if ngrams else VERSION,
        "provenance": dict(model.provenance),
        "symbols": list(model.symbols),
        **mixed,
    }


def _timed(model: PDFA | Ensemble) -> bool:
    members: Any = getattr(model, "members", (model,))
    return any(member.durations is not None for member in members)


def _parts(automaton: PDFA, ngrams: list[NGram]) -> dict[str, Any]:
    """Return what one automaton does not share with others; whole numbers are written without a point."""
    smoothing = automaton.smoothing
    return {
        "smoothing": {
            "strength": smoothing.strength,
            "base": smoothing.base.tolist(),
            "fallback": smoothing.fallback.tolist(),
        },
        "states": {"visits": _numbers(automaton.visits), "stops": _numbers(automaton.stops)},
        "transitions": {
            "source": automaton.sources.tolist(),
            "symbol": automaton.edge_symbols.tolist(),
            "target": automaton.targets.tolist(),
            "weight": _numbers(automaton.weights),
            "guessed": np.flatnonzero(automaton.guessed).tolist(),
        },
        **_mixed(automaton, ngrams),
        **({} if automaton.durations is None else {"durations": automaton.durations.to_document()}),
        **({} if automaton.calibration is None else {"calibration": automaton.calibration.to_document()}),
        **({"evidence": dict(automaton.evidence)} if automaton.evidence else {}),
    }


def _mixed(automaton: PDFA, ngrams: list[NGram]) -> dict[str, Any]:
    """Return which n-gram an automaton is mixed with, and its share in each state."""
    numbers = [number for number, ngram in enumerate(ngrams) if ngram is automaton.ngram]
    return {"mixed": {"ngram": numbers[0], "shares": automaton.ngram_shares.tolist()}} if numbers else {}


def _numbers(values: NDArray[np.float64]) -> list[int | float]:
    return [int(value) if value.is_integer() and value < 1e15 else value for value in values.tolist()]


# --- from a document -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What a model file holds.

    Attributes
    ----------
    mixed : bool
        Whether it is an ensemble.
    members : list of dict
        The columns of each automaton by the name of the field; one where it is no ensemble.
    weights : float64 array
        One for each member, as written.
    provenance : dict
        How the model came to be.
    softened : list of Softened
    shares : float64 array
        One for each of these, as written.
    """

    mixed: bool
    members: list[dict[str, Any]]
    weights: NDArray[np.float64]
    provenance: dict[str, Any]
    softened: list[Softened]
    shares: NDArray[np.float64]


def build(text: str, make: Callable[[Document], T]) -> T:
    """Read the text of a model file and make a model of it.

    Raises
    ------
    ModelError
        If the text is no model file, a part of it is missing or wrong, or ``make`` finds that values do not fit.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> build(reber().to_json(), lambda document: sorted(document.members[0]))[:3]
    ['edge_symbols', 'evidence', 'guessed']
    >>> build("{}", lambda document: document)
    Traceback (most recent call last):
    flexstream.errors.ModelError: not a FlexStream model: "format" is not "flexstream-pdfa" or "flexstream-ensemble"
    """
    return build_values(parsed(text), make)


def parsed(text: str) -> Any:
    """Return the JSON value that a text holds; raises ModelError if it holds none."""
    try:
        return read_json(fitting("text", text, str | bytes | bytearray))
    except ValueError as error:
        raise ModelError(f"not a FlexStream model: {error}") from None


def build_values(values: Any, make: Callable[[Document], T]) -> T:
    """Make a model of what a model file holds, see `build`."""
    _check_format(values)
    with damage_named():
        return make(_document(values))


def _check_format(values: Any) -> None:
    if not isinstance(values, Mapping) or values.get("format") not in (FORMAT, ENSEMBLE):
        raise ModelError(f'not a FlexStream model: "format" is not "{FORMAT}" or "{ENSEMBLE}"')
    version = values.get("version")
    if type(version) is not int or version not in (VERSION, MIXED, TIMED, SOFTENED):
        raise ModelError(
            f"model of version {values.get('version')!r}, this FlexStream reads versions {VERSION} to {SOFTENED}: "
            "update FlexStream"
        )


@contextlib.contextmanager
def damage_named() -> Iterator[None]:
    """Turn what parts that are missing or of a wrong kind raise, here or in a model's class, into a ModelError."""
    try:
        yield
    except KeyError as error:
        raise ModelError(f"the model is damaged: {error} is missing") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"the model is damaged: {error}") from None


def _document(values: Mapping[str, Any]) -> Document:
    if not all(isinstance(symbol, str) for symbol in _list(values["symbols"])):
        raise ValueError("a symbol is not a text")
    if not isinstance(values["provenance"], dict):
        raise ValueError("the provenance is not an object")
    shared = {name: values[name] for name in ("symbols", "provenance")}
    ngrams = [NGram.from_document(_object(part), len(shared["symbols"])) for part in _list(values.get("ngrams", []))]
    if values["format"] == FORMAT:
        automaton = _columns(values, ngrams, shared["symbols"]) | shared
        return Document(False, [automaton], np.ones(1), shared["provenance"], [], np.empty(0))
    members = [_columns(_object(member), ngrams, shared["symbols"]) | shared for member in _list(values["members"])]
    weights, shares = (
        column(name, values, np.float64)
        for name, values in (("weights", values["weights"]), ("shares", values.get("shares", [])))
    )
    softened = [_softened(_object(part), shared["symbols"]) for part in _list(values.get("softened", []))]
    return Document(True, members, weights, shared["provenance"], softened, shares)


def _softened(values: dict[str, Any], symbols: list[str]) -> Softened:
    from .softened import Softened  # few models have one

    return Softened.from_document(values, symbols)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{str(value)[:40]!r} is not an object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{str(value)[:40]!r} is not a list")
    return value


def _columns(parts: Mapping[str, Any], ngrams: list[NGram], symbols: Sequence[str]) -> dict[str, Any]:
    """Return the fields of one automaton but those that members of an ensemble share."""
    states, edges = _object(parts["states"]), _object(parts["transitions"])
    evidence = parts.get("evidence", {})  # optional: models without it are as valid
    if not isinstance(evidence, dict):
        raise ValueError("the evidence is not an object")
    return {
        "visits": states["visits"],
        "stops": states["stops"],
        "offsets": _offsets(edges["source"], len(_list(states["visits"]))),
        "edge_symbols": edges["symbol"],
        "targets": edges["target"],
        "weights": edges["weight"],
        "guessed": _guessed(edges["guessed"], len(_list(edges["source"]))),
        "smoothing": _smoothing(_object(parts["smoothing"])),
        "evidence": evidence,
        **_ngram(parts, ngrams),
        **({"durations": Durations.from_document(_object(parts["durations"]))} if "durations" in parts else {}),
        **_calibration(parts, len(symbols)),
    }


def _calibration(parts: Mapping[str, Any], alphabet: int) -> dict[str, Any]:
    """Return how alarms are calibrated, where they are: a version that knows nothing of it reads the rest."""
    if "calibration" not in parts:
        return {}
    return {"calibration": Calibration.from_document(_object(parts["calibration"]), alphabet)}


def _ngram(parts: Mapping[str, Any], ngrams: list[NGram]) -> dict[str, Any]:
    if "mixed" not in parts:
        return {}
    mixed = _object(parts["mixed"])
    number = mixed["ngram"]
    if type(number) is not int or not 0 <= number < len(ngrams):
        raise ValueError("an n-gram does not exist")
    return {"ngram": ngrams[number], "ngram_shares": mixed["shares"]}


def _offsets(sources: list[int], states: int) -> NDArray[np.int64]:
    source = column("source", sources, np.int64)
    if (np.diff(source, prepend=0, append=states - 1) < 0).any():
        raise ValueError("the transitions are not ordered by their source, or a source is no state")
    return np.searchsorted(source, np.arange(states + 1))


def _guessed(rows: list[int], edges: int) -> NDArray[np.bool_]:
    numbers = column("guessed", rows, np.int64)
    if ((numbers < 0) | (numbers >= edges)).any():
        raise ValueError("a guessed transition does not exist")
    guessed = np.zeros(edges, np.bool_)
    guessed[numbers] = True
    return guessed


def _smoothing(part: Mapping[str, Any]) -> Smoothing:
    strength = column("strength", [part["strength"]], np.float64)
    return Smoothing(float(strength[0]), part["base"], part["fallback"])


def read(path: str | Path, loads: Callable[[str], T], sought: Sought = MODEL) -> T:
    """Read a model file, or what else holds automata, with a function that takes its text.

    Raises
    ------
    ModelError
        That names the file, says what it is if it is something else, and what was sought.
    """
    place = fitting_path(path, expected=sought.short)
    try:
        text = place.read_text(encoding="utf-8-sig")  # editors put a mark in front
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror} (expected: {sought.short})") from None
    except UnicodeDecodeError:
        import shlex  # no model needs these

        from ..container import MAGIC

        with place.open("rb") as file:
            first = file.read(len(MAGIC))
            if (unpack := next((_PACKED[magic] for magic in _PACKED if first.startswith(magic)), None)) is not None:
                wrong = f"is packed (expected: {sought.itself}, as {unpack} {shlex.quote(str(path))} unpacks it)"
                raise ModelError(f"{path}: {wrong}") from None
            if first == MAGIC:
                wrong = "holds what was counted, not a model (expected: a model file, as flexstream merge makes of it)"
                raise ModelError(f"{path}: {wrong}") from None
        raise ModelError(f"{path}: not {sought.called}: the file is not UTF-8 text") from None
    try:
        return loads(text)
    except ModelError as error:
        raise ModelError(f"{path}: {another(text, sought) or error}") from None
