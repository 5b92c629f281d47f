"""Learning on many machines: rounds over summaries, whatever runs them."""
