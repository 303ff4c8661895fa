"""A fleet, its state and both clouds in one process on a clock that never waits: what the delivery proofs run on.

The planner, the executor, SQLite, the clients and the emulator are the real ones. Only time, sockets and death are not.
"""
