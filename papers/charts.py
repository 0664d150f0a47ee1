"""Charts for papers: drawn by altair, each with a text that says the same to those who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import vl_convert

from communities.money import whole_pounds
from papers.word import Picture

NAVY, SKY = "#1f2a5a", "#7fa3d6"
"""Told apart in black and white as well (contrast 4.6 to 1)."""

SHOWN = 20
"""Bars in one chart; more are not read by anybody."""

SCALE = 2.0


def counts_chart(counts: Mapping[str, int], what: str) -> Picture:
    """A bar a kind, as often as it came. `what` is counted, in the plural: `requests`."""
    values = [{"kind": kind, "count": n} for kind, n in counts.items()]
    bars = (
        alt.Chart(_data(values))
        .mark_bar(color=NAVY)
        .encode(
            x=alt.X("count:Q", title=what.capitalize(), axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("kind:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        )
    )
    said = ", ".join(f"{kind} {n}" for kind, n in counts.items()) or "none"
    return _picture(bars, len(values), f"{what.capitalize()}: {said}.")


def spending_chart(rows: Sequence[tuple[str, int, int]]) -> Picture:
    """Spent and left by community; `rows` are (name, spent pence, left pence)."""
    shown = rows[:SHOWN]
    values = [
        {"name": name, "part": part, "pounds": pence / 100, "order": order}
        for name, spent, left in shown
        for order, (part, pence) in enumerate((("Approved", spent), ("Left", left)))
    ]
    bars = (
        alt.Chart(_data(values))
        .mark_bar()
        .encode(
            x=alt.X("pounds:Q", title="Pounds", axis=alt.Axis(format=",d")),
            y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color(
                "part:N", title=None, scale=alt.Scale(domain=["Approved", "Left"], range=[NAVY, SKY]),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("order:Q"),
        )
    )  # fmt: skip
    said = "; ".join(f"{n}: {whole_pounds(s)} approved, {whole_pounds(left)} left" for n, s, left in shown)
    more = f" The first {SHOWN} of {len(rows)} are shown." if len(rows) > SHOWN else ""
    return _picture(bars, len(shown), f"Approved and left of each budget. {said}.{more}")


def _data(values: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=values)  # type: ignore[no-untyped-call]  # altair leaves it untyped


def _picture(chart: alt.Chart, rows: int, alternative: str) -> Picture:
    sized = chart.properties(width=430, height=max(60, 26 * rows)).configure(font="Calibri, Carlito, sans-serif")
    return Picture(png=vl_convert.vegalite_to_png(sized.to_json(), scale=SCALE), alt=alternative)
