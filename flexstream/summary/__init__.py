"""The additive summary of a stream: the prefix tree and the sketches of its futures."""
