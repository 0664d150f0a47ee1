"""`cos package`: the Teams app as the zip an administrator uploads."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import vl_convert
from PIL import Image

from casework.errors import InputRefused

FOLDER = "teams"
OUTLINE = "outline"
ICONS = {"color": 192, OUTLINE: 32}
"""Pixels, as Teams wants them."""


def app_package(app_id: str, public_url: str) -> bytes:
    """The zip: manifest and icons. Raises `InputRefused` where the id or the address will not do."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", json.dumps(app_manifest(app_id, public_url), indent=2, ensure_ascii=False))
        for name, size in ICONS.items():
            packed.writestr(f"{name}.png", icon(name, size))
    return archive.getvalue()


def app_manifest(app_id: str, public_url: str) -> dict[str, Any]:
    """`manifests/teams/manifest.json`, filled in."""
    try:
        uuid.UUID(app_id)
    except ValueError:
        raise InputRefused(f"'{app_id}' is no application id: take the bot's, COS_BOT_APP_ID, a GUID.") from None
    address = urlsplit(public_url)
    if address.scheme != "https" or not address.hostname or address.path.strip("/"):
        raise InputRefused(f"'{public_url}' will not do: Teams needs an https address without a path, COS_PUBLIC_URL.")
    filled = {
        "{app_id}": app_id.lower(),
        "{url}": f"https://{address.netloc}",
        "{domain}": address.netloc,
        "{version}": version("cos-desk"),
    }
    template = (files("manifests") / FOLDER / "manifest.json").read_text("utf-8")
    manifest: dict[str, Any] = json.loads(re.sub("|".join(map(re.escape, filled)), lambda m: filled[m[0]], template))
    return manifest


def icon(name: str, size: int) -> bytes:
    """An icon as PNG, drawn from its SVG."""
    drawn = (files("manifests") / FOLDER / f"{name}.svg").read_text("utf-8")
    picture, small = Image.open(BytesIO(vl_convert.svg_to_png(drawn, scale=4))), BytesIO()
    drawn_small = picture.resize((size, size), Image.Resampling.LANCZOS)
    if name == OUTLINE:  # white where it is drawn at all: Teams refuses an outline of greys
        shape = drawn_small.convert("RGBA").getchannel("A")
        drawn_small = Image.new("RGBA", (size, size), "white")
        drawn_small.putalpha(shape)
    drawn_small.save(small, "PNG", optimize=True)
    return small.getvalue()
