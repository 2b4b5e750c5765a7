#!/usr/bin/env python3
"""The commands behind the Makefile: demo, stop, reset, shell, test, bench, lint and so on.

Starts on any Python from 3.11 on; builds the project's own environment first and goes on in it.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from suite_tools.console import SetupError, say  # noqa: E402
from suite_tools.layout import Workspace, check_disk  # noqa: E402
from suite_tools.odoo_source import find_odoo  # noqa: E402
from suite_tools.python_env import ensure_environment, suitable_python  # noqa: E402

COMMANDS = [
    "demo",
    "stop",
    "reset",
    "shell",
    "test",
    "bench",
    "lint",
    "format",
    "screenshots",
    "terms",
    "setup",
]
NEEDS_DEVELOPMENT = {"test", "bench", "lint", "format", "screenshots", "terms"}
NEEDS_ODOO = {"demo", "test", "bench", "screenshots", "terms"}
INSIDE = "SUITE_INSIDE_ENVIRONMENT"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        workspace = Workspace()
        if os.environ.get(INSIDE) != "1":
            return _go_inside(workspace, arguments, options.command)
        return _dispatch(workspace, options.command, options.arguments)
    except SetupError as error:
        say(f"\n✗ {error.problem}")
        if error.remedy:
            say(f"→ {error.remedy}")
        return 1
    except OSError as error:
        if error.errno != 28:
            raise
        say(f"\n✗ The disk is full.\n→ About 4 GB are needed in {Workspace().home}.")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. Run the same command again: it goes on where it stopped.")
        return 130


def _go_inside(workspace: Workspace, arguments: list[str], command: str) -> int:
    suitable = suitable_python()
    if suitable != sys.executable:
        os.execv(suitable, [suitable, str(Path(__file__).resolve()), *arguments])
    check_disk(workspace)
    with ThreadPoolExecutor(1) as pool:
        # Odoo comes down while the Python packages are installed.
        odoo = pool.submit(find_odoo, workspace) if command in NEEDS_ODOO else None
        python = ensure_environment(workspace, development=command in NEEDS_DEVELOPMENT)
        if odoo:
            odoo.result()
    os.environ[INSIDE] = "1"
    sys.stdout.flush()
    os.execv(python, [str(python), str(Path(__file__).resolve()), *arguments])


def _dispatch(workspace: Workspace, command: str, arguments: list[str]) -> int:
    os.environ.pop(INSIDE)
    if command in ("demo", "stop", "reset", "shell"):
        from suite_tools import demo

        actions = {
            "demo": demo.serve_demo,
            "stop": demo.stop_demo,
            "reset": demo.reset_demo,
            "shell": demo.shell_on_demo,
        }
        return actions[command](workspace) or 0
    if command in ("lint", "format"):
        from suite_tools import linting

        return linting.main(workspace, fix=command == "format")
    if command == "test":
        from suite_tools import testing

        return testing.main(workspace, arguments)
    if command == "bench":
        from suite_tools import bench

        return bench.main(workspace, arguments)
    if command == "screenshots":
        from suite_tools import screenshots

        return screenshots.main(workspace, arguments)
    if command == "terms":
        from suite_tools import terms

        return terms.main(workspace, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
