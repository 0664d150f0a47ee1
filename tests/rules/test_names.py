"""Names made comparable."""

from __future__ import annotations

import pytest

from communities.names import plain


@pytest.mark.parametrize(
    ("written", "comparable"),
    [
        ("Abbey School, The", "abbey school"),
        ("The Abbey Sch", "abbey school"),
        ("Theodore's School", "theodores school"),
        ("All Souls’ C.E.P. School", "all souls church of england primary school"),
        ("Saint Mark's CofE Inf. & Jnr", "st marks church of england infant and junior"),
        ("Mid-Kent  3", "mid kent 3"),
        ("North Gram Acad Pri Sec Prim Jun", "north grammar academy primary secondary primary junior"),
        ("Infants and Juniors C.E.", "infant and junior church of england"),
        ("", ""),
        ("THE", ""),
    ],
)
def test_names_lose_case_punctuation_and_abbreviations(written: str, comparable: str) -> None:
    assert plain(written) == comparable
