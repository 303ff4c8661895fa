"""What the program costs, measured beside what it replaces. `python -m benchmarks` runs all and writes the table.

Every measured thing is a process of its own, started by the small `launch.py`.
"""
