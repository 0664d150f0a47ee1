"""`cos package`: see `app_package`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.console import out


def package(
    to: Annotated[Path, typer.Option("--out", help="Where the zip goes.")] = Path("cos-desk-app.zip"),
    app_id: Annotated[str, typer.Option("--app-id", help="The bot's application id; else COS_BOT_APP_ID.")] = "",
    public_url: Annotated[str, typer.Option("--public-url", help="Its address; else COS_PUBLIC_URL.")] = "",
) -> None:
    """Build the Teams app package: manifest, icons, zip."""
    from service.app_package import app_package
    from service.settings import Settings

    settings = Settings()
    packed = app_package(app_id or settings.bot_app_id, public_url or settings.public_url)
    to.write_bytes(packed)
    said = "Upload it in the Teams admin centre: Teams apps, Manage apps."
    out.print(f"{to}: {len(packed):,} bytes. {said}", markup=False)
