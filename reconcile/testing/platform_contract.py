"""What every platform must do: subclass `PlatformContract` in a test module, say what to try, and serve its cloud.

    class TestToyCloud(PlatformContract):
        def sample(self) -> Sample:
            return Sample(platform=PLATFORM, config=..., values={"Brightness": [60, 61]}, ...)

        @contextmanager
        def cloud(self) -> Iterator[str]:
            with ToyCloud() as cloud:
                yield cloud.url

The tests use `ports` only, so they hold for any cloud. Without an emulator of it, `DialectContract` tries the pure
half.
What they cannot know is the vendor: its limits (`Sample.fits`), its way of saying the same value (`Sample.alike`).
"""

from __future__ import annotations

from reconcile.testing.dialect_contract import DialectContract
from reconcile.testing.offers_contract import OffersContract
from reconcile.testing.platform_sample import Sample
from reconcile.testing.relay import Relay, Request

__all__ = ["DialectContract", "PlatformContract", "Relay", "Request", "Sample"]


class PlatformContract(OffersContract):
    """All conformance tests of a platform: of its dialect and of its client."""
