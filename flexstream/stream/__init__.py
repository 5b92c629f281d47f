"""What flows: symbols, and batches of traces."""
