"""Resources that can strand an LwM2M device: a wrong value, or a run, that no later write reaches it to mend.

Judged by one question: can the device still register, be reached and be written to afterwards? What only changes what
it measures, reports or shows is not here, nor is Reboot (3/x/4), which a device comes back from.
Source: the object definitions of OneNET and OMA (objects/shipped_core); OMA LwM2M 1.0 and 1.1, appendix E.
That a device of some vendor survives one of them is not known, and not assumed.
"""

from __future__ import annotations

from functools import lru_cache

from reconcile.model.protection import Pattern

_SERVER = "it says whether and how the device registers with its server"
_LIFETIME = "a device that registers too seldom is taken for gone, and what waits for it is dropped"
_KEYS = "it names the server or holds the keys for it: the device may never find its way back"
_RADIO = "it decides whether the device reaches a network at all"

_TABLE: tuple[tuple[str, str], ...] = (
    ("/0", _KEYS),
    ("/1/*/0", _SERVER),
    ("/1/*/1", _LIFETIME),
    ("/1/*/4", "the device goes away from its server for as long as its disable timeout says"),
    ("/1/*/5", "it says how long a disabled device stays away"),
    ("/1/*/7", "a device whose binding its server does not speak is not reached any more"),
    ("/1/*/9", "the device leaves its server for the bootstrap server, which may send it elsewhere"),
    ("/1/*/10", _RADIO),
    *((f"/1/*/{number}", _SERVER) for number in range(13, 24)),
    ("/2", "it can take the server's own right to write away"),
    ("/3/*/5", "a factory reset forgets server, keys and APN"),
    ("/5", "a firmware that does not start is not replaced from afar"),
    ("/8", "a locked or wiped device answers nobody"),
    ("/9", "it replaces or removes the software that answers for the device"),
    ("/10", _RADIO),
    ("/11", _RADIO),
    ("/12", _RADIO),
    ("/13", _RADIO),
    ("/21", _KEYS),
)
STRANDING = tuple((Pattern(text), why) for text, why in _TABLE)


@lru_cache(4096)
def danger(path: str) -> str | None:
    """What may become of a device when that resource is written or run; None where nothing of the kind is known."""
    return next((why for pattern, why in STRANDING if pattern.matches(path)), None)
