"""Every model of ours has a line of rights, and says so in one place."""

import csv
import re

import pytest

from .conftest import addon_folders

MODEL = re.compile(r'^\s+_name = "([a-z0-9_.]+)"', re.MULTILINE)
INHERIT = re.compile(r'^\s+_inherit = (?:"([a-z0-9_.]+)"|\[([^\]]*)\])', re.MULTILINE)


def own_models(addon) -> set[str]:
    """Names of models an addon defines: abstract ones and pure extensions left out."""
    names = set()
    for path in addon.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for part in re.split(r"^class ", path.read_text(), flags=re.MULTILINE)[1:]:
            head = part.split("\n", 1)[0]
            name = MODEL.search(part)
            if not name or "AbstractModel" in head:
                continue
            inherits = INHERIT.search(part)
            inherited = (
                re.findall(r"[a-z0-9_.]+", " ".join(filter(None, inherits.groups())))
                if (inherits)
                else []
            )
            if name.group(1) not in inherited:
                names.add(name.group(1))
    return names


@pytest.mark.parametrize("addon", addon_folders(), ids=lambda path: path.name)
def test_every_model_has_rights(addon):
    file = addon / "security/ir.model.access.csv"
    granted = set()
    if file.exists():
        with file.open() as stream:
            granted = {row["model_id:id"].split("model_")[-1] for row in csv.DictReader(stream)}
    for model in own_models(addon):
        assert model.replace(".", "_") in granted, f"{model} has no line in {file}"
