"""The nouns: frozen values and the pure helpers that compare, encode and name them.

Lives here: what a device, a desired document, a recorded fact, a step and a plan *are*. Does not live
here: anything that reads, decides or sends. Standard library only.
"""
