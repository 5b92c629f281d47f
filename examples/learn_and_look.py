"""Learn the Reber grammar from samples and look at what was found."""

from flexstream import StreamLearner
from flexstream.targets import reber
from flexstream.writers import write

learner = StreamLearner()
for word in reber().sample(1000, seed=1):
    learner.learn_one(word)

automaton = learner.automaton
print(automaton)
print("found the grammar:", automaton.equivalent(reber(), tolerance=0.05))
print("after T S the next symbol is:")
for outcome, probability in automaton.predict_proba_one(["T", "S"]).items():
    if probability > 0.01:
        print(f"  {outcome}: {probability:.2f}")
print(write(automaton, "mermaid"))
