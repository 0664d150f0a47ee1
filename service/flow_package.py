"""The Power Automate flow of manifests/flows as a package to import: a form's response becomes a list item.

The package is the one Power Automate exports and imports itself ('Import package (legacy)').
"""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from casework.errors import InputRefused
from communities.requests import KeyStage, Support

Json = dict[str, Any]
FLOW = "request-for-support"
NAMESPACE = uuid.UUID("b3a0bb52-6c7b-4a56-8a5f-3f0b6f2f7c11")
NUMBERS: Mapping[str, str] = {"1": "sen_support", "2": "ehcp", "3": "looked_after", "4": "requested_pence"}
"""What the test response answers where the form wants a number."""

_ID = re.compile(r"r[0-9a-f]{8,}")


def load_flow() -> Json:
    """The flow as manifests/flows holds it, with places for the form, the site, the list and the questions."""
    raw: Json = json.loads((files("manifests") / "flows" / f"{FLOW}.json").read_text("utf-8"))
    return raw


def questions() -> list[str]:
    """The fields whose questions the flow has to know, in the form's order."""
    return list(load_flow()["definition"]["actions"]["Question_ids"]["inputs"])


def read_question_ids(body: Mapping[str, Any], communities: Sequence[str], schools: Sequence[str]) -> dict[str, str]:
    """Which question holds which field, out of the test response's answers (`Get response details`, its body).

    Text answers are the field's own name, numbers 1 to 4, choices as the form offers them.
    Raises `InputRefused` naming every field no answer stands for.
    """
    whole = body.get("body") if isinstance(body.get("body"), dict) else body
    assert whole is not None
    found = {}
    for key, answer in whole.items():
        field = _field_of(str(answer or "").strip(), communities, schools) if _ID.fullmatch(key) else None
        if field:
            found[field] = key
    if missing := [f for f in questions() if f not in found]:
        raise InputRefused(
            *(
                f"No answer of the test response stands for '{f}': answer that question as the steps say."
                for f in missing
            )
        )
    return found


def _field_of(answer: str, communities: Sequence[str], schools: Sequence[str]) -> str | None:
    if answer in questions():
        return answer
    if answer in NUMBERS:
        return NUMBERS[answer]
    chosen = {c.casefold() for c in _chosen(answer)}
    for field, options in (
        ("support", [s.value for s in Support]), ("key_stages", [k.value for k in KeyStage]),
        ("community", communities), ("school", schools),
    ):  # fmt: skip
        if chosen & {o.casefold() for o in options}:
            return field
    return None


def _chosen(answer: str) -> list[str]:
    try:
        read = json.loads(answer) if answer.startswith("[") else answer
    except ValueError:
        read = answer
    return [str(a) for a in read] if isinstance(read, list) else [str(read)]


def filled(flow: Json, form_id: str, site_url: str, list_id: str, ids: Mapping[str, str]) -> Json:
    """The definition for one form, site and list; a question that is not known keeps its place to be filled in."""
    text = json.dumps(flow["definition"])
    for place, value in (("FORM_ID", form_id), ("SITE_URL", site_url), ("LIST_ID", list_id)):
        text = text.replace(f'"{place}"', json.dumps(value))
    definition: Json = json.loads(text)
    places = definition["actions"]["Question_ids"]["inputs"]
    places.update({field: ids[field] for field in places if field in ids})
    return definition


def package(flow: Json, definition: Json, made_at: datetime) -> bytes:
    """The zip to import. The same flow for the same form has the same ids."""
    seed = json.dumps(definition, sort_keys=True)
    flow_id = str(uuid.uuid5(NAMESPACE, seed))
    apis = {name: str(uuid.uuid5(NAMESPACE, f"{seed} api {name}")) for name in flow["connectors"]}
    connections = {name: str(uuid.uuid5(NAMESPACE, f"{seed} connection {name}")) for name in flow["connectors"]}
    name = flow["displayName"]
    manifest = {
        "schema": "1.0",
        "details": {
            "displayName": name, "description": "", "createdTime": f"{made_at:%Y-%m-%dT%H:%M:%S}.0000000Z",
            "packageTelemetryId": str(uuid.uuid5(NAMESPACE, f"{seed} telemetry")), "creator": "N/A",
            "sourceEnvironment": "",
        },
        "resources": _resources(flow, flow_id, apis, connections),
    }  # fmt: skip
    properties = {
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_logicflows",
        "displayName": name,
        "definition": definition,
        "connectionReferences": {
            api: {"connectionName": api, "source": "Invoker", "id": f"/providers/Microsoft.PowerApps/apis/{api}"}
            for api in flow["connectors"]
        },
        "flowFailureAlertSubscribed": True,
    }
    whole = {"name": flow_id, "id": f"/providers/Microsoft.Flow/flows/{flow_id}", "type": "Microsoft.Flow/flows",
             "properties": properties}  # fmt: skip
    folder = f"Microsoft.Flow/flows/{flow_id}"
    assets = {"packageSchemaVersion": "1.0", "flowAssets": {"assetPaths": [flow_id]}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in (
            ("manifest.json", manifest), ("Microsoft.Flow/flows/manifest.json", assets),
            (f"{folder}/definition.json", whole), (f"{folder}/apisMap.json", apis),
            (f"{folder}/connectionsMap.json", connections),
        ):  # fmt: skip
            entry = zipfile.ZipInfo(path, made_at.timetuple()[:6])
            file.writestr(entry, json.dumps(content, indent=2), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _resources(flow: Json, flow_id: str, apis: Mapping[str, str], connections: Mapping[str, str]) -> Json:
    resources: Json = {
        flow_id: {
            "type": "Microsoft.Flow/flows", "suggestedCreationType": "New", "creationType": "Existing, New, Update",
            "details": {"displayName": flow["displayName"]}, "configurableBy": "User", "hierarchy": "Root",
            "dependsOn": [*apis.values(), *connections.values()],
        }
    }  # fmt: skip
    for api, title in flow["connectors"].items():
        resources[apis[api]] = {
            "id": f"/providers/Microsoft.PowerApps/apis/{api}", "name": api, "type": "Microsoft.PowerApps/apis",
            "suggestedCreationType": "Existing", "details": {"displayName": title}, "configurableBy": "System",
            "hierarchy": "Child", "dependsOn": [],
        }  # fmt: skip
        resources[connections[api]] = {
            "type": "Microsoft.PowerApps/apis/connections", "suggestedCreationType": "Existing",
            "creationType": "Existing", "details": {"displayName": title}, "configurableBy": "User",
            "hierarchy": "Child", "dependsOn": [apis[api]],
        }  # fmt: skip
    return resources
