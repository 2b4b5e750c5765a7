"""What goes wrong while setting up is said in words, with what to do about it."""

import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from suite_tools import (  # noqa: E402
    browser,
    demo,
    documents,
    layout,
    odoo_source,
    postgres,
    programs,
    python_env,
)
from suite_tools.console import SetupError, run  # noqa: E402
from suite_tools.layout import Workspace, addon_fingerprint  # noqa: E402


@pytest.fixture
def workspace(tmp_path):
    return Workspace(home=tmp_path / "suite", port=8069, bind="127.0.0.1")


def test_a_port_in_use_is_named_and_another_proposed(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError) as caught:
            demo._check_port(Workspace(home=tmp_path, port=port, bind="127.0.0.1"))
    assert str(port) in caught.value.problem
    assert "PORT=" in caught.value.remedy


def test_a_folder_that_is_no_odoo_is_refused(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="ODOO_HOME names no Odoo"):
        odoo_source.find_odoo(workspace)


def test_another_version_of_odoo_is_refused(workspace, monkeypatch, tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo/release.py").write_text("version_info = (18, 0, 0, 'final', 0, '')\n")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="not Odoo 19.0"):
        odoo_source.find_odoo(workspace)


def test_a_database_server_that_does_not_answer_is_named(workspace, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(port))
    monkeypatch.setenv("PGUSER", "odoo")
    with pytest.raises(SetupError) as caught:
        postgres.find_server(workspace, "test")
    assert f"127.0.0.1:{port}" in caught.value.problem
    assert "unset PGHOST" in caught.value.remedy


def test_the_role_postgres_is_refused(workspace, monkeypatch):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(SetupError, match="refuses"):
        postgres.find_server(workspace, "test")


def test_an_old_python_looks_for_another(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    monkeypatch.setattr(python_env.shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="3.11, 3.12 or 3.13") as caught:
        python_env.suitable_python()
    assert "PYTHON=" in caught.value.remedy


def test_a_full_disk_is_noticed_before_the_first_download(workspace, monkeypatch):
    usage = type("Usage", (), {"free": 10**9})
    monkeypatch.setattr(layout.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SetupError, match="0.9 GiB are free"):
        layout.check_disk(workspace)


def test_a_browser_that_does_not_start_is_named(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match="does not start") as caught:
        browser.find_browser(workspace)
    assert "CHROMIUM" in caught.value.remedy


def test_what_only_some_tests_need_may_be_missing(workspace, monkeypatch, capsys):
    """Without LibreOffice the run goes on, and says what to do about it."""
    monkeypatch.setenv("SOFFICE", "/nowhere/soffice")
    monkeypatch.setenv("WKHTMLTOPDF", "/bin/true")
    places = documents.find_document_programs(workspace)
    assert places == {"WKHTMLTOPDF": Path("/bin/true")}
    said = capsys.readouterr().out
    assert "LibreOffice is not available" in said and "SOFFICE=" in said


def test_a_machine_without_apt_is_told_what_to_install(workspace, monkeypatch):
    for program in (browser.CHROMIUM, documents.LIBREOFFICE, documents.WKHTMLTOPDF):
        monkeypatch.delenv(program.variable, raising=False)
        monkeypatch.setattr(programs.shutil, "which", lambda name: None)
        with pytest.raises(SetupError, match=f"no {program.title} on this machine") as caught:
            program.find(workspace)
        assert program.packages[0] in caught.value.remedy


def test_settings_of_the_unpacked_libreoffice_lie_where_it_looks(tmp_path):
    shipped = tmp_path / "usr/lib/libreoffice/share/.registry"
    shipped.mkdir(parents=True)
    (shipped / "main.xcd").write_text("<settings/>")
    place = tmp_path / "usr/lib/libreoffice/program"
    place.mkdir()
    (place / "fundamentalrc").write_text("LAYERS=xcsxcu:file:///etc/libreoffice/registry dconf:*\n")
    documents._settle_libreoffice(tmp_path)
    assert (place / "fundamentalrc").read_text() == (
        f"LAYERS=xcsxcu:{tmp_path.as_uri()}/etc/libreoffice/registry dconf:*\n"
    )
    assert (tmp_path / "etc/libreoffice/registry/main.xcd").exists()


def test_a_failing_command_shows_its_last_words():
    with pytest.raises(SetupError) as caught:
        run(
            [sys.executable, "-c", "print('no route to host'); raise SystemExit(1)"],
            problem="The lists could not be fetched.",
            remedy=layout.NETWORK_REMEDY,
        )
    assert "no route to host" in caught.value.problem
    assert "network" in caught.value.remedy


def test_a_fingerprint_follows_code_and_not_texts(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "models.py").write_text("a = 1\n")
    before = addon_fingerprint(tmp_path)
    (tmp_path / "README.md").write_text("words")
    (tmp_path / "tests/test_a.py").write_text("words")
    assert addon_fingerprint(tmp_path) == before
    (tmp_path / "models.py").write_text("a = 2\n")
    assert addon_fingerprint(tmp_path) != before


def test_no_package_registry_is_written_down():
    """Packages come through the machine's own clients, whichever registry those use."""
    hosts = ["pypi." + "org", "pythonhosted." + "org", "deb.debian." + "org", "npmjs." + "org"]
    root = Path(__file__).parents[2]
    for pattern in (
        "scripts/**/*",
        "config/**/*",
        "*.md",
        "*.yml",
        "Makefile",
        ".ci/*",
        "docs/**/*",
    ):
        for path in root.glob(pattern):
            if path.is_file() and path.suffix not in (".pyc", ".png"):
                text = path.read_text(errors="replace")
                assert not [host for host in hosts if host in text], path
