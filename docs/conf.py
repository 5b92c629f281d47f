"""How `make docs` builds the pages: Markdown as it stands, and the reference from the docstrings."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes

from flexstream import __version__

project = "FlexStream"
version = release = __version__
copyright = "the FlexStream authors"

extensions = ["myst_parser", "sphinx.ext.apidoc", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = f"FlexStream {release}"
html_show_sourcelink = False
pygments_style = "friendly"

myst_heading_anchors = 3
default_role = "py:obj"  # `Name` in a docstring is a link where there is something of that name, and code elsewhere

# Each thing is told where it is defined. (The extension's own setting does not reach the pages of packages.)
os.environ["SPHINX_APIDOC_OPTIONS"] = "members,show-inheritance,ignore-module-all"
apidoc_automodule_options: set[str] = set()
apidoc_modules = [
    {
        "path": "../flexstream",
        "destination": "reference",
        "exclude_patterns": ["**/_kernels*"],
        "separate_modules": False,  # a page a room: navigation is made anew for each page, of all pages
        "module_first": True,
    }
]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
suppress_warnings = ["ref.python"]  # two rooms may have a class of one name, and a type may say the short name
napoleon_google_docstring = False
napoleon_use_ivar = True  # fields are told in their class's docstring, once

# Where pages of the project's folder stand here.
PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
    "SECURITY.md": "security.md",
}


def relink(_app: Any, _path: Path, _parent: str, content: list[str]) -> None:
    """Let the links of a page of the project's folder lead to where its goals stand here."""

    def moved(link: re.Match[str]) -> str:
        text, goal = link[1], link[2]
        if "://" in goal or goal.startswith("#"):
            return link[0]
        if goal.startswith("docs/") or goal in PAGES:
            return f"[{text}]({PAGES.get(goal, goal.removeprefix('docs/'))})"
        return text  # what is no page is there in the source only

    content[0] = re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", moved, content[0])


def up(_app: Any, _page: str, content: list[str]) -> None:
    """Let the links of a page to those of the project's folder lead to where they stand here."""
    for name, place in PAGES.items():
        content[0] = content[0].replace(f"](../{name}", f"]({place}")


def skip(_app: Any, _what: str, _name: str, item: object, leave_out: bool, _options: Any) -> bool:
    """Leave out the fields of named tuples, which Python describes by their number only."""
    return leave_out or (getattr(item, "__doc__", None) or "").startswith("Alias for field number")


def plain_types(_app: Any, page: nodes.document) -> None:
    """Take the links off types that are words, such as ``sequence of str``: classes begin with a capital letter."""
    for link in list(page.findall(addnodes.pending_xref)):
        if link.get("reftype") == "class" and link["reftarget"].islower():
            link.replace_self(link.children)


def setup(app: Any) -> None:
    """Register the four."""
    app.connect("doctree-read", plain_types)
    app.connect("include-read", relink)
    app.connect("source-read", up)
    app.connect("autodoc-skip-member", skip)
