"""The page: HTML that holds nothing of the stream; all of that comes later, as JSON, and becomes text."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import NamedTuple

from ..visible import visible


class Page(NamedTuple):
    """A page, and the content security policy that it is to be sent with."""

    html: bytes
    policy: str


def live_html(title: str) -> Page:
    """Return the page.

    Examples
    --------
    >>> page = live_html("orders <today>")
    >>> "<h1>orders &lt;today&gt;</h1>" in page.html.decode(), "connect-src 'self'" in page.policy
    (True, True)
    """
    script, style = _part("live.js"), _part("live.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    parts = {"TITLE": escape(visible(title)), "STYLE": style, "SCRIPT": script}
    html = "".join(parts.get(piece, piece) for piece in _part("live.html").split("@@"))
    return Page(html.encode(), policy)


def _part(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
