"""Where keys of cloud accounts come from: strict key files, their expiry, and providers that others add."""
