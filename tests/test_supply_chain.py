"""What the service is made of: packages pinned by hash and named with their licence; no secret in the repository."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.sbom import LOCK, SBOM, locked, plain

ROOT = Path(__file__).parent.parent
NODE_FOLDERS = (ROOT / "manifests" / "playground", ROOT / "tests" / "node")
FOR_OTHER_SYSTEMS = {"colorama", "tzdata"}
"""Pinned for Windows, where some of the packages want them; CoS Desk does not run there."""

IN_ITS_FILE = {"httpx-aiohttp": "BSD-3-Clause", "protobuf": "BSD-3-Clause"}
"""Licences that stand in a file of the package and not in its metadata; read there."""

SHARES_ALIKE = re.compile(r"\b(A?GPL|SSPL|BUSL|EUPL)\b|GNU (Affero )?General Public", re.IGNORECASE)
SECRETS = {
    "a private key": re.compile(r"-----BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}"),
    "an Entra ID secret": re.compile(r"\b[A-Za-z0-9_\-.]{3}\dQ~[A-Za-z0-9_\-.~]{31,34}\b"),
    "a Fernet key": re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9_-]{43}=(?![A-Za-z0-9=])"),
    "a token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a connection string with a password": re.compile(r"postgres(?:ql)?(?:\+\w+)?://[^:/\s'\"{}<]+:[^@\s'\"{}<$]{6,}@"),
    "an Azure storage key": re.compile(r"AccountKey=[A-Za-z0-9+/]{80,}"),
    "a token of GitHub or GitLab": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20})\b"),
}


def test_every_package_is_pinned_with_a_hash() -> None:
    for name in (f.name for f in ROOT.glob("requirements*.lock")):
        pinned = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
        loose = [p.splitlines()[0] for p in pinned if not p.startswith("#") and "--hash=sha256:" not in p]
        assert loose == [], name


@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_every_package_of_npm_is_pinned_with_a_hash_and_from_no_registry_in_particular(folder: Path) -> None:
    asked = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert [name for name, package in packages.items() if name and "sha512-" not in package.get("integrity", "")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_list_of_what_it_is_made_of_is_that_of_the_lock() -> None:
    bom = json.loads(SBOM.read_text("utf-8"))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    listed = {plain(c["name"]): c["version"] for c in bom["components"]}
    wanted = {name: version for name, version in locked().items() if name not in FOR_OTHER_SYSTEMS}
    assert listed == wanted, f"{LOCK.name} has changed: run `make sbom`"


def test_every_package_says_its_licence_and_none_asks_for_our_source() -> None:
    for component in json.loads(SBOM.read_text("utf-8"))["components"]:
        said = json.dumps(component.get("licenses", []))
        assert said != "[]" or component["name"] in IN_ITS_FILE, component["name"]
        strict = SHARES_ALIKE.search(said.replace("LGPL", "").replace("Lesser General Public", ""))
        assert strict is None, (component["name"], said)


def test_no_secret_is_in_the_repository() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    found = []
    for name in filter(None, files.split("\0")):
        path = ROOT / name
        if not path.is_file() or path.suffix in (".xlsx", ".docx", ".png") or path.name.endswith(".lock"):
            continue
        text = path.read_text("utf-8", "replace")
        found += [f"{name}: {kind}" for kind, pattern in SECRETS.items() if pattern.search(text)]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    examples = {
        "a private key": "-----BEGIN PRIVATE KEY-----\n" + "A" * 40,
        "an Entra ID secret": "abc8Q~" + "x" * 34,
        "a Fernet key": f"key={Fernet.generate_key().decode()}",
        "a token": f"eyJ{'a' * 30}.eyJ{'b' * 30}.{'c' * 30}",
        "a connection string with a password": "postgresql://desk:" + "hunter22@db/x",
        "an Azure storage key": "AccountKey=" + "a" * 88,
        "a token of GitHub or GitLab": "ghp_" + "a" * 36,
    }
    assert {kind for kind, text in examples.items() if SECRETS[kind].search(text)} == set(SECRETS)
