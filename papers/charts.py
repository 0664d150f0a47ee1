"""Charts for papers: drawn by altair, each with a text that says the same to those who cannot see it. A single bar says
less than its figure: then there is only the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

import vl_convert
from PIL import Image

from communities.money import pounds
from papers.word import Picture

if TYPE_CHECKING:
    import altair as alt  # a sixth of what a command takes to start, and most draw nothing

NAVY, SKY = "#1f2a5a", "#7fa3d6"
"""Told apart in black and white as well (contrast 4.6 to 1)."""

SHOWN = 20
"""Bars in one chart; more are not read by anybody."""

SCALE = 2.0
PAPER_PX = 430
CARD_PX, CARD_SCALE = 150, 1.5
"""Beside its labels; a card on a phone is about 330 wide."""

COLOURS = 24

FEWEST_BARS = 2

PictureOrWords = Picture | str
"""A chart, or what it would say where it had a single bar."""


def counts_chart(counts: Mapping[str, float], what: str, *, most: int = 0, on_a_card: bool = False) -> PictureOrWords:
    """A bar a kind, as often as it came. `what` is counted, in the plural: `requests`. The scale ends at `most`, where
    there is one (100 per cent), else at the largest.
    """
    values = [{"kind": kind, "count": n} for kind, n in counts.items()]
    said = ", ".join(f"{kind} {int(n) if n == int(n) else n}" for kind, n in counts.items()) or "none"
    words = f"{what.capitalize()}: {said}."
    if len(counts) < FEWEST_BARS:
        return words
    import altair as alt

    ticks = whole_ticks(most or ceil(max(counts.values(), default=1)))
    end = max(most, ticks[-1], *counts.values(), 1)
    bars = (
        alt.Chart(_data(values))
        .mark_bar(color=NAVY)
        .encode(
            x=alt.X(
                "count:Q",
                title=what.capitalize(),
                axis=alt.Axis(values=ticks, format="d"),
                scale=alt.Scale(domain=[0, end]),
            ),
            y=alt.Y("kind:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        )
    )
    return _picture(bars, len(values), words, on_a_card=on_a_card)


def whole_ticks(top: int) -> list[int]:
    """From 0 to it in steps people count in (1, 2, 5, 10, 20, 50 …), five at most."""
    steps = (n * 10**power for power in count() for n in (1, 2, 5))
    step = next(s for s in steps if 5 * s >= top)
    return list(range(0, top + 1, step))


def spending_chart(rows: Sequence[tuple[str, int, int]]) -> PictureOrWords:
    """Spent and left by community; `rows` are (name, spent pence, left pence)."""
    shown = rows[:SHOWN]
    said = "; ".join(f"{n}: {pounds(s)} approved, {pounds(left)} left" for n, s, left in shown)
    if len(rows) < FEWEST_BARS:
        return f"{said}."
    import altair as alt

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
    more = f" The first {SHOWN} of {len(rows)} are shown." if len(rows) > SHOWN else ""
    return _picture(bars, len(shown), f"Approved and left of each budget. {said}.{more}")


def waterfall_chart(steps: Sequence[tuple[str, int, int]], *, on_a_card: bool = False) -> Picture:
    """From the opening balance to the forecast; `steps` are (name, from pence, to pence), totals from 0."""
    import altair as alt

    values = [
        {"name": name, "from": first / 100, "to": last / 100, "part": "Total" if not first else "Change",
         "said": pounds(last if not first else last - first)}
        for name, first, last in steps
    ]  # fmt: skip
    names = [name for name, _, _ in steps]
    y = alt.Y("name:N", title=None, sort=names, axis=alt.Axis(labelLimit=200))
    base = alt.Chart(_data(values))
    bars = base.mark_bar().encode(
        x=alt.X("from:Q", title="Pounds", axis=alt.Axis(format=",d", tickCount=4)),
        x2="to:Q",
        y=y,
        color=alt.Color("part:N", legend=None, scale=alt.Scale(domain=["Total", "Change"], range=[NAVY, SKY])),
    )
    words = (
        base.transform_calculate(end="max(datum.from, datum.to)")
        .mark_text(align="left", dx=4)
        .encode(x="end:Q", y=y, text="said:N")
    )
    said = "; ".join(f"{v['name']}: {v['said']}" for v in values)
    return _picture(alt.LayerChart(layer=[bars, words]), len(steps), f"Budget. {said}.", on_a_card=on_a_card)


def parts_chart(parts: Sequence[tuple[str, int]], what: str, *, on_a_card: bool = False) -> Picture:
    """A bar an amount; `parts` are (name, pence)."""
    import altair as alt

    values = [{"name": name, "pounds": pence / 100, "said": pounds(pence)} for name, pence in parts]
    y = alt.Y("name:N", title=None, sort=[name for name, _ in parts], axis=alt.Axis(labelLimit=200))
    base = alt.Chart(_data(values))
    bars = base.mark_bar(color=NAVY).encode(
        x=alt.X("pounds:Q", title="Pounds", axis=alt.Axis(format=",d", tickCount=4)), y=y
    )
    words = base.mark_text(align="left", dx=4).encode(x="pounds:Q", y=y, text="said:N")
    said = "; ".join(f"{v['name']}: {v['said']}" for v in values)
    return _picture(alt.LayerChart(layer=[bars, words]), len(parts), f"{what}. {said}.", on_a_card=on_a_card)


def _data(values: list[dict[str, Any]]) -> alt.Data:
    import altair as alt

    return alt.Data(values=values)  # type: ignore[no-untyped-call]  # altair leaves it untyped


def _picture(chart: alt.Chart | alt.LayerChart, rows: int, alternative: str, *, on_a_card: bool = False) -> Picture:
    """For a page of paper, or narrow enough for a card on a phone, where it is read at its own size."""
    width, scale = (CARD_PX, CARD_SCALE) if on_a_card else (PAPER_PX, SCALE)
    sized = chart.properties(width=width, height=max(60, 26 * rows)).configure(font="Calibri, Carlito, sans-serif")
    sized = sized.configure_axis(labelFontSize=12, titleFontSize=12).configure_text(fontSize=12) if on_a_card else sized
    return Picture(
        png=_few_colours(vl_convert.vegalite_to_png(sized.to_json(validate=False), scale=scale)), alt=alternative
    )


def _few_colours(png: bytes) -> bytes:
    """A chart has a handful of colours: said so, it takes a seventh of the bytes."""
    small = BytesIO()
    whole = Image.open(BytesIO(png)).convert("RGB")
    whole.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(small, "PNG")
    return small.getvalue()
