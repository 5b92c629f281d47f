"""Claim: VAR and boosting, which see the queues, forecast lots best; an automaton gives trajectories, and fast.

    pip install 'flexstream[forecast]'
    python benchmarks/fab/forecast.py [--weeks 26] [--seed 1] [--scenario repair-on-lots-1] [--json OUT]
                                      [--markdown OUT] [--plot OUT.png]

The series are those of ``flexstream simulate minifab --series``, one scenario, hour by hour: work in progress (lots),
turnaround (hours), and throughput (lots that come out within the horizon).  Models are fitted on the first 70 per cent;
from then on every 12 hours the next 24 hours are forecast from all that is known by then.

Baselines: naive (nothing changes; throughput goes on as in the last day), seasonal naive (as a day before),
exponential smoothing and ARIMA (2, 0, 1) by statsmodels, VAR over all columns by statsmodels, gradient boosting on the
last day of all columns by scikit-learn.  Beside them the automaton: each hour is a symbol (lots started, out,
scrapped), windows of two days are traces, and a forecast is the mean of 200 traces sampled from the state that the last
day leads to.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table as Printed
from shared.tables import pyplot

from flexstream import PDFA, StreamLearner
from flexstream.fab.parameters import Parameters
from flexstream.fab.series import rows, scenarios

HORIZONS = (1, 6, 12, 24)
LONGEST = max(HORIZONS)
STRIDE = 12
TRAIN = 0.7
DAY = 24
SAMPLES = 200
TARGETS = ("wip", "turnaround", "out")
FLOWS = ("started", "out", "scrapped")
"""Columns that only grow; models see their changes from hour to hour."""

Array = NDArray[np.float64]
Forecaster = Callable[[int], Array]
"""From an hour to the forecast of the hours after it, shape (LONGEST,)."""


class Table:
    """The columns of one scenario, as models see them."""

    def __init__(self, scenario: str, weeks: float, seed: int) -> None:
        (chosen,) = [one for one in scenarios(Parameters()) if one.name == scenario]
        started = time.process_time()
        found = list(rows(chosen, weeks, seed))
        self.seconds = time.process_time() - started
        names = [name for name, value in found[0].items() if isinstance(value, int | float)]
        self.names = [name for name in names if name not in ("seed", "hour", "lot_size")]
        self.values = np.array([[row[name] for name in self.names] for row in found], np.float64)
        for name in FLOWS:
            column = self.names.index(name)
            self.values[:, column] = np.diff(self.values[:, column], prepend=0.0)
        self.split = int(TRAIN * len(self.values))

    def __getitem__(self, name: str) -> Array:
        return self.values[:, self.names.index(name)]

    def level(self, name: str, forecast: Array) -> Array:
        """Return a forecast as it is judged: flows add up."""
        return np.cumsum(forecast) if name in FLOWS else forecast


def naive(table: Table, name: str) -> Forecaster:
    """Nothing changes; a flow goes on at the mean of its last day."""
    y = table[name]
    return lambda t: np.full(LONGEST, y[t - DAY + 1 : t + 1].mean() if name in FLOWS else y[t])


def seasonal(table: Table, name: str) -> Forecaster:
    """Return the same hours of the day before."""
    return lambda t: table[name][t - DAY + 1 : t + 1]


def smoothing(table: Table, name: str) -> Forecaster:
    """Return simple exponential smoothing."""
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    fitted = ExponentialSmoothing(table[name][: table.split]).fit(disp=False)
    return lambda t: fitted.apply(table[name][: t + 1]).forecast(LONGEST)


def arima(table: Table, name: str) -> Forecaster:
    """Return ARIMA (2, 0, 1) with a mean."""
    from statsmodels.tsa.arima.model import ARIMA

    fitted = ARIMA(table[name][: table.split], order=(2, 0, 1)).fit()
    return lambda t: fitted.apply(table[name][: t + 1]).forecast(LONGEST)


def var(table: Table, name: str) -> Forecaster:
    """Return vector autoregression of the target with queues and machines, its order chosen by AIC.

    Flows are left out beside the work in progress, which they add up to: together they would be singular.
    """
    from statsmodels.tsa.api import VAR

    beside = [other for other in table.names if other.startswith(("queue_C", "busy_M", "down_Mc", "down_Md"))]
    keep = [table.names.index(other) for other in (name, *beside)]
    keep = [column for column in keep if table.values[: table.split, column].std() > 1e-9]
    fitted = VAR(table.values[: table.split, keep]).fit(maxlags=6, ic="aic")
    return lambda t: fitted.forecast(table.values[t + 1 - fitted.k_ar : t + 1, keep], LONGEST)[:, 0]


def boosting(table: Table, name: str) -> Forecaster:
    """Return gradient boosting, a model for each horizon, from the last day of the target and the last hour of all."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    y = table[name]

    def known(t: int) -> Array:
        return np.concatenate([y[t - DAY + 1 : t + 1], table.values[t]])

    hours = range(DAY, table.split - LONGEST)
    seen = np.array([known(t) for t in hours])
    models = {}
    for horizon in HORIZONS:
        wanted = [y[t + 1 : t + 1 + horizon].sum() if name in FLOWS else y[t + horizon] for t in hours]
        models[horizon] = HistGradientBoostingRegressor(max_iter=100, random_state=0).fit(seen, wanted)

    def forecast(t: int) -> Array:
        values = np.full(LONGEST, np.nan)
        for horizon, model in models.items():
            values[horizon - 1] = model.predict([known(t)])[0]
        # Judged as levels: undo what Table.level does to a flow.
        return _spread(values) if name in FLOWS else values

    return forecast


def _spread(totals: Array) -> Array:
    """Return changes that add up to the totals at the horizons."""
    changes, before = np.zeros(LONGEST), 0.0
    for horizon in HORIZONS:
        changes[horizon - 1] = totals[horizon - 1] - before
        before = totals[horizon - 1]
    return changes


class Surrogate:
    """The automaton of the hours, sampled forward."""

    def __init__(self, table: Table) -> None:
        flows = np.stack([table[name] for name in FLOWS], axis=1).astype(int)
        self.hours = [" ".join(map(str, row)) for row in flows.tolist()]
        learner = StreamLearner()
        learner.learn_many([self.hours[t : t + 2 * DAY] for t in range(DAY, table.split - 2 * DAY)])
        self.automaton: PDFA = learner.automaton
        automaton = self.automaton
        self.flows = np.array([[int(part) for part in symbol.split()] for symbol in automaton.symbols])
        # Ends are left out: where a window ended says nothing about the fab.
        self.sums = [np.cumsum(automaton.weights[slice(*automaton.offsets[q : q + 2])]) for q in range(len(automaton))]
        self.seconds, self.sampled = 0.0, 0
        self._random = np.random.default_rng(0)

    def forecast(self, t: int) -> Array:
        """Return the mean flows of the hours after t, shape (LONGEST, flows)."""
        started = time.process_time()
        state = self.automaton.state_after(self.hours[t - DAY + 1 : t + 1])
        states = np.full(SAMPLES, state)
        result = np.zeros((LONGEST, len(FLOWS)))
        for hour in range(LONGEST):
            states, mean = self._step(states)
            result[hour] = mean
        self.seconds += time.process_time() - started
        self.sampled += SAMPLES * LONGEST
        return result

    def _step(self, states: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
        automaton, total = self.automaton, np.zeros(len(FLOWS))
        after = np.zeros_like(states)
        for state in np.unique(states):
            here = np.flatnonzero(states == state)
            sums = self.sums[state]
            if not len(sums):  # only ends were seen here: begin anew
                continue
            rows_ = automaton.offsets[state] + np.searchsorted(sums, self._random.random(len(here)) * sums[-1], "right")
            after[here] = automaton.targets[rows_]
            total += self.flows[automaton.edge_symbols[rows_]].sum(axis=0)
        return after, total / len(states)

    def forecaster(self, table: Table, name: str) -> Forecaster:
        """Return the forecaster of a target that follows from the flows."""
        if name == "out":
            return lambda t: self.forecast(t)[:, FLOWS.index("out")]
        signs = np.array([1.0, -1.0, -1.0])
        return lambda t: table["wip"][t] + np.cumsum(self.forecast(t) @ signs)


MODELS: dict[str, Callable[[Table, str], Forecaster]] = {
    "naive": naive,
    "seasonal naive": seasonal,
    "exponential smoothing": smoothing,
    "ARIMA": arima,
    "VAR": var,
    "gradient boosting": boosting,
}


def judge(table: Table, name: str, forecaster: Forecaster) -> dict[str, Any]:
    """Forecast from every origin and return RMSE and MAE by horizon, and the last forecast for the plot."""
    errors = []
    for t in range(table.split, len(table.values) - LONGEST, STRIDE):
        truth = table.level(name, table[name][t + 1 : t + 1 + LONGEST])
        errors.append(table.level(name, forecaster(t)) - truth)
    found = np.array(errors)[:, [horizon - 1 for horizon in HORIZONS]]
    return {"rmse": np.sqrt((found**2).mean(axis=0)).tolist(), "mae": np.abs(found).mean(axis=0).tolist()}


def plot(results: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw RMSE against the horizon, a panel for each target."""
    figure, axes = pyplot().subplots(1, len(results), figsize=(4.5 * len(results), 3.6), layout="constrained")
    for axis, (name, models) in zip(axes, results.items(), strict=True):
        for model, scores in models.items():
            axis.plot(HORIZONS, scores["rmse"], marker="o", label=model)
        axis.set(title=name, xlabel="horizon (h)", ylabel=f"RMSE ({'h' if name == 'turnaround' else 'lots'})")
    axes[0].legend(fontsize="small")
    figure.savefig(path)


def tables(result: Result) -> dict[str, Printed]:
    """Return a table for each target: RMSE / MAE by horizon."""
    head = ("model", *(f"{hours} h" for hours in HORIZONS))
    found = {}
    for name, models in result["measured"]["results"].items():
        rows = []
        for model, scores in models.items():
            pairs = zip(scores["rmse"], scores["mae"], strict=True)
            rows.append([model, *(f"{rmse:.2f} / {mae:.2f}" for rmse, mae in pairs)])
        found[name] = Printed(head, rows)
    return found


def judge_all(table: Table, surrogate: Surrogate) -> dict[str, dict[str, Any]]:
    """Judge all models on all targets."""
    results: dict[str, dict[str, Any]] = {}
    for name in TARGETS:
        models = dict(MODELS) | ({"automaton": surrogate.forecaster} if name != "turnaround" else {})
        results[name] = {model: judge(table, name, make(table, name)) for model, make in models.items()}
    return results


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__, plot=True)
    parser.add_argument("--weeks", type=float, default=26)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", default="repair-on-lots-1")
    args = parser.parse_args()
    import statsmodels.tsa.api  # noqa: F401 - sets filters of its own when it is imported

    warnings.simplefilter("ignore")  # optimisers that have not fully converged, starting values that were replaced
    table = Table(args.scenario, args.weeks, args.seed)
    surrogate = Surrogate(table)
    results = judge_all(table, surrogate)
    simulated, sampled = len(table.values) / table.seconds, surrogate.sampled / surrogate.seconds
    speed = {"sampled_hours_per_second": sampled, "simulated_hours_per_second": simulated, "ratio": sampled / simulated}
    states = len(surrogate.automaton)
    finish(__file__, args, {"results": results, "states": states, "speed": speed}, tables)
    print(f"\nautomaton: {states} states; {sampled:,.0f} sampled hours a second of processor time,")
    print(f"simulator: {simulated:,.0f} simulated hours a second; ratio {sampled / simulated:.0f}")
    if args.plot:
        plot(results, args.plot)


if __name__ == "__main__":
    main()
