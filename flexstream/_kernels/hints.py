"""Annotations of what compiled kernels take: arrays by their scalar type, and the marks that tell kinds of them apart.

To a type checker they are NumPy's arrays.  At run time they are next to nothing: six hundred of them are evaluated at
every start, and the generic types of NumPy and of `typing` would take a millisecond or two for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Scalar = TypeVar("_Scalar", bound=np.generic)

GIVEN, STRIDED, ADDRESS = "given", "strided", "address"
NODE, EDGE, TAIL = "node", "edge", "tail"


class Hint:
    """An annotated array.

    Attributes
    ----------
    scalar : type
        Its NumPy scalar.
    __metadata__ : tuple of str or int
        Its marks, named as those of `typing.Annotated`; a number is that of the dimensions, one if there is none.
    row : str or None
        Which kind of row it is a column of.
    """

    __slots__ = ("__metadata__", "row", "scalar")

    def __init__(self, scalar: Any, marks: tuple[str | int, ...]) -> None:
        self.scalar, self.__metadata__ = scalar, marks
        self.row = next((mark for mark in marks if mark in (NODE, EDGE, TAIL)), None)

    def __repr__(self) -> str:
        return f"Hint({self.scalar.__name__}, {self.__metadata__})"


class _Arrays:
    """Makes the hints of arrays with the same marks, one for each scalar type."""

    def __init__(self, *marks: str | int) -> None:
        self._marks = marks
        self._made: dict[Any, Hint] = {}

    def __getitem__(self, scalar: Any) -> Hint:
        made = self._made.get(scalar)
        if made is None:
            made = self._made[scalar] = Hint(scalar, self._marks)
        return made


Address = Annotated[int, ADDRESS]
if TYPE_CHECKING:
    # Arrays have one dimension unless they are annotated as a matrix, a cube or sketches.
    Matrix = Annotated[NDArray[_Scalar], 2]
    Cube = Annotated[NDArray[_Scalar], 3]
    Sketches = Annotated[NDArray[_Scalar], 4]
    # An array that is only read: where it is of another type, or does not lie in one piece, a copy is handed over.
    Given = Annotated[NDArray[_Scalar], GIVEN]
    GivenMatrix = Annotated[NDArray[_Scalar], GIVEN, 2]
    GivenCube = Annotated[NDArray[_Scalar], GIVEN, 3]
    # A column that may be part of rows.
    Strided = Annotated[NDArray[_Scalar], STRIDED]
    # A column of a row, see `rows`.
    Node = Annotated[NDArray[_Scalar], NODE]
    Edge = Annotated[NDArray[_Scalar], EDGE]
    Tail = Annotated[NDArray[_Scalar], TAIL]
else:
    NDArray, Matrix, Cube, Sketches = _Arrays(), _Arrays(2), _Arrays(3), _Arrays(4)
    Given, GivenMatrix, GivenCube = _Arrays(GIVEN), _Arrays(GIVEN, 2), _Arrays(GIVEN, 3)
    Strided, Node, Edge, Tail = _Arrays(STRIDED), _Arrays(NODE), _Arrays(EDGE), _Arrays(TAIL)
