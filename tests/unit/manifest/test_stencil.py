"""Documents that differ in nothing but the name are read as each of them would be, whatever stands around them."""

import random

import pytest

from reconcile.manifest.cut_file import Stencils
from reconcile.manifest.parse import parse
from reconcile.ports import NamedBytes
from reconcile.runs.manifest_cache import KnownFiles
from reconcile.runs.shipped import schemas

HEAD = "apiVersion: reconcile/v1\nkind: Device\n"
NAMED = (
    "metadata: {name: NAME}\n",
    "metadata: {name: NAME }\n",
    'metadata: {name: "NAME"}\n',
    "metadata: {name: 'NAME'}\n",
    "metadata:\n  name: NAME\n",
    'metadata:\n  name: "NAME"\n',
    "metadata:\n  name: NAME # ours\n",
    "metadata:\n  name: NAME\n   more\n",
    "metadata:\n  name: NAME }\n",
    "metadata: {labels: {site: a}, name: NAME}\n",
    "metadata: {name: NAME, labels: {site: a}}\n",
    "metadata:\n  name: NAME\n  labels: {name: NAME}\n",
    "metadata:\n  labels: {name: other}\n  name: NAME\n",
    "metadata:\n  # name: NAME\n  name: fixed\n",
    "metadata:\n  name: NAME\n  name: NAME\n",
    "metadata:\n  ? name\n  : NAME\n",
)
SPECS = (
    "spec: {platform: aliyun-prod, properties: {Brightness: 1}}\n",
    "spec: {platform: aliyun-prod, properties: {Brightness: 2}}\n",
    "spec:\n  platform: aliyun-prod\n  properties:\n    Note: |\n      ---\n      name: NAME\n",
    "spec:\n  platform: aliyun-prod\n  properties:\n    Note: |+\n      kept\n\n\n",
    "spec:\n  platform: aliyun-prod\n  properties: {Brightness: 1}\n\n# the end\n",
    "spec:\n  platform: aliyun-prod\n  properties: {LampAlias: '${device.name}'}\n",
)
IDENTIFIED = (
    'spec: {platform: onenet-prod, imei: "IMEI", resources: {"/3308/0/5900": 1}}\n',
    "spec: {platform: onenet-prod, imei: IMEI, resources: {/3308/0/5900: 1}} # a meter\n",
    "spec:\n  platform: onenet-prod\n  imei: IMEI\n  resources: {/3308/0/5900: 1}\n",
    "spec:\n  platform: aliyun-prod\n  productKey: a1B\n  deviceName: NAME\n  properties: {Brightness: 1}\n",
    "spec: {iotId: IMEI, platform: aliyun-prod, deviceName: NAME, properties: {Brightness: 1}}\n",
)
WRONG = (
    "spec: {platform: aliyun-prod, propertys: {}}\n",
    "spec: {platform: aliyun-prod, properties: {Brightness: 010}}\n",
    "spec: {platform: aliyun-prod, properties: &all {Brightness: 1}}\n",
    "spec: {platform: aliyun-prod",
    "",
)
NAMES = ("a", "lamp-1", "lamp-2", "Lamp.3", "x" * 63, "null", "True", "y", "0x1f", "12", "-a", "a b", "x" * 300, "灯")
IMEIS = ("1234", "0001", "12", "1e5", "865820031234567x", "true", "8658 2003")
MARKS = ("---\n",) * 6 + ("--- # next\n", "...\n---\n", "---\n---\n", "\n---\n", "---\n# ours\n")
STARTS = ("",) * 4 + ("---\n", "# ours\n\n---\n", "%YAML 1.2\n---\n", "\ufeff", "# ours\n")
PROFILE = """apiVersion: reconcile/v1
kind: Profile
metadata: {name: NAME}
spec: {selector: {}, properties: {Brightness: 3}}
"""


def texts(dice):
    """Files of documents out of a few forms, so that many are alike; most of them are odd, or wrong, somewhere."""
    named, specs = [dice.choice(NAMED), dice.choice([*NAMED[:6], NAMED[10]])], dice.sample((*SPECS, *IDENTIFIED), 2)
    for _ in range(dice.randrange(1, 4)):
        is_odd, is_wrong = dice.random() < 1 / 2, dice.random() < 1 / 4
        text = dice.choice(STARTS) if is_odd else ""
        for number in range(dice.randrange(1, 14)):
            spec = dice.choice(WRONG) if is_wrong and dice.random() < 1 / 8 else dice.choice(specs)
            one = PROFILE if is_odd and dice.random() < 1 / 30 else HEAD + dice.choice(named) + spec
            name = dice.choice(NAMES) if is_odd and dice.random() < 1 / 8 else f"lamp-{dice.randrange(100_000)}"
            imei = dice.choice(IMEIS) if is_odd and dice.random() < 1 / 8 else f"8658{dice.randrange(10**11):011d}"
            mark = (dice.choice(MARKS) if is_odd else "---\n") * bool(number)
            text += mark + one.replace("NAME", name).replace("IMEI", imei)
        text = text.replace("\n", "\r\n") if is_odd and dice.random() < 1 / 10 else text
        yield text.removesuffix(dice.choice(["", "\n"]))


def said(documents):
    return [(one.file, one.kind, one.name, one.body, list(one.positions.items())) for one in documents]


def test_files_are_read_as_if_every_document_was(monkeypatch):
    """Four hundred folders; what is kept of one is what was read."""
    known, is_right = [], Stencils._is_right
    monkeypatch.setattr(Stencils, "_is_right", lambda *args: known.append(args) or is_right(*args))
    for seed in range(400):
        dice = random.Random(seed)
        files = [NamedBytes(f"{number}.yaml", text.encode()) for number, text in enumerate(texts(dice))]
        cache = KnownFiles("", {})
        read, told = parse(files, schemas(), known=cache)
        again, told_again = parse(files, schemas(), known=KnownFiles("", cache.used))
        with monkeypatch.context() as whole:
            whole.setattr(Stencils, "read", lambda *_: None)
            expected, told_whole = parse(files, schemas())
        assert said(read) == said(again) == said(expected), seed
        assert told == told_again == told_whole, seed
        assert [one.said for one in again] == [one.said for one in read]
    assert len(known) > 400, "of documents that are known by their text names alone are judged"


@pytest.mark.parametrize("spec", [*SPECS, *IDENTIFIED])
def test_documents_say_the_same_when_only_their_names_differ(spec):
    """Or what the cloud calls them; however they are written. Another value, or label, is something else."""
    texts = [HEAD + named + spec for named in (*NAMED[:6], NAMED[9])]
    numbered = [
        text.replace("NAME", f"lamp-{number}").replace("IMEI", f"000{number}") for number, text in enumerate(texts)
    ]
    content = "---\n".join(numbered)
    documents, told = parse([NamedBytes("d.yaml", content.encode())], schemas())
    assert [one.code for one in told] == ["RCL116"], "there is no Fleet, and nothing else is wrong"
    *alike, another = [one.said for one in documents]
    assert len(alike) == 6
    assert (len(set(alike)) == 1) == (spec in IDENTIFIED or "NAME" not in spec)
    assert another not in alike
