"""`cos flow`: the Power Automate flow that brings each response of the form into the list, ready to import."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.console import out, record
from service.settings import Settings

if TYPE_CHECKING:
    from casework.desk import Work


def flow(
    form: Annotated[str, typer.Option("--form", help="The form's id: what stands behind 'id=' in its address.")],
    answers: Annotated[
        Path | None, typer.Option(help="Output of 'Get response details' for the test response, as a JSON file.")
    ] = None,
    package_to: Annotated[Path, typer.Option("--out", help="Where the package goes.")] = Path("cos-desk-flow.zip"),
) -> None:
    """Make the package to import into Power Automate; manifests/flows/README.md has the steps."""
    from service.flow_package import filled, load_flow, package, questions

    settings = Settings()
    with record() as work:
        list_id, ids = _list_id(work), _question_ids(work, answers)
    host, _, path = settings.site.partition(":")
    definition = filled(load_flow(), form, f"https://{host}{path}", list_id, ids)
    package_to.write_bytes(package(load_flow(), definition, datetime.now(UTC)))
    known = f"all {len(ids)} questions" if ids else f"places for {len(questions())} questions to fill in"
    out.print(f"Wrote {package_to} with {known}. Import it in Power Automate: manifests/flows/README.md.", markup=False)


def _list_id(work: Work) -> str:
    from graph_sync.intake import RESPONSES_LIST
    from graph_sync.places import list_key, place

    return place(work, list_key(RESPONSES_LIST))


def _question_ids(work: Work, answers: Path | None) -> dict[str, str]:
    from casework.directory_record import directory_of
    from casework.errors import InputRefused
    from service.flow_package import read_question_ids

    if answers is None:
        return {}
    try:
        body = json.loads(answers.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputRefused(f"{answers} is no JSON that can be read ({error}). Copy the output from the run.") from error
    if not isinstance(body, dict):
        raise InputRefused(f"{answers} is no output of 'Get response details': it holds no answers by question.")
    directory = directory_of(work)
    return read_question_ids(body, [c.name for c in directory.communities], [s.name for s in directory.schools])
