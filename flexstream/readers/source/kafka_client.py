"""The client of Kafka: an extra, its properties, and what it says is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import UnopenedError


def client(name: str) -> Any:
    """Return the library that speaks to brokers."""
    try:
        import confluent_kafka
    except ImportError:
        problem = "topics of Kafka need confluent-kafka, which is not installed"
        raise UnopenedError(name, None, problem, "pip install 'flexstream[kafka]'") from None
    return confluent_kafka


def properties_in(path: str) -> dict[str, str]:
    """Return the properties in a file: ``name=value`` lines; those that begin with # are comments."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise UnopenedError(path, None, f"cannot be read: {why}", "a file of properties, name=value") from None
    found = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        name, equals, value = line.partition("=")
        if line and not line.startswith("#"):
            if not equals:
                raise UnopenedError(path, number, "no property", "name=value, such as security.protocol=ssl")
            found[name.strip()] = value.strip()
    return found


def reason(error: Exception) -> str:
    """Return what the client says is wrong, in one line."""
    first = error.args[0] if error.args else error
    text = first.str() if hasattr(first, "str") else first
    return " ".join(str(text).split())
