"""Times by shapes, from bytes to seconds."""

import numpy as np

from .hints import Given, GivenMatrix, Matrix
from .library import kernel

(
    YEAR,
    YEAR_OF_CENTURY,
    MONTH,
    MONTH_NAME,
    DAY,
    DAY_OF_YEAR,
    WEEKDAY,
    HOUR,
    HOUR_OF_HALF,
    MINUTE,
    SECOND,
    FRACTION,
    MAYBE_FRACTION,
    MAYBE_SECOND,
    HALF,
    ZONE,
    MAYBE_ZONE,
    BLANKS,
    MAYBE_BLANKS,
    BREAK,
    LITERAL,
    EPOCH,
) = range(22)
"""What a field may be.

Those that may be there or not: ``MAYBE_FRACTION`` a point or comma and digits, ``MAYBE_SECOND`` a colon, a second and
its fraction, ``MAYBE_ZONE`` blanks and a zone, ``MAYBE_BLANKS``.  ``BREAK`` stands between date and time of day: a T or
blanks.  ``HALF`` is AM or PM, ``EPOCH`` a number of seconds, milli-, micro- or nanoseconds since 1970.
"""


@kernel
def tell_times(
    buffer: Given[np.uint8],
    spans: GivenMatrix[np.int64],
    column: int,
    fields: GivenMatrix[np.int64],
    ends: Given[np.int64],
    seconds: Matrix[np.float64],
) -> None:
    """Fill in the seconds since 1970 of the times that a column of spans marks, NaN where one has not the shape.

    Blanks around a time do not count.  Where there is no year it is 2000, and where there is no day, 1 January.

    Parameters
    ----------
    buffer : uint8 array
    spans : int64 matrix
        A row a time; where it starts stands in ``column`` and where it stops one column on.
    fields : int64 matrix, shape (fields, 3)
        What each field is, and the least and most digits that it has; of a ``LITERAL`` its byte.
    ends : int64 array, shape (shapes,)
        Where the fields of each shape end.
    seconds : float64 matrix, shape (times, shapes)
        Is filled.
    """
