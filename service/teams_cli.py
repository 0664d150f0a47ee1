"""`cos teams`: which team of Teams belongs to which community."""

from __future__ import annotations

from typing import Annotated

import typer

from casework.desk import CONSOLE
from service.console import As, Column, out, print_table, record

teams_app = typer.Typer(no_args_is_help=True, help="Teams that CoS Desk was added to, and whose they are: list, link.")

Community = Annotated[str, typer.Argument(help="The community's name.")]
TeamId = Annotated[str, typer.Argument(metavar="TEAM", help="The team's id, as `cos teams list` shows it.")]


@teams_app.command("list")
def teams_list() -> None:
    """Every team that CoS Desk was added to, and the communities without one. Exit status 1 where any has none."""
    from casework.team_links import all_teams, communities_without_team

    with record() as work:
        rows, without = all_teams(work), communities_without_team(work)
    if rows:
        print_table(
            ("Community", "Team", Column("Id", is_typed=True), "State"),
            [(r.community or "none", r.name or "not known", r.id, r.state) for r in rows],
        )
    for name in without:
        out.print(f"{name} has no team: its posts wait. Add CoS Desk to its team, or link one.", markup=False)
    if without:
        raise typer.Exit(1)
    out.print("Every community has its team.")


@teams_app.command("link")
def teams_link(community: Community, team: TeamId, by: As = CONSOLE) -> None:
    """Post for the community in that team from now on; what waited goes out."""
    from casework.team_links import link_team

    with record() as work:
        name = link_team(work, community, team, by)
    out.print(f"{community} is linked to the team '{name}'.", markup=False)
