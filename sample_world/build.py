"""Makes the sample county's workbooks from `texts/` and the directory, the same every time.

Run `python -m sample_world.build` after changing a text. The directory and the slide's own budget (ABC) are left alone.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from sample_world.texts import RequestText, requests, table, texts

HERE = Path(__file__).parent
DOMAIN = "kent.example"
TWICE, AS_NUMBER, AFTER = 3, 61, timedelta(minutes=2)
"""Response 3 comes again as 61, two minutes later: somebody pressed Submit twice."""

TITLES = {
    "Id": "id", "Start time": "started", "Completion time": "completed", "Email": "sender", "Name": "sender_name",
    "Name of Community": "community", "Name of School / Lead School": "school",
    "School contact (in case of queries)": "contact", "Multi Academy Trust / Federation (If applicable)": "trust",
    "Solution required (250 words max)": "solution", "Expected outcomes (200 words max)": "outcomes",
    "Support requested": "support", "Names of pupils supported & Date of Birth": "pupils",
    "Number of pupils on SEN Support": "sen_support", "Number of pupils with an EHCP": "ehcp",
    "Number Looked After Child": "looked_after", "Which Key Stage": "key_stage",
    "If requesting funding - How will the funding be used?": "funding_use", "Total funding request (£)": "amount",
    "How have you already supported the pupils?": "already_supported", "e Signature": "signature",
}  # fmt: skip
"""As the form prints them."""


def words(text: str | None) -> int:
    """As people count: what stands between spaces."""
    return len((text or "").split())


def expected(request: RequestText) -> str:
    """What must become of a response with that mistake, in words for whoever reads the list."""
    return {
        "ok": "accept",
        "long_solution": f"refuse: solution {words(request.solution)} words, limit 250",
        "long_outcomes": f"refuse: outcomes {words(request.outcomes)} words, limit 200",
        "unknown_community": "refuse: unknown community",
        "wrong_community": "refuse: school not in that community",
        "misspelt_school": f"accept or ask: school {request.meant}",
        "negative": "refuse: negative number",
        "number_as_text": "accept: 7 and 0",
        "no_funding_use": "refuse: how will the funding be used is missing",
        "formula": "accept: contact kept as text, never run as a formula in any document made from it",
        "no_amount_but_financial": "refuse: amount is missing",
        "anonymous": "accept: unverified sender",
        "two_supports": "accept: both kinds",
        "huge_cell": "refuse: already supported over 200 words",
        "bad_dob": "accept: names kept, dates of birth not readable, clerk told",
        "blank_solution": "refuse: solution is missing",
        "exactly_250": "accept",
        "hyphens_250": "accept: a hyphenated word is one word",
        "amount_text": f"accept: {request.amount}",
        "duplicate": f"held for the clerk: the same person, school and text as response {TWICE} two minutes earlier",
    }[request.kind]


def responses() -> list[RequestText]:
    """Every response of the year, with the one that is sent twice."""
    found = {r.id: r for r in requests()}
    again = found[TWICE]
    found[AS_NUMBER] = replace(again, id=AS_NUMBER, completed=again.completed + AFTER, kind="duplicate")
    return [found[number] for number in sorted(found)]


def write_responses() -> None:
    """The form's workbook over the year, with two empty rows as workbooks have them, and what must become of each."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Form1"
    sheet.append(list(TITLES))
    rows = responses()
    for request in rows:
        started = request.completed - timedelta(minutes=6 + request.id * 7 % 40)
        values = {**vars(request), "started": started}
        sheet.append([None if values[field] is None else values[field] for field in TITLES.values()])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"  # what was typed into a form is text
    sheet.append(["\u00a0", *[None] * (len(TITLES) - 1)])
    book.save(HERE / "request-for-support-responses.xlsx")
    list_ = [{"id": r.id, "kind": r.kind, "expect": expected(r)} for r in rows]
    (HERE / "request-for-support-expected.json").write_text(
        json.dumps(list_, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )


def slug(name: str) -> str:
    """A school's invented mail domain."""
    said = re.sub(r"[^a-z ]", "", name.lower().replace(", the", "")).split()
    return "".join(w for w in said if w not in ("school", "cep", "the", "of", "church", "england"))


UNKNOWN_SENDER = ("anonymous", "unknown_community")
"""Mistakes by which it is not known who sent it, or for which school."""

Row = tuple[Any, ...]
"""Name, mail, role, of, from, until, covers."""


def people(schools: list[tuple[str, str]]) -> Iterator[Row]:
    """The county's staff, then chairs and heads, then a SENCO a school (community, school)."""
    for text in texts("people", "staff"):
        row = text.about
        for of in row.get("of", [""]):
            yield (row["name"], row["mail"], row["role"], of, row.get("from"), row.get("until"), row.get("covers"))
    sencos = sencos_of(schools)
    for text in texts("chairs", "chair"):
        row = text.about
        school, dates = row["school"], (row.get("from"), row.get("until"))
        mail = sencos[school][1] if row.get("is_senco") else f"head@{slug(school)}.{DOMAIN}"
        yield (row["name"], mail, "Chair", row["community"], *dates, None)
        yield (row["name"], mail, "School leader", school, None, None, None)
    for text in texts("chairs", "head"):
        school = text.about["school"]
        yield (text.about["name"], f"head@{slug(school)}.{DOMAIN}", "School leader", school, None, None, None)
    followed = {t.about["school"]: t.about for t in texts("names", "successor")}
    for _, school in schools:
        name, mail = sencos[school]
        after = followed.get(school)
        yield (name, mail, "SENCO", school, None, after["until"] if after else None, None)
        if after:
            who = f"{after['name'].lower().replace(' ', '.')}@{slug(school)}.{DOMAIN}"
            yield (after["name"], who, "SENCO", school, after["from"], None, None)


def sencos_of(schools: list[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Name and mail by school: who asks in the year, and somebody else everywhere else."""
    ask = {r.meant or r.school: (r.sender_name, r.sender) for r in requests() if r.kind not in UNKNOWN_SENDER}
    first, last = (table("names")[key].split() for key in ("first", "last"))
    rng = random.Random(53)
    rng.shuffle(first)
    rng.shuffle(last)
    taken = {name for name, _ in ask.values()}
    found = {}
    for number, (_, school) in enumerate(schools):
        name = f"{first[number % len(first)]} {last[(number + number // len(first)) % len(last)]}"
        assert name not in taken, name
        taken.add(name)
        found[school] = ask.get(school) or (name, f"senco@{slug(school)}.{DOMAIN}")
    return found


def write_people(rows: list[Row]) -> None:
    """`people.xlsx`."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "People"
    sheet.append(("Name", "Mail", "Role", "School, community or area", "From", "Until", "Covers"))
    for row in rows:
        sheet.append(row)
    book.save(HERE / "people.xlsx")


def write_budgets(schools: list[tuple[str, str, object, object]]) -> None:
    """`county-budget-summaries.xlsx`: one sheet a community but ABC, in the layout of the slide."""
    rng = random.Random(7)
    pattern = load_workbook(HERE / "community-budget-summary.xlsx")["Community summary"]
    header = [c.value for c in pattern[18]]
    book = Workbook()
    book.remove(book.worksheets[0])
    for community in sorted({s[0] for s in schools} - {"ABC"}):
        lines = [
            (dfe, name, kind, rng.randrange(50_000, 900_000), rng.choice((0, 0, 0, rng.randrange(2_000, 22_000))),
             rng.randrange(0, 90_000), rng.randrange(0, 9), rng.randrange(4_000, 40_000), rng.randrange(1, 10), 0, 0)
            for c, name, dfe, kind in schools if c == community
        ]  # fmt: skip
        protected = sum(x[7] for x in lines)
        after = protected + rng.randrange(18_000, 75_000)
        stls, clerking = rng.randrange(28_000, 40_000), 4_764
        sheet = book.create_sheet(community[:31])
        for row in (
            ("Communities of Schools - Community Budget Summary",),
            ("Community:", community),
            (),
            ("2025-26 Academic Year Budget", None, "Financial Year Split"),
            (None, None, "2025-26", "2026-27"),
            (None, None, "7/12ths", "5/12ths"),
            ("Community Budget before STLS/Chair and Clerking", after + stls + clerking),
            ("STLS top-slice", -stls),
            ("Chair and Clerking", -clerking),
            ("Community Budget after STLS & Chair/Clerking", after, round(after * 7 / 12, 2), round(after * 5 / 12, 2)),
            ("Estimated Protected Payments\n(75% of eligible existing HNF Payments)", protected,
             round(protected * 7 / 12, 2), round(protected * 5 / 12, 2)),
            ("Community Budget after Protected Payments", after - protected),
            ("Payments agreed by Community", 0),
            ("Balance", after - protected, None, None, None,
             "Total Estimated Mainstream HN Funding for Schools in Community", None, None,
             after + sum(x[4] + x[5] for x in lines)),
            (),
            (),
            ("Estimated Forecast Allocations",),
            header,
            ("Totals", None, None, *(sum(x[i] for x in lines) for i in range(3, 11))),  # type: ignore[misc]
            *lines,
        ):  # fmt: skip
            sheet.append(row)
    book.save(HERE / "county-budget-summaries.xlsx")


FACTORS: tuple[tuple[str, int, int], ...] = (
    ("Basic entitlement", 5, 22), ("Free school meals", 0, 0), ("Ever 6 free school meals", 70, 24), ("IDACI", 70, 16),
    ("English as an additional language", 0, 0), ("Mobility", 70, 3), ("Minimum per pupil level funding", 43, 4),
    ("School-led factors (lump sum, sparsity, split sites, rates, premises)", 0, 0),
    ("Minimum funding guarantee", 0, 0), ("Low prior attainment", 100, 35),
)  # fmt: skip
"""Of the slide: a factor, its share in per cent, and what part of a school's notional SEN budget it makes here, in per
cent; low prior attainment takes what is left."""


def write_school_funding() -> None:
    """`school-funding.xlsx`: the level template and the budget factors of ABC's schools, which come to the figures of
    its budget summary.
    """
    rng = random.Random(11)
    summary = load_workbook(HERE / "community-budget-summary.xlsx")["Community summary"]
    lines = [r for r in summary.iter_rows(min_row=20, values_only=True) if r[1]]
    book = Workbook()
    factors = book.worksheets[0]
    factors.title = "Budget factors"
    factors.append(("School budget factors and notional SEN budget, 2025-26",))
    factors.append(("DfE", "School Name", *(name for name, _, _ in FACTORS), "Notional SEN budget"))
    for line in lines:
        factors.append((line[0], line[1], *_factors(rng, int(str(line[3]))), line[3]))
        sheet = book.create_sheet(str(line[1])[:31])
        for row in _template(rng, line):
            sheet.append(row)
    book.save(HERE / "school-funding.xlsx")


def _factors(rng: random.Random, notional: int) -> list[float]:
    """Amounts whose shares sum to the notional budget."""
    amounts, left = [], float(notional)
    for _, percent, part in FACTORS[:-1]:
        unshared = float(rng.randrange(4_000, 90_000)) if not percent else 0.0
        amount = round(notional * part / percent, 2) if part else unshared
        amounts.append(amount)
        left -= round(amount * percent / 100, 2)
    return [*amounts, round(left, 2)]


def _template(rng: random.Random, line: tuple[Any, ...]) -> Iterator[Row]:
    """A school's level template in the layout of the slide; line: a row of the community's summary."""
    top_up, automatic, automatics, protected, count = (int(str(line[n])) for n in range(4, 9))
    eligible = round(protected * 4 / 3, 2)
    ehcp_below, sen_below = count // 6, count // 4
    sen_above = count - ehcp_below - sen_below
    of_ehcp, of_below = (round(eligible * n / count, 2) for n in (ehcp_below, sen_below))
    of_above = round(eligible - of_ehcp - of_below, 2)
    ehcp = [(round(automatic * 1.2, 2), automatics + 1 if automatics else 0), (round(of_ehcp * 1.4, 2), ehcp_below)]
    sen = [(round(of_above + rng.randrange(0, 9_000), 2), sen_above), (of_below, sen_below)]
    yield ("School Level Template, 2025-26 academic year",)
    yield ("School:", line[1])
    yield ()
    yield ("Current High Needs Pupil Data",)
    yield (None, "As at 31st December 2024", None, "Automatic Payments to School", None,
           "Community of Schools Protected Payments (75% existing allocation)")  # fmt: skip
    yield (None, "£", "HNP", "£", "HNP", "£", "HNP")
    yield ("Pupils with an EHCP (greater than £6,000)", *ehcp[0])
    yield ("Pupils with an EHCP (less than £6,000)", *ehcp[1], None, None, of_ehcp, ehcp_below)
    yield ("Subtotal number of payments (EHCP)", *_summed(ehcp))
    yield ("Pupils on SEN Support (greater than £6,000)", *sen[0], None, None, of_above, sen_above)
    yield ("Pupils on SEN Support (less than £6,000)", *sen[1], None, None, of_below, sen_below)
    yield ("Subtotal number of payments (SEN Support)", *_summed(sen))
    yield ("Total current payments", *_summed([*ehcp, *sen]))
    yield ("Subtotal estimated payments 2025-26 academic year", None, None, automatic, automatics, protected, count)
    yield ("Total estimated payments for 2025-26 academic year (prior to additional community allocations)", None, None,
           automatic + protected)  # fmt: skip
    yield ()
    yield ("Notional SEN Top Up Funding",)
    yield (None, "HNP Dec-24", "10% Notional SEN Top Up", "Upper Threshold Notional SEN Top Up",
           "Total Notional SEN TopUp")  # fmt: skip
    yield ("April 2025 to March 2026", _summed([*ehcp, *sen])[1], 0, top_up, top_up)
    yield ("April 2026 to August 2026", None, 0, round(top_up * 5 / 12), round(top_up * 5 / 12))


def _summed(pairs: list[tuple[float, int]]) -> tuple[float, int]:
    return round(sum(p[0] for p in pairs), 2), sum(p[1] for p in pairs)


def main() -> None:
    """Write the workbooks."""
    directory = load_workbook(HERE / "directory.xlsx").worksheets[0]
    rows = [r for r in directory.iter_rows(min_row=2, values_only=True) if r[0]]
    write_responses()
    write_people(list(people([(str(r[0]), str(r[6])) for r in rows])))
    write_budgets([(str(r[0]), str(r[6]), r[5], r[7]) for r in rows])
    write_school_funding()
    print("The responses, people.xlsx, county-budget-summaries.xlsx and school-funding.xlsx are written.")


if __name__ == "__main__":
    main()
