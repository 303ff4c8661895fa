"""What an account knows of its products, devices, tags, groups and thing models: one file for each kind.

Lives here: the calls with their documented limits, readers of their answers, and the listing built from them.
Does not live here: desired and reported values of a device (`wire`, `look`), and what a manifest makes of a listing.
"""
