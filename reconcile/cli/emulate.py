"""`reconcile emulate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.cli.population import Record


@click.command("emulate")
@click.option("--port", type=click.IntRange(0, 65535), default=8931, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same devices.")
@click.option("--fleet", type=click.Path(path_type=Path), metavar="PATH",
              help="An .ndjson file, a folder of them, or a folder of manifests. Default: --manifests.")  # fmt: skip
@click.option("--faults", metavar="SPEC", help='Fault script: a JSON file, or {"rules": [...]}.')
@click.option("--speed", type=click.FloatRange(min=0), default=1.0, show_default=True, help="How fast its clock runs.")
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE",
              help="Answer to an open question of the vendors; GET /_emulator/switches lists them.")  # fmt: skip
@pass_invocation
def command(
    invocation: Invocation,
    port: int,
    seed: int,
    fleet: Path | None,
    faults: str | None,
    speed: float,
    switches: tuple[str, ...],
) -> int:
    """Serve both clouds and a fleet of devices on loopback, until interrupted."""
    from reconcile.cli.counting import counted
    from reconcile.emulator import FaultError, PopulationError, SwitchError, World, serve
    from reconcile.runs.wiring import utc_now

    console = invocation.console
    try:
        settings = dict(_pair(text) for text in switches)
        records, base = population(fleet or invocation.manifests)
        world = World.from_records(records, seed=seed, now=utc_now(), switches=settings, base=base)
        if faults is not None:
            world.apply_faults_spec(faults)
    except (PopulationError, SwitchError, FaultError) as exc:
        raise click.ClickException(str(exc)) from exc

    def ready(url: str) -> None:
        console.say(f"emulating {counted(len(records), 'device')} on {url}")
        console.say(f"  --endpoint PLATFORM={url}  points a platform of your fleet at it")
        console.say("  OneNET  master key emulator-master-key")
        console.say("  OneNET  access key ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA= for userid/38055")
        console.say("  Aliyun  access key emulator-ak, secret emulator-secret")

    try:
        serve(world, port, ready=ready, speed=speed)
    except OSError as exc:
        raise click.ClickException(f"port {port} cannot be used: {exc.strerror}. --port 0 takes a free one.") from exc
    return 0


def population(path: Path) -> tuple[list[Record], Path]:
    """The records at a path, and the folder their model paths are relative to. Raises: PopulationError."""
    from reconcile.cli.population import from_fleet
    from reconcile.emulator import PopulationError
    from reconcile.emulator.population import read

    if path.is_file():
        return read(path), path.parent
    if path.is_dir() and any(path.glob("*.ndjson")) and not any(path.glob("*.y*ml")):
        return read(path), path
    if path.is_dir():
        return from_fleet(path), path
    raise PopulationError(f"{path}: no such file or folder. Give --fleet FILE.ndjson, or a folder of manifests.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--switch takes NAME=VALUE, found {text!r}")
    return name, value
