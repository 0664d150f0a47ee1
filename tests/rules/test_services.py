"""County-wide services, by the words people use for them."""

from __future__ import annotations

import pytest

from communities.services import OFFERS, service_in

SERVICES = {
    "School Nursing Service": ("the school nurse", "School nursing", "Health advice for pupils"),
    "Early Help / Integrated Children's Service": ("early help", "children's services", "Help for families before"),
    "Family Hubs": ("a family hub", "FAMILY HUBS", "Advice, activities and support"),
    "Joint commissioning services": ("joint commissioning", "joint commissioners", "Services that health and the"),
    "Emotional Health and Wellbeing Service": ("emotional wellbeing", "mental health", "Support for pupils' emotional"),
    "Virtual School Kent (VSK)": ("virtual school", "VSK", "Advice and support for the education"),
    "Violence Reduction Unit (VRU)": ("violence reduction", "vru", "Support where pupils are at risk"),
    "Autism Education Trust (AET)": ("autism education", "AET", "Training and materials on autism"),
}
"""Slide 'Professional Resource Group Membership'; two words for each, and how its description begins."""


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_found_by_its_words_and_described(name: str) -> None:
    one, other, offer = SERVICES[name]
    assert (service_in(f"Tell me of {one}"), service_in(other)) == (name, name)
    assert OFFERS[name].startswith(offer)


@pytest.mark.parametrize("text", ["", "the weather", "vskx", "nearly helpful"])
def test_a_sentence_that_names_none_finds_none(text: str) -> None:
    assert service_in(text) is None


def test_there_are_eight() -> None:
    assert list(OFFERS) == list(SERVICES)
