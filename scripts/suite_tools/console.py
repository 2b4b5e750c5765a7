"""Talking to the person at the terminal: steps, times, and failures that say what to do."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path


class SetupError(Exception):
    """Something outside the program is missing or wrong.

    :param problem: what is wrong, in one sentence
    :param remedy: what the person can do about it
    """

    def __init__(self, problem: str, remedy: str):
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(title: str):
    """Announce a step, and say how long it took or that it failed."""
    say(f"▸ {title} …")
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"  ✗ {title} failed after {time.monotonic() - begun:.0f} s")
        raise
    say(f"  ✓ {time.monotonic() - begun:.0f} s")


def progress(text: str) -> None:
    """A line that replaces itself on a terminal and is left out of a log file."""
    if sys.stdout.isatty():
        width = os.get_terminal_size().columns - 1
        print(f"\r{text[:width]:<{width}}", end="\r", flush=True)


def run(command, *, problem: str, remedy: str, log: Path | None = None, **kwargs) -> str:
    """Run a command to its end and return what it printed.

    :raise SetupError: with the last lines of its output when it fails
    """
    result = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **kwargs,
    )
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout)
    if result.returncode:
        tail = "\n".join("    " + line for line in result.stdout.splitlines()[-12:])
        raise SetupError(f"{problem}\n{tail}", remedy)
    return result.stdout
