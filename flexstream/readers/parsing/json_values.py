"""Values of JSON: from text, with numbers as they are written, and back to the texts of cells and symbols."""

from __future__ import annotations

import json
from typing import Any

from .blank import is_no_event, no_event

# Numbers stay the text they are: nothing is rounded, nothing is too large.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def parsed(text: str) -> Any:
    """Return the value of one line of JSON.

    Raises
    ------
    ValueError
        Of two texts: what is wrong, and what was expected.

    Examples
    --------
    >>> parsed('{"lot": 7, "temperature": 1.50}')
    {'lot': '7', 'temperature': '1.50'}
    """
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair in a text", "text that can be written as UTF-8") from None
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at column {error.colno}"
        raise ValueError(problem, "one JSON value a line, as jq -c writes it") from None
    except RecursionError:
        raise ValueError("nested too deeply", "a list, or an object") from None
    return value


def text_of(value: Any, what: str) -> str:
    """Return a plain value as text.

    Raises
    ------
    ValueError
        Of two texts, if it is null, a list or an object.

    Examples
    --------
    >>> text_of(True, "event"), text_of("1.50", "event")
    ('true', '1.50')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "null" if value is None else "a list" if isinstance(value, list) else "an object"
    raise ValueError(f"{what} is {kind}", "a text, a number, true or false")


def symbols_of(values: list[Any]) -> list[str]:
    """Return the symbols of a whole trace.

    Raises
    ------
    ValueError
        Of two texts, if one of them is none.
    """
    texts = [value if type(value) is str else text_of(value, "symbol") for value in values]
    if not all(map(str.strip, texts)):
        for place, text in enumerate(texts, 1):
            if is_no_event(text):
                raise ValueError(*no_event(text, f"symbol {place}"))
    return texts


def cell_of(value: Any) -> str:
    """Return a plain value as the cell of a table; what is none is blank.

    >>> cell_of("L7"), cell_of(False), cell_of(None), cell_of(["L7"])
    ('L7', 'false', '', '')
    """
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else ""
