"""Makes `people.xlsx` and `county-budget-summaries.xlsx` from the directory and the responses, the same every time.

Run `python -m sample_world.invent` after changing the directory. The slide's own workbook (ABC) is left alone.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from openpyxl import Workbook, load_workbook

HERE = Path(__file__).parent
FIRST = ("Amira", "Ben", "Carol", "Dev", "Ella", "Farah", "Grace", "Hugo", "Isla", "Jack", "Kofi", "Lena", "Maya",
         "Noor", "Owen", "Petra", "Ravi", "Sara", "Theo", "Uma", "Vera", "Will", "Yusuf", "Zoe")  # fmt: skip
LAST = ("Abara", "Bell", "Carter", "Dale", "Ellis", "Finch", "Grant", "Hale", "Irving", "Jones", "Khan", "Lowe",
        "Mistry", "Nash", "Orr", "Patel", "Quinn", "Reed", "Singh", "Tate", "Usman", "Vaughan", "Ward",
        "York")  # fmt: skip
COMMUNITIES_A_CLERK = 6
DOMAIN = "kent.example"


def slug(name: str) -> str:
    """A school's invented mail domain."""
    words = re.sub(r"[^a-z ]", "", name.lower().replace(", the", "")).split()
    return "".join(w for w in words if w not in ("school", "cep", "the", "of", "church", "england"))


def invent_people(schools: list[tuple[str, str]], senders: dict[str, tuple[str, str]]) -> list[tuple[str, ...]]:
    """Rows (name, mail, role, of): staff of the county, then a chair a community, then a SENCO a school."""
    rng = random.Random(53)

    def name() -> str:
        return f"{rng.choice(FIRST)} {rng.choice(LAST)}"

    communities = sorted({c for c, _ in schools})
    rows: list[tuple[str, ...]] = [(f"HNFO {a}", f"hnfo.{a.lower()}@{DOMAIN}", "HNFO", a)
                                   for a in ("North", "East", "South", "West")]  # fmt: skip
    rows.append(("Morgan Vale", f"morgan.vale@{DOMAIN}", "KCC moderator", ""))
    rows.append(("Robin Adeyemi", f"robin.adeyemi@{DOMAIN}", "Administrator", ""))
    for index, community in enumerate(communities):
        clerk = index // COMMUNITIES_A_CLERK
        rows.append((f"{FIRST[clerk]} {LAST[-clerk - 1]}", f"clerk{clerk + 1}@{DOMAIN}", "Clerk", community))
        adviser = index // 5
        rows.append((f"{FIRST[-adviser - 1]} {LAST[adviser]}", f"sen.ia{adviser + 1}@{DOMAIN}", "SEN IA", community))
        school = next(s for c, s in schools if c == community)
        rows.append((name(), f"head@{slug(school)}.{DOMAIN}", "Chair", community))
    for _, school in schools:
        person = senders.get(school) or (name(), f"senco@{slug(school)}.{DOMAIN}")
        rows.append((person[0], person[1], "SENCO", school))
    return rows


def write_people(rows: list[tuple[str, ...]]) -> None:
    """`people.xlsx`."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "People"
    sheet.append(("Name", "Mail", "Role", "School, community or area"))
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


def main() -> None:
    """Write both workbooks."""
    directory = load_workbook(HERE / "directory.xlsx").worksheets[0]
    rows = [r for r in directory.iter_rows(min_row=2, values_only=True) if r[0]]
    responses = load_workbook(HERE / "request-for-support-responses.xlsx").worksheets[0]
    senders = {
        str(r[6]): (str(r[4]), str(r[3]))
        for r in responses.iter_rows(min_row=2, values_only=True)
        if r[3] and r[4] and "@" in str(r[3])
    }
    write_people(invent_people([(str(r[0]), str(r[6])) for r in rows], senders))
    write_budgets([(str(r[0]), str(r[6]), r[5], r[7]) for r in rows])
    print("people.xlsx and county-budget-summaries.xlsx written")


if __name__ == "__main__":
    main()
