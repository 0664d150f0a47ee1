"""What `cos doctor` says of the way in, against a tenant with each fault planted."""

from __future__ import annotations

import pytest

from graph_sync.doctor import Kind
from graph_sync.intake import WORKBOOK_NAME
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World
from tests.test_doctor import examined

FORM = SampleForm(AUTUMN)


async def test_a_workbook_that_was_not_found_or_is_gone_is_said(world: World) -> None:
    found = (await examined(world))["workbooks"]
    assert (found.kind, WORKBOOK_NAME in found.said) == (Kind.UNKNOWN, True)
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(FORM.due(START)), FLOW)
    await world.office.pull()
    assert (await examined(world))["workbooks"].kind is Kind.WELL
    gone = {"by": FLOW, "path": WORKBOOK_NAME, "deleted": True}
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json=gone)
    found = (await examined(world))["workbooks"]
    assert (found.kind, found.said) == (Kind.MISSING, f"The workbook '{WORKBOOK_NAME}' is not there any more.")
    assert "Open in Excel" in found.remedy


@pytest.mark.parametrize(
    ("unlike", "kind"),
    [({}, Kind.WELL), ({"item-names-no-editor": True}, Kind.WELL), ({"list-versions-off": True}, Kind.MISSING)],
)
async def test_a_list_that_does_not_say_who_changed_what_is_said(
    world: World, unlike: dict[str, bool], kind: Kind
) -> None:
    """Also while a list has no item yet, or one that nobody changed: an item of ours is changed in each."""
    await world.hand.call("POST", "behaviours", json=unlike)
    found = (await examined(world))["edits of lists"]
    assert found.kind is kind
    assert (kind is Kind.WELL) or "Versioning settings" in found.remedy
