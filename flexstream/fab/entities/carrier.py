"""The carrier: one lot at a time, from cell to cell along the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dispatch import CARRIER_RULES
from ..parameters import OUT, START
from .clock import Steps

if TYPE_CHECKING:
    from ..plant import Plant
    from .cells import Cell
    from .lots import Lot


class Carrier:
    """Takes the next lot whose destination has a place for it.

    Attributes
    ----------
    wants : list of Lot
        Lots in the line that wait to be carried, in the order in which they came.
    position : int
        Where it stands: 0 is START, then the cells in line, then OUT.
    trips : int
    holds : int
        1 with a lot on it, else 0.
    """

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.name = plant.parameters.carrier
        self.wants: list[Lot] = []
        self.position = 0
        self.trips = 0
        self.busy = False
        self.holds = 0
        self.busy_time = 0.0
        self._choose = CARRIER_RULES[plant.parameters.carrier_rule]

    def assign(self) -> None:
        """Begin a trip, if idle and there is a lot that can go."""
        if self.busy:
            return
        wanted = [(self._where(lot), lot) for lot in self._candidates() if self._can_go(lot)]
        if not wanted:
            return
        wanted.sort(key=lambda pair: pair[1].since)
        lot = self._choose(self.position, wanted)
        if lot.place == START:
            self._plant.in_line += 1
        else:
            self.wants.remove(lot)
        lot.claimed = True
        target = self._plant.destination(lot)
        if target is not None:
            target.admit(lot)
        self.busy = True
        self._plant.env.process(self._trip(lot, target))

    def _candidates(self) -> list[Lot]:
        plant = self._plant
        limit = plant.parameters.lots_in_line
        first = [plant.backlog[0]] if plant.backlog and not (limit and plant.in_line >= limit) else []
        return first + self.wants  # the carrier is idle, so none of them is claimed

    def _can_go(self, lot: Lot) -> bool:
        target = self._plant.destination(lot)
        return target is None or target.takes(lot.step)

    def _where(self, lot: Lot) -> int:
        return 0 if lot.place == START else self._plant.cell_at(lot.place).position

    def _trip(self, lot: Lot, target: Cell | None) -> Steps:
        plant, p, began = self._plant, self._plant.parameters, self._plant.env.now
        origin = lot.place
        distance = abs(self._where(lot) - self.position)
        if distance:
            self._tell("go", "start", "going", lot, origin)
            yield plant.env.timeout(distance * p.hop_time)
            self.position = self._where(lot) if lot.alive else self.position
        if lot.alive:
            yield from self._carry(lot, target, origin)
        else:
            # Its machine broke down under it while the carrier was on the way; where the carrier stands hardly matters.
            self._tell("void", "complete", "idle", lot, origin)
            if target is not None:
                target.reserved -= 1
                target.let_go(lot)
        self.trips += 1
        self.busy = False
        self.busy_time += plant.env.now - began
        plant.touch()

    def _carry(self, lot: Lot, target: Cell | None, origin: str) -> Steps:
        plant, p = self._plant, self._plant.parameters
        self._pick(lot)
        self._tell("pick", "start", "picking", lot, origin)
        self._tell_lot(lot, "carry", "start", "carried", origin)
        yield plant.env.timeout(p.pick_time)
        end, place = (target.position, target.name) if target is not None else (len(plant.cells) + 1, OUT)
        self._tell("carry", "start", "carrying", lot, place)
        yield plant.env.timeout(abs(end - self.position) * p.hop_time)
        self.position = end
        self._tell("put", "start", "putting", lot, place)
        yield plant.env.timeout(p.put_time)
        self._tell("put", "complete", "idle", lot, place)
        lot.claimed, lot.since, self.holds = False, plant.env.now, 0
        if target is None:
            plant.ship(lot)
            return
        target.reserved -= 1
        self._tell_lot(lot, "carry", "complete", "waiting", target.name)
        plant.store(lot, target)

    def _pick(self, lot: Lot) -> None:
        """Take the lot from where it is."""
        if lot.place == START:
            self._plant.backlog.popleft()
        else:
            self._plant.cell_at(lot.place).let_go(lot)
            if lot.place in self._plant.machines:
                self._plant.machines[lot.place].hand_over(lot)
            else:
                self._plant.cells[lot.place].finished.remove(lot)
        lot.place, self.holds = self.name, 1
        self._plant.touch()

    def _tell(self, event: str, lifecycle: str, state: str, lot: Lot, place: str) -> None:
        about = {"step": lot.step, "product": lot.product, "lot": lot.name, "cause": place}
        self._plant.log.add("carrier", self.name, event, lifecycle, state, **about)

    def _tell_lot(self, lot: Lot, event: str, lifecycle: str, state: str, place: str) -> None:
        about = {"step": lot.step, "product": lot.product, "lot": lot.name, "cause": place}
        self._plant.log.add("lot", lot.name, event, lifecycle, f"{state} {lot.step or OUT}", **about)
