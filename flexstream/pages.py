"""Pages: files of HTML, script and style that packages bring along, put together into one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def text_of(package: str, name: str) -> str:
    """Return the text of a file that a package brings along.

    >>> text_of("flexstream.explorer", "explorer.html").splitlines()[0]
    '<!DOCTYPE html>'
    """
    folder = Path(__file__).parent.joinpath(*package.split(".")[1:])  # what importlib loads for this takes its time
    return (folder / name).read_text(encoding="utf-8")


def script_of(package: str, name: str) -> str:
    """Return the script of a page, behind what all pages have: zoom and pan.

    >>> script_of("flexstream.live", "live.js").count("function zoomable")
    1
    """
    return text_of("flexstream", "zoom.js") + text_of(package, name)


def filled(template: str, parts: Mapping[str, str]) -> str:
    """Return a template with parts in the place of their names.

    >>> filled("<p>@@TEXT@@</p>", {"TEXT": "load"})
    '<p>load</p>'
    """
    return "".join(parts.get(piece, piece) for piece in template.split("@@"))


def hash_of(text: str) -> str:
    """Return what a content security policy calls a script or a style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
