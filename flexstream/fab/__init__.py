"""The Intel MiniFab as a discrete-event model: an event source whose truth is known.

``parameters`` and ``profiles`` say what the factory is (``checks``: whether that fits together), and ``dispatch`` has
the rules by which it chooses.  ``log`` orders what happens and cuts the one stream of events into traces.  The
``entities`` are what it is made of; ``plant`` puts them in motion, ``faults`` breaks it on purpose, ``deadlock`` finds
that nothing moves any more.  ``truth`` has the state machines behind the traces, ``truth_folder`` writes them down,
``agreement`` compares a learned one with them; ``series`` turns the fab into time series.  Each knows only what stands
before it.  Times inside are minutes.

Examples
--------
>>> from flexstream.fab.parameters import WEEK, Parameters
>>> from flexstream.fab.plant import Plant
>>> plant = Plant(Parameters(), seed=1)
>>> events = list(plant.events(WEEK))
>>> plant.started, events[-1].seq == len(events) - 1
(84, True)
"""
