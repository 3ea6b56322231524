"""What work costs, so that a test can compare one input with another in the same run."""

from collections.abc import Callable
from time import process_time


def cost(work: Callable[[], object]) -> float:
    """CPU seconds of one run: the least of three, at least a tenth of a millisecond."""
    return max(1e-4, min(_once(work) for _ in range(3)))


def _once(work: Callable[[], object]) -> float:
    before = process_time()
    work()
    return process_time() - before
