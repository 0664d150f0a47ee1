"""Each behaviour of the local tenant has its source and its line in docs/microsoft-facts.md."""

from __future__ import annotations

from pathlib import Path

from local_tenant.behaviours import BEHAVIOURS

PAGE = Path(__file__).parent.parent / "docs" / "microsoft-facts.md"


def test_each_behaviour_has_its_line_with_its_certainty() -> None:
    rows = [[c.strip() for c in line.split("|")] for line in PAGE.read_text("utf-8").splitlines() if "|" in line]
    lines = {row[1]: row for row in rows if len(row) == 7}
    assert {name: lines.get(name, [""] * 5)[4] for name in BEHAVIOURS} == {
        name: behaviour.certainty.value for name, behaviour in BEHAVIOURS.items()
    }
    assert [name for name in BEHAVIOURS if not all(lines[name][1:6])] == []
