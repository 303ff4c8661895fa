"""Manifests from what is there: `import` for devices nobody wrote down yet, `adopt` for drift that is to stay."""
