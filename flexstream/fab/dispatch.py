"""Which batch a machine runs next, and which lot the carrier takes: pure functions of what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entities.lots import Lot
    from .entities.machines import Machine
    from .parameters import Parameters

Batch = list["Lot"]


def feasible_batches(waiting: Iterable[Lot], machine: str, kind: str, parameters: Parameters) -> list[Batch]:
    """Return the batches a machine may run, the one with the oldest lot first.

    A batch is full; its lots are of one step, and of one product where the step asks for it; it holds at most
    ``tests_per_batch`` test lots, and a test lot only if it has not been on this machine (unless it has no twin).
    """
    twins = len(parameters.machines[kind]) > 1
    free = [lot for lot in waiting if not lot.claimed and not (lot.test and twins and machine in lot.visited)]
    size = parameters.batch_size[kind]
    if size == 1:
        return [[lot] for lot in free]
    found = [_full(group, size, parameters.tests_per_batch) for group in _groups(free, parameters)]
    return sorted((batch for batch in found if batch), key=lambda batch: min(lot.since for lot in batch))


def _groups(lots: Batch, parameters: Parameters) -> list[Batch]:
    """Return the lots that may share a batch, as far as step and product go."""
    groups = []
    for step in dict.fromkeys(lot.step for lot in lots):
        here = [lot for lot in lots if lot.step == step]
        if step not in parameters.one_product_steps:
            groups.append(here)
            continue
        for product in dict.fromkeys(lot.product for lot in here if not lot.test):
            groups.append([lot for lot in here if lot.test or lot.product == product])
    return groups


def _full(group: Batch, size: int, most_tests: int) -> Batch:
    """Return the oldest lots of a group that make a full batch, or nothing."""
    batch: Batch = []
    tests = 0
    for lot in group:
        if lot.test and tests == most_tests:
            continue
        tests += lot.test
        batch.append(lot)
        if len(batch) == size:
            return batch
    return []


def fifo(batches: list[Batch], machine: Machine, parameters: Parameters) -> Batch:
    """Return the batch whose oldest lot has waited longest."""
    return batches[0]


def least_setup(batches: list[Batch], machine: Machine, parameters: Parameters) -> Batch:
    """Return the batch with the least setup; among equals the one that has waited longest."""
    return min(batches, key=lambda batch: parameters.setup_time(machine.setup, (batch[0].product, batch[0].step)))


def nearest(position: int, wanted: list[tuple[int, Lot]]) -> Lot:
    """Return the lot that is nearest to the carrier; among equals the one that has waited longest."""
    return min(wanted, key=lambda pair: abs(pair[0] - position))[1]


def longest_waiting(position: int, wanted: list[tuple[int, Lot]]) -> Lot:
    """Return the lot that has waited longest."""
    return wanted[0][1]


RULES: dict[str, Callable[[list[Batch], Machine, Parameters], Batch]] = {"fifo": fifo, "least-setup": least_setup}
CARRIER_RULES: dict[str, Callable[[int, list[tuple[int, Lot]]], Lot]] = {"fifo": longest_waiting, "nearest": nearest}
