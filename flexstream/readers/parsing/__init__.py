"""What formats share in taking text apart: words, times, fields, templates, and the fast path through plain lines."""
