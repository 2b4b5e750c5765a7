"""LibreOffice without its screens: opens a file and saves it as another."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

SECONDS = 180


def find_libreoffice():
    """The one the tests were started with, or one on the PATH; None when there is none."""
    return (
        os.environ.get("SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice") or None
    )


def convert(program, source, folder, kind):
    """Save a file as another kind (``xlsx:Calc MS Excel 2007 XML``, ``ods``); return its place.

    Each run has a profile of its own: two at once would share one process, and a profile of a
    person's could change what comes out.

    :raise AssertionError: when it cannot be opened, with what LibreOffice says
    """
    made = Path(folder) / f"{Path(source).stem}.{kind.split(':')[0]}"
    with tempfile.TemporaryDirectory() as own:
        said = Path(own) / "said.txt"
        with said.open("w") as stream:
            process = subprocess.Popen(
                [program, "--headless", "--norestore", "--nolockcheck"]
                + [f"-env:UserInstallation={(Path(own) / 'profile').as_uri()}"]
                + ["--convert-to", kind, "--outdir", str(folder), str(source)],
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                # It starts others, which would go on.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                code = f"no answer in {SECONDS} s"
        words = said.read_text(errors="replace")
    if not made.exists():
        raise AssertionError(f"LibreOffice could not open {Path(source).name} ({code}):\n{words}")
    return made
