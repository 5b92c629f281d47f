"""How much data the theorems ask for, and a learner that runs as planned."""
