"""Tables that are drawn with bars and rules, tables of documented columns without a header, and columns that count."""

from __future__ import annotations

import csv
import io

import pytest

from .conftest import Dripping, read_all

ROWS = [
    (lot, step, f"2026-03-01 10:{lot:02}:0{n}") for lot in range(30) for n, step in enumerate(("load", "run", "end"))
]
WANTED = [["load", "run", "end"]] * 30


def psql() -> str:
    rows = "\n".join(f" {lot:3} | {step:4} | {at}" for lot, step, at in ROWS)
    return f" lot | step |         at\n-----+------+---------------------\n{rows}\n(90 rows)\n\n"


def mysql() -> str:
    rule = "+-----+------+---------------------+\n"
    rows = "\n".join(f"| {lot:3} | {step:4} | {at} |" for lot, step, at in ROWS)
    return f"{rule}| lot | step | at                  |\n{rule}{rows}\n{rule}90 rows in set (0.01 sec)\n"


def listed() -> str:
    """As lists of SAP are saved: titles, rules as wide as the rows between them, the header again on each page."""
    head = f"{'-' * 40}\n|Lot|Schritt|Datum     |Uhrzeit |\n{'-' * 40}\n"
    rows = [f"|{lot:3}|{step:7}|{at[8:10]}.{at[5:7]}.{at[:4]}|{at[11:]}|" for lot, step, at in ROWS]
    pages = ["\n".join(rows[at : at + 45]) for at in (0, 45)]
    return f"Liste der Lose\nFelder: 4\n\n{head}{pages[0]}\n|---|-------|----------|--------|\n{pages[1]}\n{'-' * 40}\n"


@pytest.mark.parametrize("drawn", [psql, mysql, listed])
def test_drawn_tables_are_read(drawn: object) -> None:
    content = drawn().encode()  # type: ignore[operator]
    for file in (io.BytesIO(content), Dripping(content, 500)):
        found = read_all(file)
        assert found.error is None
        assert found.traces == WANTED


def test_columns_of_postgresql_are_known_without_a_header() -> None:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    said = ["connection received: port={0}", "statement: SELECT {0}", "statement: COMMIT", "disconnection: port={0}"]
    for session in range(40):
        for number, text in enumerate(said[: 4 - session % 2], 1):
            at = f"2026-03-01 10:{session:02}:0{number}.125 UTC"
            tag = "" if number == 1 else text.split()[1]
            first = [
                at,
                "app",
                "fab",
                str(900 + session),
                "h:5",
                f"65e2f.{session:x}",
                str(number),
                tag,
                at,
                "3/1",
                "0",
            ]
            table.writerow([*first, "LOG", "00000", text.format(session), *[""] * 9])
    found = read_all(io.BytesIO(out.getvalue().encode()))
    assert found.error is None
    assert len(found.traces) == 40
    assert found.traces[1] == ["connection received: port=<*>", "statement: SELECT <*>", "statement: COMMIT"]


def test_a_column_that_counts_the_rows_of_a_case_is_no_event() -> None:
    rows = [
        f"{10 + lot};{n + 1};{step};{'pqr'[lot % 3]}"
        for lot, n, step in (
            (a, n, s) for a in range(60) for n, s in enumerate(("in", "out", "do", "in", "by")[: 3 + a % 3])
        )
    ]
    found = read_all(io.BytesIO("\n".join(["key;nr;what;where", *rows]).encode()))
    assert {symbol for trace in found.traces for symbol in trace} == {"in", "out", "do", "by"}


@pytest.mark.parametrize(
    ("header", "at"),
    [
        ("Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche", 3),
        ("Nivel,Fecha y hora,Origen,Id. del evento,Categoría de la tarea", 3),
    ],
)
def test_what_the_event_viewer_writes_in_other_languages_is_a_table(header: str, at: int) -> None:
    rows = [
        f"Information,{n % 28 + 1:02}/01/2026 10:00:{n % 60:02},SCM,{(7036, 7040)[n % 2]},None,The service is here."
        for n in range(60)
    ]
    found = read_all(io.BytesIO("\n".join([header, *rows]).encode()))
    assert found.told.format == "csv"
    assert {symbol for trace in found.traces for symbol in trace} == {"7036", "7040"}
