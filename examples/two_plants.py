"""Two learners in two places count their own streams; added up, they know what one learner of both would."""

from flexstream import StreamLearner
from flexstream.targets import reentrant_line

line = reentrant_line()
east, west = StreamLearner(), StreamLearner()
east.learn_many(line.sample(150, seed=1))
west.learn_many(line.sample(150, seed=2))
print("east alone:", east.automaton)

east.merge(west)
print("both:", east.automaton, "from", east.traces, "lots")
print("the line itself:", east.automaton.equivalent(line, tolerance=0.2))
