"""The Intel MiniFab as a discrete-event model: an event source whose truth is known.

``parameters`` and ``profiles`` say what the factory is, ``plant`` puts it in motion, ``views`` cuts its one stream of
events into traces, ``truth`` has the state machines behind them, ``faults`` breaks it on purpose, ``series`` turns it
into time series.  Times inside are minutes.

Examples
--------
>>> from flexstream.fab.parameters import WEEK, Parameters
>>> from flexstream.fab.plant import Plant
>>> plant = Plant(Parameters(), seed=1)
>>> events = list(plant.events(WEEK))
>>> plant.started, events[-1].seq == len(events) - 1
(84, True)
"""
