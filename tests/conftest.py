"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from flexstream._kernels.judges import CompiledJudge
from flexstream._kernels.library import Kernel

from ._kernels.listing import compiled_by

# Tests start many processes: only the first of them compiles the modules, as with an installed package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine is slow, not wrong.  The suite draws the same each time: what it refuses is what a change has done, not
# what a rare draw found that has been there for long; those are what the thorough one looks for, which draws anew.
settings.register_profile("short", deadline=None, max_examples=30, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("FLEXSTREAM_EXAMPLES", "short"))


@pytest.fixture
def data() -> Path:
    """The folder with public data that is not part of the project."""
    given = os.environ.get("FLEXSTREAM_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; name the folder with FLEXSTREAM_DATA")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; a test that asks for it is skipped where one of them is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def axe() -> Callable[[Any], Any]:
    """What axe has against a page that is open in the browser."""
    found = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    return lambda page: found.Axe().run(page).response["violations"]


@pytest.fixture(autouse=True)
def runs_its_kernels(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that is marked with a kernel, ``@pytest.mark.twin("growth.relink")``, and never runs it."""
    marked = [name for mark in request.node.iter_markers("twin") for name in mark.args]
    if not marked:
        yield
        return
    run: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        note_calls(patch, Kernel, lambda kernel: kernel.name, run)
        note_calls(patch, CompiledJudge, lambda judge: f"judges.{judge.name}", run)
        yield
    missed = [name for name in marked if not compiled_by(name) <= run]
    assert missed == [], "the test is marked with kernels that it does not run"


def note_calls(patch: pytest.MonkeyPatch, kind: type, name_of: Any, into: set[str]) -> None:
    """Note the names of all objects of a kind that are called."""
    call = kind.__call__

    def noted(self: Any, *given: Any) -> Any:
        into.add(name_of(self))
        return call(self, *given)

    patch.setattr(kind, "__call__", noted)
