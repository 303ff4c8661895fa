"""Keys from private files and from an installed provider, through the real command line and a real cloud's answers."""

import json

from desk import KEYS

FILES = "credentials: {accessKeyId: {file: keys/ak}, accessKeySecret: {file: keys/sk, expires: {file: keys/end}}}"
VARIABLES = "credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}"
PROVIDER = """
import json
from pathlib import Path
from reconcile.model.errors import ReconcileError
from reconcile.ports import IssuedKeys


class FromJson:
    def check(self, spec):
        return []

    def issue(self, request):
        path = Path(request.folder) / request.spec["path"]
        if not path.is_file():
            raise ReconcileError(f"{request.spec['path']} is missing")
        return IssuedKeys(json.loads(path.read_text()))


PROVIDER = FromJson()
"""
NONE = dict.fromkeys(("ALIYUN_AK", "ALIYUN_SK"))


def private(desk, **texts):
    folder = desk.folder / "manifests" / "keys"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text + "\n")
        (folder / name).chmod(0o600)
    return folder


def test_keys_from_private_files_are_enough_and_loose_or_ended_ones_send_nothing(desk):
    desk.edit("fleet.yaml", VARIABLES, FILES)
    folder = private(desk, ak=KEYS["ALIYUN_AK"], sk=KEYS["ALIYUN_SK"], end="2099-01-01T00:00:00Z")
    desk.ok("apply", "--yes", env=NONE)
    assert desk.cloud.lamp()["desired"]["Brightness"]["value"] == 60
    count = len(desk.cloud.log())
    (folder / "sk").chmod(0o644)
    private(desk, end="2020-01-01T00:00:00Z")
    loose = desk.ok("plan", "--refresh", "all", code=1, env=NONE)
    assert "RCL411" in loose.err
    assert "may be read by others (mode 0644)" in " ".join(loose.err.split())
    private(desk, sk=KEYS["ALIYUN_SK"], end="2020-01-01T00:00:00Z")
    ended = desk.ok("plan", "--refresh", "all", code=1, env=NONE)
    assert "RCL412" in ended.err
    assert len(desk.cloud.log()) == count
    for done in (loose, ended):
        assert KEYS["ALIYUN_SK"] not in done.out + done.err


def test_an_installed_provider_issues_the_keys_of_a_run(desk):
    site = desk.folder / "site"
    info = site / "from_json-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "from_json.py").write_text(PROVIDER)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: from-json\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[reconcile.credentials]\nfrom-json = from_json:PROVIDER\n")
    desk.edit("fleet.yaml", VARIABLES, "credentials: {provider: from-json, path: issued.json}")
    env = {**NONE, "PYTHONPATH": str(site)}
    assert "RCL415" in desk.ok("validate", code=1, env=NONE).err
    desk.ok("validate", env=env)
    missing = desk.ok("apply", "--yes", code=1, env=env)
    assert "provider from-json: issued.json is missing" in " ".join(missing.err.split())
    assert desk.cloud.sent() == []
    keys = {"accessKeyId": KEYS["ALIYUN_AK"], "accessKeySecret": KEYS["ALIYUN_SK"]}
    (desk.folder / "manifests" / "issued.json").write_text(json.dumps(keys))
    desk.ok("apply", "--yes", env=env)
    assert desk.cloud.lamp()["desired"]["Brightness"]["value"] == 60
