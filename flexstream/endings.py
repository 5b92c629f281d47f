"""What the endings of file names promise: a file that holds something else than its name says misleads who opens it."""

from __future__ import annotations

from pathlib import Path

from .arguments import fitting_path
from .errors import UsageError
from .files import write_atomically

PICTURES = (".svg", ".png", ".pdf", ".jpg", ".jpeg", ".gif", ".webp")
PAGES = (".html", ".htm")
GRAPHS = (".dot", ".gv", ".graphml", ".mmd", ".mermaid", ".prism", ".pm")
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
PROMISES = frozenset((*PICTURES, *PAGES, *GRAPHS, *PACKED))
"""Endings that say what is in a file, where it is not text of any kind."""

MODEL = "a model is written as JSON"
PICTURE = "a name in .json; a picture is drawn by flexstream export"


def check_ending(path: str | Path, what: str, own: tuple[str, ...] = (), expected: str = "") -> str | Path:
    """Return the name of a file that is to be written, unless its ending promises something else than will be in it.

    Parameters
    ----------
    path : path
    what : str
        What is written.
    own : tuple of str
        Endings of what it is written as.
    expected : str, optional
        What to do instead.

    Raises
    ------
    UsageError
        If the name ends like that of another kind of file.

    Examples
    --------
    >>> check_ending("model.json", MODEL), check_ending("model.v2", MODEL)
    ('model.json', 'model.v2')
    >>> check_ending("plan.svg", "a plan is written as JSON", expected="a name in .json")
    Traceback (most recent call last):
    flexstream.errors.UsageError: plan.svg: a plan is written as JSON, not as .svg (expected: a name in .json)
    """
    ending = fitting_path(path).suffix.lower()
    if ending in PROMISES and ending not in own:
        raise UsageError(f"{path}: {what}, not as {ending} (expected: {expected or 'a name with another ending'})")
    return path


def model_name(path: str | Path) -> str | Path:
    """Return the name of a model file that is to be written; raises UsageError where it promises something else."""
    return check_ending(path, MODEL, expected=PICTURE)


def write_model(path: str | Path, text: str) -> None:
    """Write the text of a model file, first under a temporary name; raises as `model_name`, or where it cannot."""
    write_atomically(model_name(path), text)
