"""Tables that are no text: frames, columns, rows in memory, and files of Parquet and Arrow.

All of them become a :class:`~flexstream.readers.tables.tabular.Table`.  No library of frames is needed; Arrow's, for
what only it can read, is an extra.
"""
