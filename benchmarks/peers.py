"""Plans of an unchanged fleet beside the tools that a team would otherwise plan with: Terraform and octoDNS.

Terraform holds one `terraform_data` a device with ten values, written out as literal blocks. octoDNS holds one TXT
record of ten values a device, from a YAML source to a YAML target that says the same. Our side reads the CSV inventory
and ten profiles of `fleet_generator`, against a state in which everything was applied and confirmed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import interrupted_terraform
from benchmarks.measure import ROOT, Case, Table, log, measure_all, prepare, python, reconcile
from benchmarks.servers import KEYS

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
        blocks = "".join(
            f'resource "terraform_data" "d{n:07d}" {{\n  input = {_values(n)}\n}}\n' for n in range(devices)
        )
        (folder / "main.tf").write_text(blocks, encoding="utf-8")
        log(f"  terraform apply of {devices:,}, once")
        terraform = [program, f"-chdir={folder}"]
        prepare([*terraform, "init", "-input=false"], _environ())
        prepare([*terraform, "apply", "-auto-approve", "-input=false"], _environ())
        plan = [*terraform, "plan", "-input=false", "-detailed-exitcode"]
        cases = [Case("`terraform plan`", plan, _environ(), count=devices), *_ours(folder, devices)]
        rows = measure_all(cases, repeat)
    text = f"{devices:,} devices with ten values each, nothing changed; Terraform's state is a local file."
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
        rows = measure_all([Case("`octodns-sync`", argv, count=devices), *_ours(folder, devices)], repeat)
    text = f"{devices:,} records, or devices, with ten values each, nothing changed; `octodns-sync` without `--doit`."
    return Table("Beside octoDNS", text, rows)


def _ours(folder: Path, devices: int) -> list[Case]:
    fleet, state = folder / "fleet", f"sqlite:///{folder / 'state.db'}"
    log(f"  recording {devices:,} settled devices")
    prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(devices)))
    prepare(python("-m", "benchmarks.settled", str(fleet), state), KEYS)
    plan = reconcile("--manifests", str(fleet), "--state", state, "plan", "--refresh", "none", "--detailed-exitcode")
    return [Case("`reconcile plan`", plan, KEYS, count=devices)]


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
