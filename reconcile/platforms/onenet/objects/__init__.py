"""What LwM2M objects hold: definitions read from OMA's registry files, a shipped catalogue, names, checks.

Values themselves are next door (`values`); nothing here talks to a device.
"""
