"""`cos privacy`: keys changed, data deleted on time and proven to be, and what is held about one person."""

from __future__ import annotations

import html
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.console import Column, out, print_table, read_day, record
from service.settings import Settings

if TYPE_CHECKING:
    from casework.subject_access import Found

privacy_app = typer.Typer(
    no_args_is_help=True,
    help="Personal data: reseal with a new key, retention, what is held about a child or an adult.",
)

Out = Annotated[Path, typer.Option("--out", help="The file to write (.zip); it holds personal data.")]


@privacy_app.command("reseal")
def privacy_reseal() -> None:
    """Seal everything with the newest of COS_PUPIL_KEYS; afterwards the older keys can be taken away."""
    from casework.resealing import reseal
    from service.progress import rows_bar
    from service.record import opened, require_database
    from service.record_commands import actor

    settings = Settings()
    require_database(settings)
    with opened(settings) as desk, rows_bar("Resealing") as tell:
        done = reseal(desk, actor(), tell)
    for one in done:
        out.print(
            f"{one.table}: {one.rows:,} sealed, {one.resealed:,} of them with an older key until now.", markup=False
        )
    out.print("Everything opens with the first key alone; the others can be taken out of COS_PUPIL_KEYS.", markup=False)


@privacy_app.command("retention")
def privacy_retention() -> None:
    """Say what is kept and for how long, what was deleted, and prove it by opening what should be empty.

    Exit status 1 where something is overdue.
    """
    from casework.forgetting import proof, retention

    with record() as work:
        rows, (looked, left) = retention(work), proof(work)
    print_table(
        ("What", "Kept for", *(Column(head, is_number=True) for head in ("Kept now", "Deleted", "Overdue"))),
        [(r.what, r.rule, f"{r.kept:,}", f"{r.forgotten:,}", f"{r.overdue:,}") for r in rows],
    )
    out.print(f"Opened {looked:,} requests whose time is over: {len(left):,} still hold something.", markup=False)
    for request_id in left[:20]:
        out.print(f"    {request_id}", markup=False)
    if left or any(r.overdue for r in rows):
        out.print("The service deletes once it runs; see `cos stuck list` and the log if it does.", markup=False)
        raise typer.Exit(1)


@privacy_app.command("child")
def privacy_child(
    name: Annotated[str, typer.Argument(help="First name and family name.")],
    file: Out,
    born: Annotated[str, typer.Option(help="Date of birth, YYYY-MM-DD, where it is known.")] = "",
) -> None:
    """Write everything the record holds about a child into a file: for a subject access request."""
    from casework.subject_access import about_child
    from service.progress import rows_bar

    with record() as work, rows_bar("Looking") as tell:
        found = about_child(work, name, read_day(born) if born else None, tell)
    _write(file, f"What CoS Desk holds about {name}", found)


@privacy_app.command("adult")
def privacy_adult(mail: Annotated[str, typer.Argument(help="The mail address.")], file: Out) -> None:
    """Write everything the record holds about an adult into a file: for a subject access request."""
    from casework.subject_access import about_adult

    with record() as work:
        found = about_adult(work, mail)
    _write(file, f"What CoS Desk holds about {mail}", found)


def _write(file: Path, title: str, found: Found) -> None:
    from casework.subject_access import as_json

    opened = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    with opened as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", as_json(found))
        archive.writestr("read-me.html", as_page(title, found))
    rows = sum(map(len, found.values()))
    kinds = ", ".join(f"{len(v)} {k.replace('_', ' ')}" for k, v in found.items() if v) or "nothing"
    out.print(f"Wrote {file} ({kinds}). It holds personal data: pass it on encrypted, then delete it.", markup=False)
    if not rows:
        out.print(
            "Nothing was found. A name can be written in another way; try with a part of it changed.", markup=False
        )


def as_page(title: str, found: Found) -> str:
    """For a person: every section with its rows, a table each."""
    parts = [f"<h1>{html.escape(title)}</h1>"]
    for section, rows in found.items():
        parts.append(f"<h2>{html.escape(section.replace('_', ' ').capitalize())} ({len(rows)})</h2>")
        parts += [f"<table>{''.join(_line(k, v) for k, v in row.items())}</table>" for row in rows]
    style = (
        "body{font:16px/1.5 'Segoe UI',Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;margin:0 0 1.5rem;width:100%}"
        "th,td{text-align:left;vertical-align:top;border-bottom:1px solid #ddd;padding:.25rem .5rem}th{width:14rem}"
    )
    return (
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style><body>{''.join(parts)}</body></html>"
    )


def _line(name: str, value: Any) -> str:
    if isinstance(value, dict):
        shown = "<br>".join(f"<b>{html.escape(str(k))}</b>: {html.escape(str(v))}" for k, v in value.items())
    elif isinstance(value, list):
        shown = "<br>".join(
            html.escape(", ".join(f"{k}: {v}" for k, v in item.items()) if isinstance(item, dict) else str(item))
            for item in value
        )
    else:
        shown = html.escape("" if value is None else str(value))
    return f"<tr><th>{html.escape(name.replace('_', ' '))}</th><td>{shown}</td></tr>"
