"""Sources that are not there, beside others that are."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexstream import Alphabet, learn
from flexstream import read as read_traces
from flexstream.errors import DataError
from flexstream.readers import ReadOptions, read_batches


@pytest.fixture
def there(tmp_path: Path) -> tuple[Path, Path]:
    """Two files of different formats."""
    one, two = tmp_path / "one.txt", tmp_path / "two.jsonl"
    one.write_text("load run\n")
    two.write_text('["unload"]\n')
    return one, two


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_the_others_are_read_and_it_is_told(there, tmp_path: Path, place: int, kind: str) -> None:
    gone = tmp_path / "gone.csv" if kind == "missing" else tmp_path
    problem = "no such file" if kind == "missing" else "is a directory"
    sources = list(there)
    sources.insert(place, gone)
    reading = read_batches(sources, Alphabet(), ReadOptions(on_error="skip"))
    assert sum(len(batch) for batch in reading) == 2
    assert reading.stats.skipped == 1
    assert str(reading.stats.messages[0]).startswith(f"{gone}: {problem} (expected: ")
    assert f"{gone}: {problem}; it is left out, the others are read" in reading.notes


def test_all_missing_is_an_error(tmp_path: Path) -> None:
    for names in (["a"], ["a", "b"], ["a", "b", "c"]):
        paths = [tmp_path / name for name in names]
        for mode in ("skip", "stop"):
            with pytest.raises(DataError, match="no such file") as caught:
                list(read_batches(paths, Alphabet(), ReadOptions(on_error=mode)))
            if mode == "skip" and len(paths) > 1:
                assert f"and so for all {len(paths)} sources" in str(caught.value)


def test_in_python_alike(there, tmp_path: Path) -> None:
    sources = [there[0], tmp_path / "gone", there[1]]
    assert list(read_traces(sources, on_error="skip")) == [["load", "run"], ["unload"]]
    learned = learn(sources, on_error="skip")
    assert learned.traces == 2 and any("it is left out" in note for note in learned.notes)
    with pytest.raises(DataError, match="no such file"):
        learn(sources)


def test_an_empty_file_beside_others_is_still_a_bad_source(there, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    reading = read_batches([tmp_path / "empty", *there], Alphabet(), ReadOptions(on_error="skip"))
    assert sum(len(batch) for batch in reading) == 2 and reading.stats.skipped == 1
