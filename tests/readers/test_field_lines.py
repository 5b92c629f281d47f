"""Lines that hold fields: logfmt, JSON behind a prefix, access logs, CEF and LEEF."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest

from flexstream.errors import DataError
from flexstream.readers import Head, guess
from flexstream.readers.formats import FORMATS
from flexstream.readers.parsing.json_bodies import fields
from flexstream.readers.parsing.key_values import pairs
from flexstream.readers.parsing.requests import request_fields, route
from flexstream.readers.parsing.security_events import event_fields
from flexstream.verdict.inspection import inspected

from .conftest import Found, read_all

ROUTE = ["load", "heat", "cool", "unload"]


def read(lines: list[str], **options: Any) -> Found:
    """Read lines."""
    return read_all(io.BytesIO("".join(line + "\n" for line in lines).encode()), **options)


def wrote(form: str, count: int = 40) -> list[str]:
    """Return lines of ten cases of four events each."""
    return [
        form.format(case=f"s{i // 4}", event=ROUTE[i % 4], time=f"2026-01-31T10:{i:02}:00Z", n=i) for i in range(count)
    ]


FORMS = {
    "logfmt": 'ts={time} level=info session={case} msg="{event}"',
    "logfmt, blanks": "level=info  session={case}\tmsg={event} ts={time} took={n}ms",
    "logfmt behind a time": "{time} INFO session={case} action={event} user=ada",
    "logfmt behind syslog": "Jan 31 10:00:{n:02} host app[7]: session={case} action={event}",
    "logfmt behind a router": '{time} heroku[router]: at=info session={case} action={event} path="/a?b={n}"',
    "logjson": '{time} INFO {{"session": "{case}", "action": "{event}", "n": {n}}}',
    "logjson behind syslog": 'Jan 31 10:00:{n:02} host app[7]: {{"session": "{case}", "action": "{event}"}}',
    "logjson with a message": '{time} INFO {event} {{"session": "{case}", "deep": {{"n": [{n}]}}}}',
    "cef": "CEF:0|Acme|Wall|1.0|{n}|{event}|5|rt={time} sessionId={case} msg=a b=c",
    "cef behind syslog": "{time} host CEF:0|Acme|Wall|1.0|100|{event}|5|sessionId={case} act=blocked",
    "leef": "LEEF:1.0|Acme|Wall|1.0|{event}|sessionId={case}\tsrc=10.0.0.1",
    "leef, version 2": "LEEF:2.0|Acme|Wall|1.0|{event}|^|sessionId={case}^src=10.0.0.1",
}


@pytest.mark.parametrize(("name", "form"), FORMS.items(), ids=FORMS)
def test_fields_are_columns(name: str, form: str) -> None:
    lines = wrote(form)
    found = read(lines)
    assert found.error is None
    kind = name.split(",", maxsplit=1)[0].split(maxsplit=1)[0].replace("leef", "cef")
    assert found.told.format == kind
    assert dict(found.named) == {f"s{i}": ROUTE for i in range(10)}
    assert guess(Head("\n".join(lines[:1]).encode() + b"\n")) == kind


@pytest.mark.parametrize("name", ["logfmt", "logjson", "cef"])
def test_columns_that_the_user_names_and_times(name: str) -> None:
    form = {
        "logfmt": "a={case} b={event} c=x at={time}",
        "logjson": '{time} {{"a": "{case}", "b": "{event}", "c": "x"}}',
        "cef": "CEF:0|V|P|1|1|n|5|a={case} b={event} c=x end={time}",
    }[name]
    lines = wrote(form)[::-1]
    found = read(lines, format=name, case="a", event="b+c", time="at" if name == "logfmt" else "time")
    assert dict(found.named) == {f"s{i}": [f"{step}+x" for step in ROUTE] for i in range(10)}


@pytest.mark.parametrize("name", ["logfmt", "logjson", "access", "cef"])
def test_a_line_of_another_kind_is_bad_but_for_stack_traces(name: str) -> None:
    form = {
        "logfmt": "level=info session={case} msg={event}",
        "logjson": '{time} INFO {{"session": "{case}", "action": "{event}"}}',
        "access": '{case} - - [31/Jan/2026:10:{n:02}:00 +0000] "GET /{event} HTTP/1.1" 200 5',
        "cef": "CEF:0|V|P|1|1|{event}|5|sessionId={case}",
    }[name]
    lines = wrote(form)
    lines[7:7] = ["Traceback (most recent call last):", '  File "a.py", line 3, in run', "    run(7)"]
    lines[3:3] = ["nothing of the kind"]
    found = read(lines)
    assert isinstance(found.error, DataError)
    assert str(found.error).startswith("<input>:4: no ")
    assert "expected: " in str(found.error)
    skipping = read(lines, on_error="skip")
    assert (skipping.told.stats.skipped, skipping.told.stats.continued) == (1, 3)
    assert len(skipping.traces) == 10


def access(path: str, status: int = 200, client: str = "10.0.0.1", second: int = 0, more: str = "") -> str:
    """Return a line of an access log."""
    moment = f"31/Jan/2026:{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} +0000"
    return f'{client} - - [{moment}] "GET {path} HTTP/1.1" {status} 612{more}'


def test_clients_and_their_visits() -> None:
    lines = [access("/", client=f"10.0.0.{i % 2}", second=40 * i) for i in range(4)]
    lines += [access(f"/lots/{i}?v={i}", client="10.0.0.0", second=4000 + i) for i in range(2)]
    found = read(lines)
    assert found.named == [
        ("10.0.0.0", ["GET / 2xx"] * 2),
        ("10.0.0.1", ["GET / 2xx"] * 2),
        ("10.0.0.0", ["GET /lots/<*> 2xx"] * 2),
    ] or sorted(found.named) == [
        ("10.0.0.0", ["GET / 2xx"] * 2),
        ("10.0.0.0", ["GET /lots/<*> 2xx"] * 2),
        ("10.0.0.1", ["GET / 2xx"] * 2),
    ]
    assert any("silent for 30 minutes" in note for note in found.told.notes)
    assert found.told.manner["gap"] == 1800.0
    whole = read(lines, gap=86_400.0)
    assert sorted(map(len, whole.traces)) == [2, 4]
    users = read([line.replace("- - [", "- ada [") for line in lines], case="user", event="method+class")
    assert dict(users.named) == {"ada": ["GET+2xx"] * 6}


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (access("/a/b.html?x=1&y=2"), "GET /a/b.html 2xx"),
        (access("/a;jsessionid=F00?x"), "GET /a 2xx"),
        (access("http://shop.example/a?x=1"), "GET /a 2xx"),
        (access("/wp-login.php", 404), "GET <*> 4xx"),
        (access("/a", 304, more=' "https://a.example/?q=1" "Mozilla/5.0 (X11; \\"Linux\\")"'), "GET /a 2xx"),
        (access("/a", 500, more=' "-" "-" "10.1.1.1" rt=0.005'), "GET /a 5xx"),
        ("shop.example:443 " + access("/a"), "GET /a 2xx"),
        ('2001:db8::7 - ada [31/Jan/2026:10:00:00 +0000] "POST /login HTTP/2.0" 302 -', "POST /login 3xx"),
        ('host.example - - [31/Jan/2026:10:00:00 +0000] "\\x16\\x03\\x01" 400 226', "- <*> 4xx"),
        ('10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "-" 408 -', "- <*> 4xx"),
        ('10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET /" 200 5', "GET / 2xx"),
    ],
)
def test_what_was_asked_for_and_how_it_went(line: str, event: str) -> None:
    assert guess(Head(line.encode() + b"\n")) == "access"
    found = read([line])
    assert (found.error, found.traces) == (None, [[event]])


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/users/4711/orders/12-34", "/users/<*>/orders/<*>"),
        ("/v2/h5/css3.css", "/v2/h5/css3.css"),
        ("/img/9f8e7d6c5b4a.png", "/img/<*>.png"),
        ("/2026/01/31/news", "/<*>/<*>/<*>/news"),
        ("/facade/decade/added", "/facade/decade/added"),
        ("/s/" + "x" * 65, "/s/<*>"),
    ],
)
def test_routes(path: str, masked: str) -> None:
    assert route(path) == masked


def test_inspect_shows_the_fields(tmp_path: Path) -> None:
    for name, lines in {
        "access": [access(f"/{i % 3}a", client=f"10.0.0.{i // 4}", second=i) for i in range(40)],
        "logfmt": wrote(FORMS["logfmt"]),
        "cef": wrote(FORMS["cef"]),
        "logjson": wrote(FORMS["logjson"]),
    }.items():
        path = tmp_path / name
        path.write_text("\n".join(lines))
        found = inspected(path)
        assert found.format == name
        assert found.roles["event"] in {column.name for column in found.columns}
        assert FORMATS[name].objects is not None


def test_texts_that_are_no_fields_are_read_as_before() -> None:
    for text, name in [
        ("a=1 b=2\nb=2 a=1\n", "lines"),
        ("2026-01-31 10:00:00 INFO took x=1 of {7}\n", "log"),
        ("2026-01-31 10:00:00 INFO {not: json}\n", "log"),
        ("the header CEF: comes later\nload run\n", "lines"),
        ('10.0.0.1 said [hello] "there"\n', "lines"),
    ]:
        assert guess(Head(text.encode(), ended=True)) == name


@pytest.mark.parametrize("parse", [pairs, fields, request_fields, event_fields], ids=lambda parse: parse.__name__)
def test_long_lines_take_linear_time(parse: Any) -> None:
    starts = ["", "a=", 'a="', "CEF:0|a|", "2026-01-31 10:00:00 INFO {", '10.0.0.1 - - [x] "', "10.0.0.1 - "]
    begin = time.perf_counter()
    for start in starts:
        for sign in 'a="\\{}[]| :.<0/-':
            for line in (start + sign * 32_000, start + (sign + " ") * 16_000, start + (sign + '{"') * 10_000):
                try:
                    parse(line)
                except ValueError as error:
                    assert len(error.args) == 2
    assert time.perf_counter() - begin < 60


@pytest.mark.parametrize("words", range(7))
def test_words_without_a_key_are_no_more_than_two_for_each_pair(words: int) -> None:
    line = f"at=load{' and' * words} code=H12"
    if words <= 4:
        assert pairs(line) == {"at": f"load{' and' * words}", "code": "H12"}
    else:
        with pytest.raises(ValueError, match="no pairs of keys and values"):
            pairs(line)
