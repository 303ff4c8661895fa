"""Secrets go into the body at the last moment, and nowhere else."""

from __future__ import annotations

import pytest

from reconcile.model.actions import Write
from reconcile.model.errors import Refused
from reconcile.model.values import secret
from reconcile.platforms.onenet.resolve import resolved

MARKER = secret("env", "PIN")


class Vault:
    def __init__(self, text):
        self.text = text

    def resolve(self, marker):
        assert marker == MARKER
        return self.text


def test_text_and_opaque_secrets_take_their_places():
    writes = (Write("/3/0/1", MARKER), Write("/3/0/2", MARKER, "opaque"), Write("/3/0/3", 5))
    done, texts = resolved(writes, Vault("0a1b"))
    assert done == (Write("/3/0/1", "0a1b"), Write("/3/0/2", "0A1B", "opaque"), Write("/3/0/3", 5))
    assert set(texts) == {"0a1b", "0A1B"}


def test_writes_without_secrets_are_left_alone():
    writes = (Write("/3/0/1", "x"),)
    assert resolved(writes, Vault("never asked")) == (writes, ())


@pytest.mark.parametrize("text", ["hunter2", "0A1"])
def test_opaque_secret_that_is_not_hexadecimal_is_refused_unsent_and_unshown(text):
    with pytest.raises(Refused, match="nothing was sent") as refused:
        resolved((Write("/3/0/2", MARKER, "opaque"),), Vault(text))
    assert text not in str(refused.value)


def test_secret_that_does_not_fit_a_write_is_refused_unsent():
    with pytest.raises(Refused, match="2k"):
        resolved((Write("/3/0/1", MARKER),), Vault("x" * 2048))
