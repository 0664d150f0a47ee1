"""The drafts of a community's reports and an area's overview: figures and charts filled in, themes left to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.meeting_record import actions_of
from casework.minutes_paper import minuted_decisions
from casework.report_figures import Attendance, CommunityFigures, figures_of, middle
from communities.directory import Area
from communities.money import pounds
from communities.reports import HEADINGS, Period, ReportKind, period_of
from papers.charts import counts_chart, spending_chart
from papers.reports import CommunityLine, Drawing, Report

NO_BUDGET = "no budget imported"


def community_report(work: Work, kind: ReportKind, community: str, day: date, period: Period | None = None) -> Report:
    """A community's report of that kind: of the given days, else of the period that is running on `day`."""
    period = period or _so_far(work, period_of(kind, day, work.desk.school_years))
    figures, directory = figures_of(work, community, period), directory_of(work)
    chair, clerk = directory.chair_of(community), directory.clerk_of(community)
    named = [f"{p.name}, {p.role.value.lower()}" for p in (clerk, chair) if p]
    decisions, requests, (begins_at, ends_at) = tables.decisions, tables.requests, period.moments
    return Report(
        heading=HEADINGS[kind],
        community=community,
        period=str(period),
        prepared_by=" and ".join(named) or "the clerk and the chair",
        figures=(*_figures([figures]), *_actions(work, [community])),
        charts=tuple(_charts([figures])),
        decisions=tuple(
            minuted_decisions(
                work,
                requests.c.community == community,
                decisions.c.decided_at >= begins_at,
                decisions.c.decided_at < ends_at,
            )
        ),
        communities=(),
        suggestions=figures.suggestions,
        footer=_footer(work, community),
    )


def area_overview(work: Work, area: str, day: date) -> Report:
    """An area's figures for the Area Board's quarter that `day` lies in: every community of that community area."""
    if area not in {a.value for a in Area}:
        raise InputRefused(f"There is no area '{area[:60]}'; there are {', '.join(Area)}.")
    period = _so_far(work, period_of(ReportKind.BOARD, day, work.desk.school_years))
    names = [c.name for c in directory_of(work).communities if c.community_area == area]
    figures = [figures_of(work, name, period) for name in names]
    return Report(
        heading="Overview for the Area Board",
        community=f"{area} area",
        period=str(period),
        prepared_by="the clerks and the chairs of the area's communities",
        figures=(("Communities", str(len(names))), *_figures(figures), *_actions(work, names)),
        charts=tuple(_charts(figures)),
        decisions=(),
        communities=tuple(_line(f) for f in figures),
        suggestions=tuple(f"{f.community}, {said}" for f in figures for said in f.suggestions),
        footer=_footer(work, f"{area} area"),
    )


def _so_far(work: Work, period: Period) -> Period:
    """The period up to today, where it is still running."""
    if period.first_day > work.today:
        raise InputRefused(f"That report covers {period}, which has not begun. Choose an earlier day.")
    return Period(first_day=period.first_day, due_on=min(period.due_on, work.today))


def _footer(work: Work, of: str) -> str:
    return f"Communities of Schools, {of}. Drafted from the record on {work.today:%-d %B %Y}."


def _figures(all_of: Sequence[CommunityFigures]) -> Iterator[tuple[str, str]]:
    came, present = [a for f in all_of for a in f.attendance], "–"
    if came:
        present = f"{_percent(came)}% of schools, over {len(came)} meeting" + ("s" if len(came) != 1 else "")
    yield "Requests received", str(sum(f.requests for f in all_of))
    yield "of these withdrawn", str(sum(f.withdrawn for f in all_of))
    yield "Requests decided", str(sum(f.decided for f in all_of))
    yield "Approved", pounds(sum(f.approved_pence for f in all_of))
    yield "From request to decision (median)", middle([d for f in all_of for d in f.days_to_decision])
    yield "From request to payment (median)", middle([d for f in all_of for d in f.days_to_payment])
    yield "Attendance", present
    known = [f for f in all_of if f.position]
    if known:
        total = sum(f.position.balance_pence for f in known if f.position)
        yield f"Balance of {known[0].academic_year}", pounds(total)


def _actions(work: Work, communities: Sequence[str]) -> Iterator[tuple[str, str]]:
    found = [a for name in communities for a in actions_of(work, name)]
    overdue = sum(a.is_overdue(work.today) for a in found)
    yield "Open actions", f"{len(found)}, {overdue} overdue" if overdue else str(len(found))


def _charts(all_of: Sequence[CommunityFigures]) -> Iterator[Drawing]:
    asked, responses = (sum((getattr(f, name) for f in all_of), Counter[str]()) for name in ("asked", "responses"))
    if asked:
        yield _bars("What schools asked for", _by_name(asked), "requests")
    if responses:
        yield _bars("What was decided", _by_name(responses), "decisions")
    spent = [(f.community, f.position.spent_pence, f.position.balance_pence) for f in all_of if f.position]
    if spent:
        yield Drawing(title="Spending against the budget", draw=partial(spending_chart, spent))
    if came := [a for f in all_of for a in f.attendance]:
        rates = {f"{a.community}, {a.day:%-d %b}": _percent([a]) for a in came}
        if len(all_of) > 1:
            rates = {f.community: _percent(f.attendance) for f in all_of if f.attendance}
        if len(rates) > 1:  # a single bar says no more than the figure above
            yield _bars("Attendance", rates, "schools present, per cent", most=100)
    if days := [d for f in all_of for d in f.days_to_payment]:
        yield _bars("Time from request to payment", by_length(days), "payments")
    if themes := sum((f.themes for f in all_of), Counter[str]()):
        yield _bars("Themes of surgeries and case studies", _by_name(themes), "slots and case studies")
    if rated := _ratings(all_of):
        yield _bars("How effective schools find services", rated, "mean of the ratings, 1 to 5", most=5)


def _bars(title: str, counts: Mapping[str, float], what: str, *, most: int = 0) -> Drawing:
    return Drawing(title=title, draw=partial(counts_chart, counts, what, most=most))


def _ratings(all_of: Sequence[CommunityFigures]) -> dict[str, float]:
    given: dict[str, list[int]] = {}
    for f in all_of:
        for service, ratings in f.ratings.items():
            given.setdefault(service, []).extend(ratings)
    return {service: round(sum(r) / len(r), 1) for service, r in sorted(given.items())}


def by_length(days: Sequence[int]) -> dict[str, int]:
    """How many took up to 30, 60, 90 days or longer; a length nothing took is left out."""
    limits = ((30, "up to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"), (10_000, "over 90 days"))
    found = Counter(next(name for most, name in limits if d <= most) for d in days)
    return {name: found[name] for _, name in limits if found[name]}


def _percent(came: Sequence[Attendance]) -> int:
    return round(sum(a.present for a in came) * 100 / max(sum(a.schools for a in came), 1))


def _by_name(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _line(figures: CommunityFigures) -> CommunityLine:
    return CommunityLine(
        name=figures.community,
        requests=str(figures.requests),
        decided=str(figures.decided),
        approved=pounds(figures.approved_pence),
        balance=pounds(figures.position.balance_pence) if figures.position else NO_BUDGET,
    )
