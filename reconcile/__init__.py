"""Plan and apply the configuration of IoT fleets that lives in git."""

__version__ = "0.1.0"
