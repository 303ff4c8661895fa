"""A plan as one self-contained page for a browser: pictures, both languages, and a list of devices to search."""
