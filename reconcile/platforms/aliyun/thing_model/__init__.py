"""Reads thing models in both dialects: TSL (console exports, GetThingModelTsl*) and ThingModelJson (QueryThingModel*).

Lives here: from the bytes of files to `model.ThingModels`, and where in a file something is wrong. Services, events and
the generated `set`, `get` and `post` are passed over: they repeat the properties.
Source: Aliyun, TSL parameters and Data structure of ThingModelJson; oddities seen in public models are named where met.
"""

from __future__ import annotations

from reconcile.platforms.aliyun.thing_model.load import MAX_BYTES, load

__all__ = ["MAX_BYTES", "load"]
