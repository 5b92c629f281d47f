"""What of a text varies, and what of it nobody else should read: masks and redaction, of words and of phrases."""

MASK = "<*>"
"""What stands for what varies."""
