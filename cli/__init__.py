"""The command line of FlexStream, one command a file."""

import gc

from .importing import install

# Before anything else is imported, as that lives for ever: looking for garbage in it costs a tenth of it.
gc.set_threshold(100_000, 20, 20)
install()
