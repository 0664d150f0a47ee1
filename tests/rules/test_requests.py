"""The school's section of the form: its limits and each problem in the sender's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from communities.directory import CommunityName, Mail, SchoolName
from communities.requests import (
    AMENDABLE,
    CELL_CHARACTERS,
    LINK_CHARACTERS,
    MOST_ATTACHMENTS,
    TITLES,
    WORD_LIMITS,
    KeyStage,
    Problem,
    Pupil,
    Submission,
    Support,
    funding_problems,
    missing,
    request_doubts,
    request_problems,
    word_problem,
)

ADVICE, FINANCIAL = Support.ADVICE, Support.FINANCIAL

GOOD = Submission(
    community=CommunityName("A"), school=SchoolName("B"), contact="Sam", trust="", solution="A quiet corner",
    outcomes="Calmer afternoons", support=(FINANCIAL,), pupils=(Pupil(name="Zebedee Quill"),),
    pupils_written="Zebedee Quill", sen_support=1, ehcp=0, looked_after=0, key_stages=(KeyStage.KS2,),
    funding_use="An assistant", requested_pence=240_000, already_supported="Small groups", signature="Sam",
    sender=Mail("sam@x.example"), sender_name="Sam", submitted_at=datetime(2026, 10, 5, tzinfo=UTC),
)  # fmt: skip


def sentences(request: Submission) -> list[str]:
    """What is wrong with it."""
    return [p.sentence for p in request_problems(request)]


def test_the_limits_are_the_forms() -> None:
    assert dict(WORD_LIMITS) == {"solution": 250, "outcomes": 200, "funding_use": 200, "already_supported": 200}
    assert (CELL_CHARACTERS, MOST_ATTACHMENTS, LINK_CHARACTERS) == (32_000, 5, 500)  # choices


@pytest.mark.parametrize(
    ("field", "title", "limit"),
    [("solution", "Solution required", 250), ("outcomes", "Expected outcomes", 200),
     ("funding_use", "How will the funding be used?", 200),
     ("already_supported", "How have you already supported the pupils?", 200)],
)  # fmt: skip
def test_the_limit_is_allowed_and_one_word_more_says_by_how_many(field: str, title: str, limit: int) -> None:
    assert word_problem(field, "word " * limit) is None
    assert word_problem(field, "word " * (limit + 1)) == Problem(
        field=field, sentence=f"'{title}' has {limit + 1} words; the limit is {limit}. Shorten it by 1 word."
    )
    for over in (2, limit, limit + 1):
        found = word_problem(field, "word " * (limit + over))
        assert found is not None
        assert found.sentence.endswith(f"Shorten it by {over} words.")
    assert sentences(replace(GOOD, **{field: "word " * (limit + 1_002)})) == [  # type: ignore[arg-type]
        f"'{title}' has {limit + 1_002:,} words; the limit is {limit}. Shorten it by 1,002 words."
    ]


def test_a_good_request_has_no_problem() -> None:
    assert sentences(GOOD) == []
    assert sentences(replace(GOOD, sen_support=0, trust="", pupils=())) == []


REQUIRED = {
    "community": "", "school": "", "contact": "", "solution": "", "outcomes": "", "support": (), "pupils_written": "",
    "key_stages": (), "already_supported": "", "signature": "",
}  # fmt: skip
"""Slide 'Request for Support Form' marks the trust alone 'if applicable'."""


@pytest.mark.parametrize("field", REQUIRED)
def test_what_the_form_needs_is_said_to_be_missing(field: str) -> None:
    empty = replace(GOOD, **{field: REQUIRED[field]})  # type: ignore[arg-type]
    name = field.removesuffix("_written")
    assert sentences(empty) == [f"'{TITLES[name]}' is missing. Fill it in."]
    assert missing(name).field == name


@pytest.mark.parametrize("field", ["sen_support", "ehcp", "looked_after"])
def test_a_number_of_pupils_is_not_negative(field: str) -> None:
    assert sentences(replace(GOOD, **{field: 0})) == []  # type: ignore[arg-type]
    assert list(request_problems(replace(GOOD, **{field: -1}))) == [  # type: ignore[arg-type]
        Problem(field=field, sentence=f"'{TITLES[field]}' is -1, a negative number; write a whole number, 0 or more.")
    ]


USE = (
    "'How will the funding be used?' is missing: a financial contribution is requested. Say what it contributes to and "
    "how it was calculated."
)
AMOUNT = (
    "'Total funding request (£)' is missing: a financial contribution is requested. Write the amount in pounds, for "
    "example 3,250."
)


@pytest.mark.parametrize(
    ("support", "use", "pence", "said"),
    [
        ((ADVICE,), "", None, []),
        ((ADVICE,), "", -5, []),
        ((FINANCIAL,), "x", 1, []),
        ((ADVICE, FINANCIAL), "x", 2, []),
        ((FINANCIAL,), " ", 1, [USE]),
        ((FINANCIAL,), "x", None, [AMOUNT]),
        ((FINANCIAL,), "", None, [USE, AMOUNT]),
        ((FINANCIAL,), "x", 0, ["'Total funding request (£)' is £0; it must be more than £0."]),
        ((FINANCIAL,), "x", -100, ["'Total funding request (£)' is -£1; it must be more than £0."]),
    ],
)
def test_a_financial_contribution_needs_its_use_and_amount(
    support: tuple[Support, ...], use: str, pence: int | None, said: list[str]
) -> None:
    assert [p.sentence for p in funding_problems(support, use, pence)] == said
    assert sentences(replace(GOOD, support=support, funding_use=use, requested_pence=pence)) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 5, 5, 5), []),
        ((2, 1, 1, 2), []),
        ((3, 1, 1, 0), []),
        ((1, 1, 1, 0), [("sen_support", "You named 1 pupil, and counted 2 on SEN Support or with an EHCP.")]),
        ((2, 3, 0, 0), [("sen_support", "You named 2 pupils, and counted 3 on SEN Support or with an EHCP.")]),
        ((2, 1_000, 2, 0), [("sen_support", "You named 2 pupils, and counted 1,002 on SEN Support or with an EHCP.")]),
        ((2, 5, -4, 0), []),
        ((2, 0, 0, 3), [("looked_after", "You named 2 pupils, and counted 3 looked after.")]),
        ((1, 0, 0, 1), []),
        ((1, 0, 0, 0), []),
    ],
)
def test_more_pupils_counted_than_named_is_asked_about(
    counts: tuple[int, int, int, int], said: list[tuple[str, str]]
) -> None:
    assert [(p.field, p.sentence) for p in request_doubts(*counts)] == said


def test_community_school_and_signature_are_not_amended() -> None:
    assert AMENDABLE == (
        "contact", "trust", "solution", "outcomes", "support", "pupils", "sen_support", "ehcp", "looked_after",
        "key_stages", "funding_use", "requested_pence", "already_supported",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "verified"), [("sam@x.example", True), ("anonymous", False), ("Anonymous", True), ("zz@x", True)]
)
def test_an_anonymous_form_is_vouched_for_by_nobody(sender: str, verified: bool) -> None:
    assert replace(GOOD, sender=Mail("".join(sender))).is_verified is verified
