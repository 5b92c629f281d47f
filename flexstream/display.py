"""How models and learners show themselves in a notebook, as pictures and as pages."""

from __future__ import annotations

from typing import Protocol


class Renderer(Protocol):
    """What draws models; the package hands in `flexstream.notebook`, which stands above them."""

    def svg(self, shown: Displayed) -> str | None:
        """Return a picture, None where none can be drawn."""

    def html(self, shown: Displayed) -> str | None:
        """Return a part of a page."""


class Displayed:
    """What a notebook shows as a picture: IPython asks a value for these two methods.

    A model is always drawn, a difference where Graphviz's program `dot` is installed.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> reber()._repr_svg_()[:4], reber()._repr_html_()[:4]
    ('<svg', '<div')
    """

    renderer: Renderer | None = None

    def _repr_svg_(self) -> str | None:
        return None if Displayed.renderer is None else Displayed.renderer.svg(self)

    def _repr_html_(self) -> str | None:
        return None if Displayed.renderer is None else Displayed.renderer.html(self)
