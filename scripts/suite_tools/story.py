"""The demo company as tests and screenshots need it: built once per version of the addons,
copied for each use, served for as long as it is needed."""

import hashlib
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

from .databases import copy_runner_database, move_filestore
from .demo import build_demo_database
from .layout import Workspace, addon_fingerprint
from .odoo_run import OdooRunner, wait_for_login
from .odoo_source import find_odoo
from .postgres import database_names, drop_database, find_server, rename_database

STORY = "suite_story"


def ensure_story(runner: OdooRunner) -> str:
    """The name of a database built exactly as `make demo` builds its own.

    :param runner: the one of `story_runner`, whose folder holds the database's files
    """
    workspace = runner.workspace
    names = workspace.suite_addons()
    fingerprints = [addon_fingerprint(workspace.addons / name) for name in names]
    current = hashlib.sha256("".join(fingerprints).encode()).hexdigest()
    mark = workspace.run / "story.fingerprint"
    if STORY in database_names(runner.server) and mark.exists() and mark.read_text() == current:
        return STORY
    unfinished = f"{STORY}_unfinished"
    build_demo_database(runner, unfinished)
    rename_database(runner.server, unfinished, STORY)
    move_filestore(runner, unfinished, STORY)
    mark.write_text(current)
    return STORY


def story_runner(workspace: Workspace, port: int = 8079) -> OdooRunner:
    runner = OdooRunner(workspace, find_odoo(workspace), find_server(workspace, "test"), "story")
    runner.write_config(port, max_cron_threads="1", workers="0")
    return runner


@contextmanager
def serve_story(database: str):
    """Serve a copy of the demo company under another name; yield its address."""
    workspace = Workspace()
    port = _free_port()
    runner = story_runner(workspace, port)
    copy_runner_database(runner, ensure_story(runner), database)
    log = workspace.logs / f"{database}-server.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            runner.command("server", "-d", database, "--db-filter", f"^{database}$"),
            env=runner.source.environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_login(address, process, log, seconds=120)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        drop_database(runner.server, database)
        shutil.rmtree(runner.data_dir / "filestore" / database, ignore_errors=True)


def server_log(database: str) -> Path:
    return Workspace().logs / f"{database}-server.log"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
