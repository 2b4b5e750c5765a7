"""`make demo`, `make stop`, `make reset`, `make shell`."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from .console import SetupError, say, step
from .layout import Workspace, addon_fingerprint
from .odoo_run import OdooRunner, wait_for_login
from .odoo_source import find_odoo
from .postgres import (
    database_names,
    drop_database,
    find_server,
    rename_database,
    stop_embedded,
)

DATABASE = "suite_demo"
UNFINISHED = "suite_demo_unfinished"
STORY = "marketing_suite_demo"

FIRST_LOOK = """
  {url}          user admin, password admin

  What to look at first
    Campaigns        plans, budgets and costs; open one that is over budget
    CRM              leads with score, grade and owner; "Why?" beside the score
    Campaigns ▸ Reporting ▸ Marketing ROI      what each campaign cost and earned
  Who else can log in, and what each of them sees: addons/marketing_suite_demo/README.md

  make stop     stop the server (data stays)        make reset    throw the demo data away
  make shell    an Odoo shell on the demo database  log: {log}
"""


def serve_demo(workspace: Workspace) -> None:
    """Set up what is missing, start the demo, and say where it is."""
    url = f"http://{'localhost' if workspace.bind == '127.0.0.1' else workspace.bind}"
    url = f"{url}:{workspace.port}"
    if running := _running_pid(workspace):
        say(f"The demo is already running (process {running}).")
        say(FIRST_LOOK.format(url=_served_url(workspace) or url, log=workspace.logs / "demo.log"))
        return
    _check_port(workspace)
    runner = prepare_runner(workspace)
    if DATABASE not in database_names(runner.server):
        _build(runner)
    else:
        _upgrade_changed(runner)
    with step("Starting Odoo"):
        _start(runner, url)
    say(FIRST_LOOK.format(url=url, log=workspace.logs / "demo.log"))


def prepare_runner(workspace: Workspace) -> OdooRunner:
    with step("Odoo 19"):
        source = find_odoo(workspace)
    with step("PostgreSQL"):
        server = find_server(workspace, "demo")
    runner = OdooRunner(workspace, source, server, "demo")
    runner.write_config(workspace.port, workspace.bind, max_cron_threads="1", workers="0")
    return runner


def build_demo_database(runner: OdooRunner, database: str) -> None:
    """A new database with the whole suite, Chinese, and the demo company."""
    log = runner.workspace.logs / f"{database}-build.log"
    drop_database(runner.server, database)
    with step("Odoo's own apps, the suite and its demo company (three to five minutes)"):
        # English is named too: a new database knows only the languages it is told.
        runner.update(database, log, install=[STORY], languages=["en_US", "zh_CN"])


def _build(runner: OdooRunner) -> None:
    # Under another name until it is complete, so that an interruption leaves no half demo.
    build_demo_database(runner, UNFINISHED)
    rename_database(runner.server, UNFINISHED, DATABASE)
    store = runner.data_dir / "filestore"
    if (store / UNFINISHED).exists():
        shutil.rmtree(store / DATABASE, ignore_errors=True)
        (store / UNFINISHED).rename(store / DATABASE)
    _remember_fingerprints(runner.workspace)


def _fingerprints(workspace: Workspace) -> dict[str, str]:
    return {name: addon_fingerprint(workspace.addons / name) for name in workspace.suite_addons()}


def _remember_fingerprints(workspace: Workspace) -> None:
    (workspace.run / "demo.json").write_text(json.dumps(_fingerprints(workspace), indent=1))


def _upgrade_changed(runner: OdooRunner) -> None:
    """Bring the database up to the addons on disk, keeping its data."""
    remembered_file = runner.workspace.run / "demo.json"
    remembered = json.loads(remembered_file.read_text()) if remembered_file.exists() else {}
    current = _fingerprints(runner.workspace)
    changed = sorted(name for name in current if remembered.get(name) != current[name])
    if not changed:
        return
    with step(f"Upgrading {', '.join(changed)}"):
        runner.update(DATABASE, runner.workspace.logs / "demo-upgrade.log", upgrade=changed)
    _remember_fingerprints(runner.workspace)


def _check_port(workspace: Workspace) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((workspace.bind, workspace.port))
        except OSError as error:
            raise SetupError(
                f"Port {workspace.port} on {workspace.bind} cannot be used: {error.strerror}.",
                f"Stop what uses it, or choose another: make demo PORT={workspace.port + 10}",
            ) from None


def _start(runner: OdooRunner, url: str) -> None:
    workspace = runner.workspace
    log = workspace.logs / "demo.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        process = subprocess.Popen(
            runner.command("server", "-d", DATABASE, "--db-filter", f"^{DATABASE}$"),
            env=runner.source.environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (workspace.run / "demo.pid").write_text(f"{process.pid} {url}")
    wait_for_login(url, process, log, seconds=120)


def _running_pid(workspace: Workspace) -> int | None:
    """The process of a running demo server, if it really is one."""
    file = workspace.run / "demo.pid"
    if not file.exists():
        return None
    pid = int(file.read_text().split()[0])
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            is_ours = b"odoo-demo.conf" in stream.read()
    except OSError:
        is_ours = False
    return pid if is_ours else None


def _served_url(workspace: Workspace) -> str | None:
    parts = (workspace.run / "demo.pid").read_text().split()
    return parts[1] if len(parts) > 1 else None


def stop_demo(workspace: Workspace) -> None:
    pid = _running_pid(workspace)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while _running_pid(workspace) and time.monotonic() < deadline:
            time.sleep(0.2)
        if _running_pid(workspace):
            os.kill(pid, signal.SIGKILL)
    (workspace.run / "demo.pid").unlink(missing_ok=True)
    stopped = stop_embedded(workspace, "demo")
    say("The demo is stopped." if pid or stopped else "The demo was not running.")


def reset_demo(workspace: Workspace) -> None:
    """Stop the demo and throw its database away; downloads stay."""
    stop_demo(workspace)
    server = find_server(workspace, "demo")
    for name in (DATABASE, UNFINISHED):
        drop_database(server, name)
        shutil.rmtree(workspace.home / "data/demo/filestore" / name, ignore_errors=True)
    (workspace.run / "demo.json").unlink(missing_ok=True)
    stop_embedded(workspace, "demo")
    say("The demo data is gone. `make demo` builds it anew.")


def shell_on_demo(workspace: Workspace) -> int:
    """An Odoo shell on the demo database; runs a script given on standard input."""
    runner = OdooRunner(workspace, find_odoo(workspace), find_server(workspace, "demo"), "demo")
    if DATABASE not in database_names(runner.server):
        raise SetupError("There is no demo database yet.", "Build it with `make demo`.")
    if not runner.config_file.exists():
        runner.write_config(workspace.port, workspace.bind, max_cron_threads="1")
    command = runner.command("shell", "-d", DATABASE, "--no-http")
    if not sys.stdin.isatty():
        command.append("--log-level=warn")
    return subprocess.call(command, env=runner.source.environment)
