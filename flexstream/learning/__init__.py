"""The learner: when to refine, what to remember beside the summary, and what to hand out."""
