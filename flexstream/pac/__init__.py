"""PAC bounds: how much data a learner needs, how much it has had, and how far its answer can be trusted.

Planning (`demand`, `sizes`, `theorems`, `planning`) turns what is known of a target into sample sizes.  Reporting
(`statistics`, `report`) turns the evidence that a learner has into statements that hold together with a stated
confidence.  docs/pac.md has the mathematics.  Every function is pure unless it says so;
probabilities are plain numbers from 0 to 1, sizes are counts of strings or visits, logarithms are natural (nats).

>>> from flexstream.pac.demand import Demand
>>> from flexstream.pac.theorems.palmer_goldberg import node_size
>>> node_size(Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05))
297925
"""
