"""What a message shows of texts that it did not choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import DataError, Message, UsageError, parameter


@given(st.text(), st.text())
def test_a_message_is_one_line_that_moves_no_cursor(name, value):
    for error in (DataError(name, 1, f"no {value}", value), UsageError(f"{parameter('case')} {value}")):
        assert str(error).isprintable() or not str(error).isascii()
        assert len(str(error).splitlines()) == 1
        assert "\x1b" not in str(error)


@given(st.text())
def test_a_message_in_a_message_is_shown_once(text):
    message = Message(f"{parameter('case')}: {text}")
    assert Message(message.marked) == message
    assert message.naming(lambda name: f"--{name}").startswith("--case: ")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", '"a\x1b[2J","b\x0bc"\n1,2\n'),
        ("t.jsonl", '{"ti\\nme": 1, "ca\\u001b[2Jse": 2}\n'),
        ("t.log", "ti\x1b[2Jme=1 x=2\n"),
    ],
)
def test_names_in_a_file_are_shown_in_one_line(name, content, tmp_path):
    from flexstream import Alphabet, ReadOptions
    from flexstream.errors import FlexStreamError
    from flexstream.readers import Reading

    path = tmp_path / name
    path.write_text(content)
    reading = Reading([str(path)], Alphabet(), ReadOptions(case="nobody"))
    with pytest.raises(FlexStreamError) as found:
        list(reading)
    for text in (str(found.value), *reading.notes):
        assert text.isprintable(), text


def test_a_mention_of_a_parameter_steers_no_terminal():
    """Parameters that a damaged checkpoint names are shown as well."""
    message = Message(f"another {parameter('x' + chr(0x202E) + chr(27) + chr(0xFDD0) + chr(10))}")
    for text in (str(message), message.naming(lambda name: f"--{name}")):
        assert text.isprintable(), text
