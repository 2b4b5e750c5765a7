"""What the documentation names exists."""

import re
from pathlib import Path

import pytest

from .conftest import PROJECT, addon_folders

LINK = re.compile(r"\]\(([^)#\s]+)")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "addons/*/README.md")
    for path in PROJECT.glob(pattern)
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(PROJECT)))
def test_links_lead_somewhere(document: Path):
    for target in LINK.findall(document.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_leads_to_every_addon(name):
    text = (PROJECT / name).read_text()
    for addon in addon_folders():
        assert f"addons/{addon.name}" in text


def test_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z ]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    known = {word for line in targets for word in line.split()}
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        for target in re.findall(r"`make ([a-z]+)", (PROJECT / name).read_text()):
            assert target in known, f"{name} names make {target}"


def test_container_files_name_what_exists():
    compose = (PROJECT / "docker-compose.yml").read_text()
    overlay = (PROJECT / "config/docker-compose.scale.yml").read_text()
    for path in re.findall(r"- \./(\S+?):/", compose + overlay):
        assert (PROJECT / path).exists(), path
    for module in re.findall(r"-(?:u|i) ([a-z_,]+)$", compose, re.MULTILINE):
        for name in module.split(","):
            assert (PROJECT / "addons" / name).is_dir(), name
