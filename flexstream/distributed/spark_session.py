"""The session of Spark that a run uses, and what is told of what Spark says went wrong."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import DataError, FlexStreamError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXTRA = "pip install 'flexstream[spark]'"


@contextmanager
def session_of(master: str | None) -> Iterator[SparkSession]:
    """Yield the session that is active, or one that ends with the run."""
    try:
        from pyspark import SparkConf
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(f"Spark needs pyspark, which is not installed (expected: {EXTRA})") from None
    if (active := SparkSession.getActiveSession()) is not None:
        yield active
        return
    master = master or SparkConf().get("spark.master", "local[*]") or "local[*]"
    builder = SparkSession.builder.appName("flexstream").master(master).config("spark.sql.session.timeZone", "UTC")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.ui.enabled", False)
    session = builder.config("spark.ui.showConsoleProgress", False).getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # what goes wrong is told in one line
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # which is not used
            yield session
    finally:
        session.stop()


@contextmanager
def one_line(source: str) -> Iterator[None]:
    """Raise what Spark says of an error as one line: what a worker found wrong, or else the first line of Spark's."""
    try:
        yield
    except FlexStreamError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"pyspark", "py4j"}:
            raise
        raise _as_told(str(error), source) from None


def _as_told(text: str, source: str) -> FlexStreamError:
    """Return the error that a text of Spark's is about.

    >>> _as_told("x\\n  flexstream.errors.UsageError: `gap` needs times\\n  at org.apache.spark", "a.csv")
    UsageError('`gap` needs times')
    """
    if found := re.search(r"flexstream\.errors\.(\w+): ([^\n]*)", text):
        kind = UsageError if found[1] in {"UsageError", "WrongTypeError"} else FlexStreamError
        return kind(re.sub(r"^<\w+>(:\d+)?", lambda _: source, found[2]))  # rows of a part are no lines of a file
    if "No module named 'flexstream'" in text:
        return UsageError("Spark's workers have no flexstream (expected: it installed for the Python that they run)")
    if "JAVA_GATEWAY_EXITED" in text or "JAVA_HOME" in text:
        return UsageError("Spark found no Java (expected: Java 17 or newer, and JAVA_HOME if it is not on the PATH)")
    lines = [line for line in text.splitlines() if line.strip()]
    return DataError(source, None, f"Spark gives up: {lines[0].strip()[:300]}", "files that it can read")
