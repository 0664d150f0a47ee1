"""Faults of the local tenant: written as they should be, and seeded. What they do to the product is in test_torture."""

from __future__ import annotations

import pytest

from local_tenant.faults import FaultsUnreadable, read_faults


@pytest.mark.parametrize("written", ["429", "429=2", "late=5", "gone=x", "bang=0.1", "seed=-1"])
def test_faults_that_are_none_are_refused_in_words(written: str) -> None:
    with pytest.raises(FaultsUnreadable, match="is no fault"):
        read_faults(written)


def test_seeded_faults_strike_the_same_way_again() -> None:
    one, other = (read_faults("429=0.3,seed=5") for _ in range(2))
    assert [one.strikes("429") for _ in range(50)] == [other.strikes("429") for _ in range(50)]
