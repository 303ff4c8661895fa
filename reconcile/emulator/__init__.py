"""An HTTP emulator of OneNET and Aliyun IoT with a population of devices, to test against without an account.

`handle` is the pure core; `Emulator` and `EmulatorThread` put it on a loopback socket. Nothing here knows the rest of
the package: what the emulator checks must not be written by what it is checked with.
"""

from reconcile.emulator.exchange import handle
from reconcile.emulator.faults import FaultError
from reconcile.emulator.http import Emulator
from reconcile.emulator.messages import Request, Response
from reconcile.emulator.population import PopulationError
from reconcile.emulator.serving import EmulatorThread, serve
from reconcile.emulator.switches import SwitchError
from reconcile.emulator.world import World

__all__ = [
    "Emulator",
    "EmulatorThread",
    "FaultError",
    "PopulationError",
    "Request",
    "Response",
    "SwitchError",
    "World",
    "handle",
    "serve",
]
