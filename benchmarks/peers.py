"""Plans of an unchanged fleet beside the tools that a team would otherwise plan with: Terraform and octoDNS.

Terraform holds one `terraform_data` a device with ten values, written out as literal blocks; its state is that of a few
of them, applied, and written as often as there are devices, for an apply of ten thousand takes hours. octoDNS holds one
TXT record of ten values a device, from a YAML source to a YAML target that says the same. Our side reads the CSV
inventory and ten profiles of `fleet_generator`, against a state in which everything was applied and confirmed; then the
same with ten values of its own for each device, in YAML documents.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from contextlib import closing
from pathlib import Path

from benchmarks import interrupted_terraform, manifest_files
from benchmarks.fleet_generator import ALIYUN, ONENET, Cloud
from benchmarks.measure import ROOT, Case, Table, log, measure_all, prepare, python, reconcile
from benchmarks.servers import KEYS

_APPLIED = 3
_DOCUMENTS = 500
OCTODNS = "octodns==1.22.0"
_VENV = ROOT / "build" / "peers-venv"
_DNS_CONFIG = """\
providers:
  source: {class: octodns.provider.yaml.YamlProvider, directory: DIR/source, enforce_order: false}
  target: {class: octodns.provider.yaml.YamlProvider, directory: DIR/target, enforce_order: false}
zones:
  fleet.test.: {sources: [source], targets: [target]}
"""


def terraform(devices: int, repeat: int) -> Table | tuple[()]:
    """Ratios are to Terraform. No table where it is not installed."""
    program = interrupted_terraform.program()
    if program is None:
        log("  terraform is not installed: left out")
        return ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        terraform = [program, f"-chdir={folder}"]
        (folder / "main.tf").write_text("".join(map(_block, range(_APPLIED))), encoding="utf-8")
        prepare([*terraform, "init", "-input=false"], _environ())
        prepare([*terraform, "apply", "-auto-approve", "-input=false"], _environ())
        _multiply(folder / "terraform.tfstate", devices)
        (folder / "main.tf").write_text("".join(map(_block, range(devices))), encoding="utf-8")
        plan = [*terraform, "plan", "-input=false", "-detailed-exitcode"]
        cases = [Case("`terraform plan`", plan, _environ(), count=devices), *_ours(folder, devices)]
        rows = measure_all(cases, repeat)
    text = (
        f"{devices:,} devices with ten values each, nothing changed; Terraform's state is a local file, and its plan, "
        "asked for an exit code, says that there is nothing to do."
    )
    return Table("Beside Terraform", text, rows)


def octodns(devices: int, repeat: int) -> Table | tuple[()]:
    """Ratios are to octoDNS. No table where it cannot be installed."""
    try:
        sync = _installed()
    except subprocess.CalledProcessError:
        log(f"  {OCTODNS} cannot be installed: left out")
        return ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zone = "".join(f"d{n:07d}:\n  type: TXT\n  values:\n{_texts(n)}" for n in range(devices))
        for side in ("source", "target"):
            (folder / side).mkdir()
            (folder / side / "fleet.test.yaml").write_text(f"---\n{zone}", encoding="utf-8")
        (folder / "config.yaml").write_text(_DNS_CONFIG.replace("DIR", str(folder)), encoding="utf-8")
        argv = [str(sync), "--config-file", str(folder / "config.yaml"), "--quiet"]
        cases = [Case("`octodns-sync`", argv, count=devices), *_ours(folder, devices), *_documents(folder, devices)]
        cases += _documents(folder, devices, all_differ=True)[:1]
        rows = measure_all(cases, repeat)
    text = (
        f"{devices:,} records, or devices, with ten values each, nothing changed; `octodns-sync` without `--doit`. "
        "From profiles: of an inventory CSV and ten profiles; from documents: of a CSV with names and identities, and "
        "a YAML document of ten values for each device, without and with what an earlier plan has kept. They are of "
        "six kinds, which differ in two values; in the last line hardly any two documents have the same values."
    )
    return Table("Beside octoDNS", text, rows)


def _ours(folder: Path, devices: int) -> list[Case]:
    fleet, state = folder / "fleet", f"sqlite:///{folder / 'state.db'}"
    log(f"  recording {devices:,} settled devices")
    prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(devices)))
    prepare(python("-m", "benchmarks.settled", str(fleet), state), KEYS)
    plan = reconcile("--manifests", str(fleet), "--state", state, "plan", "--refresh", "none", "--detailed-exitcode")
    return [
        Case("`reconcile plan`, from profiles", plan, KEYS, count=devices, before=lambda: _forget(folder / "state.db"))
    ]


def _forget(state: Path) -> None:
    """Nothing is known of the inventory beyond the records themselves; those are in memory, as what others read is."""
    with closing(sqlite3.connect(state)) as kept, kept:
        kept.execute("DELETE FROM settled")
        kept.execute("UPDATE meta SET settled_under = NULL")
    state.read_bytes()


def _documents(folder: Path, devices: int, *, all_differ: bool = False) -> list[Case]:
    kind = "differing" if all_differ else "documented"
    fleet, state, cache = folder / kind, folder / f"{kind}.db", folder / f"cache-{kind}"
    prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(devices)))
    with (fleet / "inventory/devices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    dice = random.Random(1)
    for start in range(0, len(rows), _DOCUMENTS):
        documents = "---\n".join(_document(row, dice, differs=all_differ) for row in rows[start : start + _DOCUMENTS])
        (fleet / f"devices-{start:07d}.yaml").write_text(documents, encoding="utf-8")
    prepare(python("-m", "benchmarks.settled", str(fleet), f"sqlite:///{state}"), KEYS)
    environ = {**KEYS, "XDG_CACHE_HOME": str(cache)}
    argv = reconcile("--manifests", str(fleet), "--state", f"sqlite:///{state}", "plan", "--refresh", "none")

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        _forget(state)

    def plan_twice() -> None:
        prepare(argv, environ)
        prepare(argv, environ)

    return [
        Case(
            f"`reconcile plan`, from documents{', all different' * all_differ}, cold",
            argv,
            environ,
            count=devices,
            before=forget,
        ),
        Case("`reconcile plan`, from documents, again", argv, environ, count=devices, before=plan_twice),
    ]


def _document(row: dict[str, str], dice: random.Random, *, differs: bool) -> str:
    cloud = ALIYUN if row["platform"].startswith("aliyun") else ONENET
    values = manifest_files.values(cloud, dice) | (_own_values(cloud, dice) if differs else {})
    head = f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: {row['name']}}}\nspec:\n"
    lines = (f"    {json.dumps(path)}: {json.dumps(value)}\n" for path, value in values.items())
    return f"{head}  platform: {row['platform']}\n  {cloud.section}:\n{''.join(lines)}"


def _own_values(cloud: Cloud, dice: random.Random) -> dict[str, object]:
    """Values that hardly two devices have alike."""
    if cloud is ALIYUN:
        lux, volts = dice.randrange(400) / 2, dice.randrange(2200, 2800) / 10
        return {"ReportPeriod": dice.randrange(60, 86_400), "LuxOnThreshold": lux, "OverVoltageThreshold": volts}
    return {path: dice.randrange(1_000) / 10 for path in ("/3338/0/5521", "/3338/0/5525", "/3340/0/5521")}


def _multiply(state: Path, devices: int) -> None:
    """Makes Terraform's state of the first devices that of all of them."""
    body = json.loads(state.read_text(encoding="utf-8"))
    known = json.dumps(body["resources"][0])
    body["resources"] = []
    for number in range(devices):
        one = json.loads(known)
        one["name"] = f"d{number:07d}"
        (instance,) = one["instances"]
        attributes = instance["attributes"]
        attributes["id"] = str(uuid.UUID(int=number, version=4))
        for said in ("input", "output"):
            attributes[said]["value"] = {f"v{at}": number * 10 + at for at in range(10)}
        body["resources"].append(one)
    state.write_text(json.dumps(body), encoding="utf-8")


def _block(number: int) -> str:
    return f'resource "terraform_data" "d{number:07d}" {{\n  input = {_values(number)}\n}}\n'


def _values(number: int) -> str:
    return "{ " + ", ".join(f"v{at} = {number * 10 + at}" for at in range(10)) + " }"


def _texts(number: int) -> str:
    return "".join(f"  - value {number * 10 + at}\n" for at in range(10))


def _environ() -> dict[str, str]:
    return {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def _installed() -> Path:
    """octoDNS in an environment of its own."""
    script = _VENV / "bin" / "octodns-sync"
    stamp = _VENV / "made-from"
    if not (script.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == OCTODNS):
        log(f"  installing {OCTODNS}")
        for step in (
            [sys.executable, "-m", "venv", "--clear", str(_VENV)],
            [str(_VENV / "bin" / "python"), "-m", "pip", "install", "-q", OCTODNS],
        ):
            subprocess.run(step, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(OCTODNS, encoding="utf-8")
    return script
