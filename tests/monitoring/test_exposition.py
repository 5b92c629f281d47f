"""OpenMetrics text keeps the grammar of its specification."""

from __future__ import annotations

import math
import re

import pytest

from flexstream.monitoring.exposition import Family, exposition

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|Inf)|NaN"
ESCAPED = r'(?:[^\n\\"]|\\n|\\\\|\\")*'
GRAMMAR = re.compile(
    rf"(?:# TYPE {NAME} (?:counter|gauge)\n(?:# UNIT {NAME} {NAME}\n)?# HELP {NAME} {ESCAPED}\n"
    rf"(?:{NAME} (?:{NUMBER})\n)?)*# EOF\n"
)


@pytest.mark.parametrize("value", [None, 0, 3, 0.25, 1e-9, 1e300, 2.5e20, math.nan, math.inf, -math.inf, -2])
@pytest.mark.parametrize("told", ["Traces.", 'a "quoted"\\ one\nand two'])
def test_it_keeps_the_grammar(value: float | None, told: str) -> None:
    text = exposition([Family("a_b", "gauge", told, value), Family("c_seconds", "gauge", told, value, "seconds")])
    assert GRAMMAR.fullmatch(text)
    samples = [row.split(" ")[1] for row in text.splitlines() if not row.startswith("#")]
    assert [float(one) for one in samples] == pytest.approx([] if value is None else [value] * 2, nan_ok=True)


def test_counters_end_in_total_and_units_end_names() -> None:
    text = exposition([Family("x", "counter", "X.", 5), Family("y_seconds", "gauge", "Y.", 1.5, "seconds")])
    assert "# TYPE x counter\n# HELP x X.\nx_total 5\n" in text
    assert "# TYPE y_seconds gauge\n# UNIT y_seconds seconds\n" in text


def test_others_can_read_it() -> None:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    text = exposition([Family("x", "counter", "X.", 5), Family("y_seconds", "gauge", "Y.", 1.5, "seconds")])
    found = {family.name: family.samples for family in parser.text_string_to_metric_families(text)}
    assert found["x"][0].value == 5
