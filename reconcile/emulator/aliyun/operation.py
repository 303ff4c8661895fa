"""What an action is: its parameters, its limits, the shape of its answer, and the function that carries it out.

The gateway checks requests by this table and the OpenAPI description is made from it, so neither can drift from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json

Shape = Mapping[str, "Shape | list[Shape] | str"]
"""An answer's members: `string`, `integer`, `boolean`, another shape, or a list of one. `Name?` may be missing."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action.

    kind: string, integer, boolean, object (a JSON object as text), list (`Name.1`, `Name.2` ...) or tags
    (`Name.1.TagKey`, `Name.1.TagValue`). `lowest` and `highest` bound an integer or a list's length. `waived_by` is the
    switch whose answer "no" makes a required one optional.
    """

    name: str
    kind: str = "string"
    required: bool = False
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    waived_by: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An action of the API.

    `name` is the log's, `per_second` the documented rate of one account; `is_whole_answer`: the result is the answer
    itself and not its Data. `reference` is the section of the protocol reference it follows.
    """

    action: str
    name: str
    per_second: int
    run: Callable[[Call], Json]
    parameters: tuple[Parameter, ...]
    answer: Shape
    reference: str
    mutating: bool = False
    is_whole_answer: bool = False
    slow_pages: bool = False


INSTANCE = Parameter("IotInstanceId")
PRODUCT = (Parameter("ProductKey", required=True), INSTANCE)
DEVICE = (Parameter("IotId"), Parameter("ProductKey"), Parameter("DeviceName"), INSTANCE)
MODULE = Parameter("FunctionBlockId")
PAGED: Shape = {"Page": "integer", "PageSize": "integer", "PageCount": "integer", "Total": "integer"}


def pages(highest: int, *, required: bool = False, size_required: bool = False) -> tuple[Parameter, Parameter]:
    """The two page parameters; `highest` is the largest page."""
    return (
        Parameter("CurrentPage", "integer", required=required, lowest=1),
        Parameter("PageSize", "integer", required=required or size_required, lowest=1, highest=highest),
    )
