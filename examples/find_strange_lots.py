"""Learn how lots normally pass through a line, then find the ones that do not."""

from flexstream import StreamLearner
from flexstream.targets import reentrant_line

line = reentrant_line()
learner = StreamLearner()
learner.learn_many(line.sample(2000, seed=1))
normal = learner.automaton

lots = {f"lot {number}": lot for number, lot in enumerate(line.sample(20, seed=2))}
lots["skipped a step"] = ["diffuse", "implant", "expose", "diffuse", "expose", "inspect", "ship"]
lots["wrong order"] = ["implant", "diffuse", "expose", "implant", "diffuse", "expose", "inspect", "ship"]

scores = {name: normal.score_one(lot) for name, lot in lots.items()}
for name in sorted(scores, key=lambda name: -scores[name].worst.bits)[:3]:
    worst = scores[name].worst
    print(f"{name}: event {worst.position + 1} ({worst.symbol}) surprises by {worst.bits:.1f} bits")
