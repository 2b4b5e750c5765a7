"""Running Odoo's own command: configuration files, installing with progress, waiting."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, progress, say
from .layout import Workspace
from .odoo_source import OdooSource
from .postgres import Server
from .python_env import venv_python

_LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
_PROBLEM = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


@dataclass(frozen=True)
class OdooRunner:
    """Odoo with one configuration file on one PostgreSQL server."""

    workspace: Workspace
    source: OdooSource
    server: Server
    name: str  # of the configuration: demo, test-0, …

    @property
    def config_file(self) -> Path:
        return self.workspace.run / f"odoo-{self.name}.conf"

    @property
    def data_dir(self) -> Path:
        return self.workspace.home / "data" / self.name

    def write_config(self, port: int, bind: str = "127.0.0.1", **options) -> None:
        addons = [*self.source.addons, self.workspace.addons]
        lines = {
            "addons_path": ",".join(str(path) for path in addons),
            "data_dir": str(self.data_dir),
            "http_port": str(port),
            "http_interface": bind,
            # Only live chat's long polling would use it; the threaded server does not.
            "gevent_port": str(port + 1),
            "list_db": "False",
            **self.server.options,
            **options,
        }
        self.config_file.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(f"{key} = {value}" for key, value in lines.items())
        self.config_file.write_text(f"[options]\n{text}\n")
        self.config_file.chmod(0o600)

    def command(self, subcommand: str, *arguments) -> list[str]:
        return [
            str(venv_python(self.workspace)),
            "-c",
            "import odoo.cli; odoo.cli.main()",
            subcommand,
            "-c",
            str(self.config_file),
            *[str(argument) for argument in arguments],
        ]

    def update(self, database: str, log: Path, *, install=(), upgrade=(), languages=()) -> Path:
        """Install and upgrade modules in a database (created when missing), with progress.

        :raise SetupError: with the first error of the log when Odoo does not come through
        """
        arguments = ["-d", database, "--stop-after-init", "--no-http", "--max-cron-threads=0"]
        arguments += ["--without-demo=True"]
        arguments += ["-i", ",".join(install)] if install else []
        arguments += ["-u", ",".join(upgrade)] if upgrade else []
        arguments += ["--load-language", ",".join(languages)] if languages else []
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as stream:
            process = subprocess.Popen(
                self.command("server", *arguments),
                env=self.source.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            for line in process.stdout:
                stream.write(line)
                if match := _LOADING.search(line):
                    module, number, total = match.groups()
                    progress(f"  {number}/{total} {module}")
        progress("")
        if process.wait():
            raise SetupError(
                f"Odoo could not prepare the database {database}:\n{first_problem(log)}",
                f"The whole log is in {log}",
            )
        return log

    def shell(self, database: str, script: str) -> str:
        """Run Python in an Odoo shell; return what it printed."""
        result = subprocess.run(
            self.command("shell", "-d", database, "--no-http", "--log-level=error"),
            env=self.source.environment,
            input=script,
            capture_output=True,
            text=True,
        )
        if result.returncode or "Traceback" in result.stderr:
            raise SetupError(f"A script failed on {database}:\n{result.stderr[-3000:]}", "")
        return result.stdout


def first_problem(log: Path) -> str:
    """The last traceback or error lines of a log, short enough to read."""
    lines = log.read_text(errors="replace").splitlines()
    for index, line in enumerate(lines):
        if " ERROR " in line or " CRITICAL " in line:
            return "\n".join("    " + text for text in lines[index : index + 30])
    return "\n".join("    " + text for text in lines[-15:])


def log_problems(log: Path) -> list[str]:
    """The warnings and errors of a server log, without time and process number."""
    lines = log.read_text(errors="replace").splitlines()
    return [line.split(" ", 3)[3] for line in lines if _PROBLEM.match(line)]


def wait_for_login(url: str, process: subprocess.Popen | None, log: Path, seconds: int) -> None:
    """Wait until Odoo answers with its login page."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process and process.poll() is not None:
            raise SetupError(
                f"Odoo stopped while starting:\n{first_problem(log)}", f"The log is in {log}"
            )
        try:
            with urllib.request.urlopen(f"{url}/web/login", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    say(log.read_text(errors="replace")[-2000:])
    raise SetupError(f"Odoo did not answer at {url} within {seconds} s.", f"The log is in {log}")
