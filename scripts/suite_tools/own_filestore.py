"""A pytest plugin: workers that test beside each other keep their files apart.

pytest-odoo gives each worker a copy of the database but one filestore for all. Odoo's test classes
throw away at their end every new file that their own database does not know: with one filestore a
worker throws away what another one has just written, and a page waits for a script that is gone.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path


def pytest_configure(config):
    import pytest_odoo

    pytest_odoo._shared_filestore = own_filestore


@contextmanager
def own_filestore(original_db_name, db_name):
    """Files of the original database, linked into a folder of the worker's own; gone afterwards."""
    import odoo

    folder = Path(odoo.tools.config.filestore(db_name))
    if db_name == original_db_name:
        yield
        return
    shutil.rmtree(folder, ignore_errors=True)
    original = Path(odoo.tools.config.filestore(original_db_name))
    if original.is_dir():
        shutil.copytree(original, folder, copy_function=os.link)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
