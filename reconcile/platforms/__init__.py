"""The clouds, one folder each, with the same files: model, dialect, wire (pure); auth, client (they talk).

Platforms do not know one another; adding one touches no file outside its folder.
"""
