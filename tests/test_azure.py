"""The template for Azure and the script beside it: names Azure takes, and the permissions that are listed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_sync.doctor import GRANT_SCRIPT, examine
from graph_sync.permissions import permissions
from service.doctor import patient_of
from tests.conftest import World
from tests.test_conventions import ROOT

BICEP = (ROOT / "manifests" / "infra" / "main.bicep").read_text("utf-8")
UNIQUE = "a1b2c3d4e5f6g"
"""As long as `uniqueString` makes it."""

RULES = {
    "Microsoft.ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}",
    "Microsoft.OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "Microsoft.KeyVault/vaults": r"(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])*",
    "Microsoft.Network/virtualNetworks": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]",
    "Microsoft.Network/privateDnsZones": r"(?=.{1,63}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+",
    "Microsoft.DBforPostgreSQL/flexibleServers": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "Microsoft.App/managedEnvironments": r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
    "Microsoft.App/containerApps": r"[a-z][a-z0-9-]{0,30}[a-z0-9]",
    "Microsoft.BotService/botServices": r"[A-Za-z0-9][A-Za-z0-9_.-]{1,63}",
}
"""learn.microsoft.com, 'Naming rules and restrictions for Azure resources'; the zone's as a name in DNS."""

RESOURCE = re.compile(r"^resource \w+ '([\w./]+)@[^']+' = \{\n(?:  parent: .*\n)?  name: '([^'\n]+)'", re.M)


def names_for(name: str) -> dict[str, set[str]]:
    """What each kind of resource is called where the template is given this name."""
    prefix = re.search(r"var vaultPrefix = take\(replace\(name, '-', ''\), (\d+)\)", BICEP)
    short = name.replace("-", "")[: int(prefix[1])] if prefix else name
    known = {"name": name, "vaultPrefix": short, "uniqueString(resourceGroup().id)": UNIQUE}
    found: dict[str, set[str]] = {}
    for kind, written in RESOURCE.findall(BICEP):
        made = re.sub(r"\$\{([^}]+)\}", lambda m: known[m[1]], written)
        found.setdefault(kind, set()).add(made)
    return found


@given(st.from_regex(r"[a-z][a-z0-9-]{2,11}", fullmatch=True).filter(lambda n: "--" not in n and n[-1] != "-"))
def test_azure_takes_each_name_whatever_the_template_is_called(name: str) -> None:
    made = {k: v for k, v in names_for(name).items() if k in RULES}
    assert {k for k in RULES if k not in made} == set()
    assert [(k, n) for k, names in made.items() for n in names if not re.fullmatch(RULES[k], n)] == []


def test_the_template_names_how_long_a_name_may_be() -> None:
    limits = re.search(r"@minLength\((\d+)\)\n@maxLength\((\d+)\)\nparam name", BICEP)
    assert limits is not None
    assert limits.groups() == ("3", "12")


def test_the_script_gives_a_managed_identity_what_is_not_given_in_exchange() -> None:
    script = (ROOT / GRANT_SCRIPT).read_text("utf-8")
    listed = re.search(r"\$permissions = @\((.*?)\)", script, re.S)
    assert listed is not None
    assert re.findall(r'"([\w.]+)"', listed[1]) == [p.name for p in permissions() if not p.is_of_exchange]
    page = (ROOT / "manifests" / "permissions.md").read_text("utf-8")
    assert [p.name for p in permissions() if p.is_of_exchange and f"Application {p.name}" not in page] == []


@pytest.mark.parametrize("name", [p.name for p in permissions()])
async def test_a_managed_identity_is_told_of_the_script_and_of_its_token(world: World, name: str) -> None:
    """What is granted after the token was given out counts with the next one."""
    every = [p.name for p in permissions()]
    await world.hand.call("POST", "permissions", json={"granted": [n for n in every if n != name]})
    patient = replace(await world.desk.run("test", patient_of, world.office.settings), is_managed=True)

    async def remedy() -> str:
        return {f.about: f async for f in examine(world.office.graph, patient)}[name].remedy

    said = await remedy()
    assert "keeps a managed identity's token for up to 24 hours" in said
    assert (GRANT_SCRIPT in said) is not any(p.is_of_exchange for p in permissions() if p.name == name)
    await world.hand.call("POST", "permissions", json={"granted": every, "tokens_stay": True})
    assert await remedy() == said
    await world.hand.call("POST", "tokens/expire")
    assert await remedy() == ""
