"""Where a yes to a plan stands: at the host of the repository, or signed in it. Docs: docs/approval.md."""
