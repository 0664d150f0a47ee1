"""The published 'Lists & Maps' workbook: communities and schools, one school a row."""

from __future__ import annotations

from dataclasses import replace

from communities.directory import Area, Community, CommunityName, Directory, School, SchoolName, SchoolType, read_dfe
from communities.names import plain
from papers.refusals import RefusedRow
from papers.sheets import Cell, find_table, text_of

TITLES = {
    "community": "Community Name",
    "network": "NHS Primary Care Network",
    "district": "District",
    "geographic_area": "Geographic Area",
    "community_area": "Community Area",
    "dfe": "DfE Num",
    "school": "School Name",
    "type": "Sch Type",
    "dashboard": "Inclusion Dashboard",
}
"""Slide 'Communities of Schools – Lists & Maps'. The last one is ours and may be left out: the address of the page of
each community (slide 'Agenda template': the dashboard focuses on communities over 2025/26).
"""


def read_directory(content: bytes, name: str) -> tuple[Directory, list[RefusedRow]]:
    """The directory and the rows refused. Raises `WorkbookUnreadable` where there is no such table."""
    communities: dict[str, Community] = {}
    schools: dict[tuple[str, str], School] = {}
    refused: list[RefusedRow] = []
    numbers: dict[int, str] = {}
    for row, cells in find_table(content, name, TITLES, ("community", "community_area", "school")):
        try:
            community, school = _read_row(cells)
            _check_against(community, school, communities, schools, numbers)
        except ValueError as error:
            about = (plain(text_of(cells["school"])), str(read_dfe(text_of(cells.get("dfe"))) or ""))
            refused.append(RefusedRow(row=row, reason=str(error), about=tuple(filter(None, about))))
            continue
        first = communities.setdefault(community.name, community)
        if community.dashboard and not first.dashboard:  # it may stand in any of the community's rows
            communities[community.name] = replace(first, dashboard=community.dashboard)
        schools[(plain(school.name), school.community)] = school
        if school.dfe is not None:
            numbers[school.dfe] = school.name
    directory = Directory(
        communities=tuple(sorted(communities.values(), key=lambda c: c.name)), schools=tuple(schools.values())
    )
    return directory, refused


def _read_row(cells: dict[str, Cell]) -> tuple[Community, School]:
    name, school = text_of(cells["community"]), text_of(cells["school"])
    if not name:
        raise ValueError(f"'{school or '(no school)'}' has no community name")
    if not school:
        raise ValueError(f"a row of '{name}' has no school name")
    number, kind = text_of(cells.get("dfe")), text_of(cells.get("type")).upper()
    dfe = read_dfe(number)
    if number and dfe is None:
        raise ValueError(f"'{school}' has the DfE number '{number}', which is not a number like 4033 or 886/4033")
    if kind not in {t.value for t in SchoolType}:
        raise ValueError(f"'{school}' has the type '{kind}'; it must be PRI, SEC or blank")
    community_area = _area(text_of(cells["community_area"]), school)
    community = Community(
        name=CommunityName(name),
        primary_care_network=text_of(cells.get("network")),
        district=text_of(cells.get("district")),
        geographic_area=_area(text_of(cells.get("geographic_area")) or community_area, school),
        community_area=community_area,
        dashboard=_address(text_of(cells.get("dashboard")), name),
    )
    return community, School(name=SchoolName(school), community=community.name, dfe=dfe, type=SchoolType(kind))


def _address(written: str, community: str) -> str:
    if written and not (written.startswith("https://") and " " not in written and len(written) <= 500):
        raise ValueError(f"'{community}' has the dashboard '{written[:80]}'; it must be an address like https://…")
    return written


def _area(written: str, school: str) -> Area:
    try:
        return Area(written.capitalize())
    except ValueError:
        raise ValueError(f"'{school}' has the area '{written}'; it must be North, East, South or West") from None


def _check_against(
    community: Community,
    school: School,
    communities: dict[str, Community],
    schools: dict[tuple[str, str], School],
    numbers: dict[int, str],
) -> None:
    known = communities.get(community.name)
    if known and known.community_area != community.community_area:
        raise ValueError(
            f"'{community.name}' has the community area {community.community_area} here and "
            f"{known.community_area} above; one community has one area"
        )
    if (plain(school.name), school.community) in schools:
        raise ValueError(f"'{school.name}' stands in '{school.community}' twice")
    if school.dfe is not None and school.dfe in numbers:
        raise ValueError(f"'{school.name}' has the DfE number {school.dfe} of '{numbers[school.dfe]}'")
