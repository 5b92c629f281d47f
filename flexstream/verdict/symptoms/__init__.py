"""What can be wrong with a model, a kind of fault a file; a symptom is a function from facts to a verdict or None."""
