"""What the simulation raises when the program does not keep what it promises."""


class Broken(AssertionError):
    """An invariant does not hold; the text begins with its number."""
