"""Examining: are accounts, fleet and state fit for an apply, and what does an account really do?

Lives here: `examine` (reads only) and `prove` (writes to one device, journaled). What a cloud's answers mean is its
platform's business; how findings are shown is the report's.
"""
