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
        console.say(_welcome(len(records), url, is_zh=console.lang == "zh"))

    try:
        serve(world, port, ready=ready, speed=speed)
    except OSError as exc:
        raise click.ClickException(f"port {port} cannot be used: {exc.strerror}. --port 0 takes a free one.") from exc
    return 0


def _welcome(devices: int, url: str, *, is_zh: bool) -> str:
    """Where it is and what it accepts; the address ends the first line, for scripts."""
    from reconcile.cli.counting import counted

    if is_zh:
        return (
            f"正在模拟 {devices:,} 台设备，地址 {url}\n"
            f"  --endpoint 平台={url}  让你的平台指向它\n"
            "  OneNET  主密钥 emulator-master-key\n"
            "  OneNET  访问密钥 ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=，用于 userid/38055\n"
            "  阿里云  AccessKey emulator-ak，密钥 emulator-secret\n"
            "  Ctrl-C 结束"
        )
    return (
        f"emulating {counted(devices, 'device')} on {url}\n"
        f"  --endpoint PLATFORM={url}  points a platform of your fleet at it\n"
        "  OneNET  master key emulator-master-key\n"
        "  OneNET  access key ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA= for userid/38055\n"
        "  Aliyun  access key emulator-ak, secret emulator-secret\n"
        "  Ctrl-C ends it"
    )


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
