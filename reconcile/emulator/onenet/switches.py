"""What OneNET's pages leave open, or answer in two ways. The first choice is the reading held most likely."""

from __future__ import annotations

from reconcile.emulator.onenet import switches_device, switches_queue, switches_wire

SWITCHES = (*switches_queue.SWITCHES, *switches_device.SWITCHES, *switches_wire.SWITCHES)
