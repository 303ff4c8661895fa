"""Published thing models.

Source: Aliyun GetThingModelTslPublished (TslStr, TslUri, Simple), QueryThingModelPublished (ThingModelJson).
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.parameters import required
from reconcile.emulator.aliyun.tsl import Property, thing_model_json, tsl_text
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json


def tsl(call: Call) -> Json:
    """The TSL dialect; `Simple=true` keeps only identifiers and types."""
    product, properties = _module(call)
    simple = call.params.get("Simple", "").lower() == "true"
    return {"TslStr": tsl_text(product, properties, simple=simple), "TslUri": ""}


def thing_model(call: Call) -> dict[str, Json]:
    """The ThingModelJson dialect; ProductKey stands beside Data."""
    product, properties = _module(call)
    return {"Data": {"ThingModelJson": thing_model_json(product, properties)}, "ProductKey": product}


def _module(call: Call) -> tuple[str, Sequence[Property]]:
    product = required(call.params, "ProductKey")
    if product not in call.world.products:
        raise BusinessError("iot.prod.NotExistedProduct")
    model = call.world.products[product]
    return product, model.of_module(call.params.get("FunctionBlockId", "")) if model else ()
