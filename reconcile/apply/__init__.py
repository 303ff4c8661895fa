"""The crash-safe apply: durable before the first byte leaves, outcomes folded into state in one transaction."""
