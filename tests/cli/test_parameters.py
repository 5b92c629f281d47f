"""What the library says of its parameters, the command line says of its options."""

from __future__ import annotations

import dataclasses

import pytest

from flexstream.errors import Message, UsageError, parameter
from flexstream.readers import ReadOptions
from flexstream_cli.console import OPTIONS, with_options
from flexstream_cli.learn import learn

KNOWN = {option for one in learn.params for option in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("name", [*(field.name for field in dataclasses.fields(ReadOptions)), *OPTIONS])
def test_a_parameter_is_an_option(name):
    assert with_options(Message(parameter(name))) in KNOWN


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--stride", "3"], "--stride needs --window"),
        (["--idle", "-1"], "--idle must be a positive number of seconds, not -1.0"),
        (["--max-open-cases", "0"], "--max-open-cases must be at least 1, not 0"),
        (["--sequence", "a", "--event", "b"], "--sequence names whole traces and --event single events"),
        (["--pattern", "(?P<lot>x)"], "--pattern has a group 'lot'; it may have case, event, time, lifecycle, message"),
    ],
)
def test_usage_errors_speak_of_options(run, write, options, message):
    done = run("learn", write("a.log", "x\n"), *options)
    assert done.code == 2
    assert f"flexstream: error: {message}" in done.err


def test_data_errors_and_notes_speak_of_options(run, write):
    done = run("learn", write("a.csv", "`case`,`what`\n1,2\n"), "--format", "csv")
    assert done.code == 1
    columns = "one of `case`, `what`; name it with --event, or whole traces with --sequence"
    assert f"a.csv:1: no column for the event (expected: {columns})" in done.err
    done = run("learn", write("b.csv", "event,x\na,1\nb,2\n"), "-o", "-")
    assert "(change it with --window, or name the case with --case, in a log with a group of --pattern)" in done.err


def test_skipped_lines_speak_of_options(run, write):
    done = run("learn", write("a.jsonl", '{"event": "x"}\n{"what": 1}\n'), "--on-error", "skip", "-o", "-")
    assert "a.jsonl:2: no field for the event (expected: one of what; name it with --event, or whole " in done.err


def test_python_reads_the_names_of_parameters():
    with pytest.raises(UsageError) as caught:
        ReadOptions(stride=3)
    assert str(caught.value) == "`stride` needs `window`"
    assert caught.value.message.naming(str.upper) == "STRIDE needs WINDOW"
