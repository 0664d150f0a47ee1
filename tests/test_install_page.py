"""docs/install.md: what an administrator copies from it works as it stands there."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

from dotenv import dotenv_values

from service.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "install.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    """The page's blocks of that kind."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def unit() -> configparser.SectionProxy:
    """The service of systemd."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parser.read(ROOT / "manifests" / "infra" / "cos-desk.service", "utf-8")
    return parser["Service"]


def test_the_settings_can_be_copied_as_they_stand(tmp_path: Path) -> None:
    (block,) = blocks("ini")
    (tmp_path / "settings.env").write_text(block, "utf-8")
    found = dotenv_values(tmp_path / "settings.env")
    assert list(found) == re.findall(r"COS_[A-Z_]+", block)
    assert [v for v in found.values() if not v or " " in v] == []
    assert {name.removeprefix("COS_").lower() for name in found} <= Settings.model_fields.keys()


def test_service_and_commands_have_one_user_and_one_folder() -> None:
    service, page = unit(), " ".join(blocks("sh"))
    assert f"--home-dir {service['WorkingDirectory']}" in page
    assert f" {service['WorkingDirectory']}/.env" in page
    assert f"sudo -iu {service['User']}" in PAGE
    assert f"COS_DATA_DIR={service['WorkingDirectory']}\n" in PAGE
    assert service["ExecStart"].split()[0].removesuffix("cos") + "cos` for `cos`" in PAGE


def test_each_workbook_that_is_imported_has_its_sample() -> None:
    named = set(re.findall(r"cos import \S+ (\S+\.xlsx)", " ".join(blocks("sh"))))
    assert named == {"directory.xlsx", "people.xlsx", "community-budget-summary.xlsx", "school-funding.xlsx"}
    assert named <= {file.name for file in (ROOT / "sample_world").iterdir()}


def test_in_azure_the_commands_run_in_a_container_that_the_template_makes() -> None:
    template = (ROOT / "manifests" / "infra" / "main.bicep").read_text("utf-8")
    parameters = json.loads((ROOT / "manifests" / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"]
    names = {made.replace("${name}", parameters["name"]["value"]) for made in re.findall(r"name: '([^']+)'", template)}
    apps = re.findall(r"az containerapp exec -g \S+ -n (\S+)", PAGE)
    assert apps
    assert set(apps) <= names


def test_what_an_administrator_copies_says_where_each_id_comes_from() -> None:
    page = (ROOT / "manifests" / "permissions.md").read_text("utf-8")
    used = set(re.findall(r"\$(\w+)", " ".join(re.findall(r"```powershell\n(.*?)```", page, re.DOTALL)))) - {"_"}
    assert used == set(re.findall(r"^\$(\w+) = ", page, re.MULTILINE))
