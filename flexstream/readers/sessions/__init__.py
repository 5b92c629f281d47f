"""From single events to traces: cases, windows, and the batches they are packed into."""
