"""What happened in a schedule, for whoever replays it: each request at the clouds, each process and how it ended."""

from collections import Counter


def story(site):
    """One line a request and one a process, as they came."""
    for entry in site.log:
        if entry.mutating or entry.fault:
            process = site.sender.get(entry.seq)
            who = entry.fault if process is None else f"p{process.number}"
            yield (
                f"{(entry.time_ms - site.world.base_ms) / 1000:10.2f} {who:9} {entry.operation} {entry.device} "
                f"{entry.target} {entry.body} {entry.precondition} -> {entry.http_status} {entry.code} "
                f"{'landed' if entry.landed else ''} {entry.fault or ''}"
            )
    for process in site.processes:
        outcome = process.outcome
        how = "died" if process.is_dead else process.failure or (outcome and f"exit {outcome.exit_code}")
        yield f"p{process.number} on {process.host}: {process.steps} steps, {how} {outcome and dict(outcome.tally.states)}"
    yield str(Counter(entry.operation for entry in site.log))
