"""The Intel MiniFab as a discrete-event model: an event source whose truth is known."""
