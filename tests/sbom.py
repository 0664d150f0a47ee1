"""`make sbom`: what the service is made of, with versions and licences, as CycloneDX 1.6 (manifests/sbom.cdx.json).

Made by cyclonedx-py from the installed packages, kept to those of requirements.lock; a test holds the two together.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCK, SBOM = ROOT / "requirements.lock", ROOT / "manifests" / "sbom.cdx.json"
TOOL = ROOT / ".venvs" / "audit" / "bin" / "cyclonedx-py"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def locked() -> dict[str, str]:
    """Name to version of everything the service installs."""
    return {plain(name): version for name, version in _PINNED.findall(LOCK.read_text("utf-8"))}


def plain(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Write it."""
    made = subprocess.run(
        [TOOL, "environment", sys.executable, "--of", "JSON", "--sv", "1.6", "--output-reproducible"],
        capture_output=True, check=True,
    )  # fmt: skip
    bom: dict[str, Any] = json.loads(made.stdout)
    wanted = locked()
    kept = [c for c in bom["components"] if wanted.get(plain(c["name"])) == c["version"]]
    refs = {c["bom-ref"] for c in kept}
    for component in kept:
        component.pop("externalReferences", None)
        component.pop("properties", None)
        for licence in component.get("licenses", ()):
            licence.get("license", {}).pop("text", None)
    bom["components"] = sorted(kept, key=lambda c: plain(c["name"]))
    bom["dependencies"] = [
        {**d, "dependsOn": [r for r in d.get("dependsOn", ()) if r in refs]}
        for d in bom["dependencies"]
        if d["ref"] in refs
    ]
    bom.get("metadata", {}).pop("tools", None)
    bom.get("metadata", {}).pop("properties", None)
    bom.pop("properties", None)
    SBOM.write_text(json.dumps(bom, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{len(kept)} of {len(wanted)} packages; the rest is for other systems: {sorted(set(wanted) - _names(kept))}")


def _names(components: list[dict[str, Any]]) -> set[str]:
    return {plain(c["name"]) for c in components}


if __name__ == "__main__":
    main()
