"""What is applied here are the stories of `tests/crash`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "crash" / "apply"))
