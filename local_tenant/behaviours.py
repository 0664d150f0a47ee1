"""How Microsoft 365 behaves where one would not expect it: each named, with its source, and switched one by one.

What is on by default is what the real service does, or may do. Faults on demand (busy, cut, late) are `faults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Certainty(StrEnum):
    """How sure it is."""

    MICROSOFT = "Microsoft says so"
    REPORTED = "reported by others"
    OPEN = "not known"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What happens, where that is written, and whether it happens unless somebody switches it off."""

    what: str
    source: str
    certainty: Certainty
    is_on: bool = True


INCOMING = {
    "list-delta-no-editor": Behaviour(
        what="A list's delta has createdBy and no lastModifiedBy: it does not say who changed an item.",
        source="learn.microsoft.com, listItem: delta, the examples; Microsoft Q&A 5768708 (February 2026)",
        certainty=Certainty.MICROSOFT,
    ),
    "application-beside-user": Behaviour(
        what="What this application wrote names a user beside it, 'SharePoint App', with an id nobody has. Off, "
        "it names the application alone.",
        source="learn.microsoft.com, identitySet: each of its members may stand beside the others; "
        "SharePoint/sp-dev-docs issue 1213",
        certainty=Certainty.REPORTED,
    ),
    "list-versions-off": Behaviour(
        what="The lists keep no versions: `versions` of an item has the present one alone, changed where it stands.",
        source="learn.microsoft.com, listItem: versions; support.microsoft.com, Enable and configure versioning for a "
        "list: an owner can switch it off",
        certainty=Certainty.MICROSOFT,
        is_on=False,
    ),
    "item-names-no-editor": Behaviour(
        what="An item and its versions have no lastModifiedBy; the column EditorLookupId alone says who it was.",
        source="Microsoft Q&A 5768708: what a list's delta leaves out may be left out elsewhere",
        certainty=Certainty.REPORTED,
        is_on=False,
    ),
    "date-only-is-local-midnight": Behaviour(
        what="A column of days without a time gives back midnight of the site's clock, in UTC: in summer 11pm of the "
        "day before.",
        source="SharePoint/sp-dev-docs issue 6083; pnp/pnpjs issue 1890",
        certainty=Certainty.REPORTED,
    ),
    "etags-in-two-forms": Behaviour(
        what="A list's delta writes an item's eTag with braces and capitals, the item itself without.",
        source="learn.microsoft.com, listItem: delta and Get listItem, the examples",
        certainty=Certainty.REPORTED,
    ),
    "patch-names-no-etag": Behaviour(
        what="The answer to a change of an item's fields has no @odata.etag.",
        source="learn.microsoft.com, Update listItem: the example of an answer has none",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "resync-names-no-address": Behaviour(
        what="410, where a delta's link is too old, comes without a Location. Off, it has one.",
        source="elastic/connectors issue 4370; onyx-dot-app/onyx issue 8532",
        certainty=Certainty.REPORTED,
    ),
    "resync-address-fails": Behaviour(
        what="The address that 410 gives answers 500.",
        source="OneDrive/onedrive-api-docs issue 249; elastic/connectors issue 4370",
        certainty=Certainty.REPORTED,
        is_on=False,
    ),
    "old-links-fail": Behaviour(
        what="A delta's link that is too old answers 500, however often it is asked, and never 410.",
        source="OneDrive/onedrive-api-docs issue 249; onyx-dot-app/onyx issue 8532",
        certainty=Certainty.REPORTED,
        is_on=False,
    ),
    "drive-delta-no-ctag": Behaviour(
        what="A drive's delta leaves out cTag of what was made or changed, and cTag and name of what was deleted.",
        source="learn.microsoft.com, driveItem: delta, remarks; OneDrive/onedrive-api-docs issue 763",
        certainty=Certainty.MICROSOFT,
    ),
}

LISTS = {
    "currency-column-refused": Behaviour(
        what="A column of the type currency is refused: its type could not be determined.",
        source="microsoftgraph/microsoft-graph-docs issues 1977, 3191, 8294, 17121; microsoft-graph-docs-contrib 2096",
        certainty=Certainty.REPORTED,
    ),
    "unique-needs-index-first": Behaviour(
        what="A column is made unique only where it is indexed already: both in one request are refused.",
        source="learn.microsoft.com, columnDefinition: enforceUniqueValues wants an indexed column, and no page says "
        "whether one request may set both",
        certainty=Certainty.OPEN,
    ),
    "list-view-threshold": Behaviour(
        what="A list of more than 5,000 items is not filtered or sorted by a column without an index (422 "
        "notSupported, whatever `Prefer` says), nor by one with an index where more than 5,000 items are found.",
        source="learn.microsoft.com, Living large with large lists and large libraries; "
        "microsoft-graph-docs-contrib issue 3205; docs.uipath.com, Working with SharePoint lists",
        certainty=Certainty.REPORTED,
    ),
    "index-below-20000": Behaviour(
        what="A column gets an index, or unique values, only while its list holds at most 20,000 items.",
        source="learn.microsoft.com, Living large with large lists and large libraries; silent about Graph's answer",
        certainty=Certainty.REPORTED,
    ),
    "own-items-only": Behaviour(
        what="A list whose advanced settings say 'Read items that were created by the user' shows an application its "
        "own items alone, without an error, unless it has Sites.Manage.All.",
        source="microsoftgraph/microsoft-graph-docs issue 12692; msgraph-sdk-dotnet-core issue 86",
        certainty=Certainty.REPORTED,
    ),
    "single-line-of-255": Behaviour(
        what="A text column of one line takes 255 characters, counted as UTF-16; more is refused, whoever writes it.",
        source="support.microsoft.com, List and library column types and options: single line of text",
        certainty=Certainty.MICROSOFT,
    ),
    "single-line-stays": Behaviour(
        what="A text column of one line cannot be changed to several lines: 400. Off, it can.",
        source="learn.microsoft.com, Update columnDefinition: silent; List settings can do it",
        certainty=Certainty.OPEN,
    ),
    "single-line-stays-silently": Behaviour(
        what="A change of a text column from one line to several is answered with 200, and nothing is changed.",
        source="learn.microsoft.com, Update columnDefinition: silent",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "several-lines-want-a-number": Behaviour(
        what="A column of several lines is refused unless it says how many lines are shown for editing.",
        source="microsoftgraph/microsoft-graph-docs-contrib issue 268",
        certainty=Certainty.REPORTED,
    ),
    "text-is-rich": Behaviour(
        what="A column of several lines without a textType is rich text, and gives HTML back.",
        source="learn.microsoft.com, textColumn: textType is plain or richText, and no page names the default",
        certainty=Certainty.OPEN,
    ),
}

MAIL = {
    "attachment-session-from-3-mb": Behaviour(
        what="createUploadSession for less is refused (ErrorAttachmentSizeShouldNotBeLessThanMinimumSize). Off, "
        "it is refused below 2,097,152 bytes, as others measured.",
        source="learn.microsoft.com, Attach large files to Outlook messages or events; microsoft-graph-docs issue "
        "9589 and pull 7044; msgraph-sdk-java pull 52",
        certainty=Certainty.MICROSOFT,
    ),
    "mailbox-request-of-4-mb": Behaviour(
        what="A draft or an attachment whose whole request has more than 4 MiB is refused with 413: 3,145,611 "
        "bytes of a file were the most.",
        source="msgraph-sdk-java pull 52",
        certainty=Certainty.REPORTED,
    ),
    "attachment-parts-answered-200": Behaviour(
        what="Each part but the last is answered with 200 and nextExpectedRanges without a dash, the last with "
        "201, a Location and no body.",
        source="learn.microsoft.com, Attach large files to Outlook messages or events, steps 2 and 3",
        certainty=Certainty.MICROSOFT,
    ),
    "attachment-session-without-status": Behaviour(
        what="GET on the upload address is refused: the page names no way to ask how far it came.",
        source="learn.microsoft.com, Attach large files to Outlook messages or events: silent",
        certainty=Certainty.OPEN,
    ),
    "attachment-size-counts-more": Behaviour(
        what="The size shown is more than the file's: 1,053 for 816 bytes.",
        source="microsoft-graph-docs issue 9796",
        certainty=Certainty.REPORTED,
    ),
    "message-of-35-mb": Behaviour(
        what="A message that grows beyond it is refused with ErrorMessageSizeExceeded; an administrator can set "
        "another size.",
        source="learn.microsoft.com, attachment: createUploadSession, tip; microsoft-graph-docs-contrib issue 2561",
        certainty=Certainty.MICROSOFT,
    ),
}

SENDING = {
    "30-messages-a-minute": Behaviour(
        what="What a mailbox sends beyond that leaves in the minutes that follow.",
        source="learn.microsoft.com, Exchange Online limits; Troubleshoot outbound sending limits",
        certainty=Certainty.MICROSOFT,
    ),
    "10000-recipients-a-day": Behaviour(
        what="Each recipient of each message of the last 24 hours counts; what is over it comes back.",
        source="learn.microsoft.com, Exchange Online limits; Troubleshoot outbound sending limits",
        certainty=Certainty.MICROSOFT,
    ),
    "over-quota-refused-at-once": Behaviour(
        what="Over the day's recipients, send itself is refused with ErrorSubmissionQuotaExceeded.",
        source="learn.microsoft.com, EWS ResponseCode; no page says which Graph does",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "500-recipients-a-message": Behaviour(
        what="A message to more, and an event with more attendees, is refused.",
        source="learn.microsoft.com, event resource type; Exchange Online limits (the default, 1 to 1,000 by setting)",
        certainty=Certainty.MICROSOFT,
    ),
}

MEETINGS = {
    "mailbox-without-teams": Behaviour(
        what="An event that asks for a Teams meeting is made without one: provider unknown, no link, for good.",
        source="microsoft-graph-docs issue 9741; learn.microsoft.com, calendar: allowedOnlineMeetingProviders",
        certainty=Certainty.MICROSOFT,
        is_on=False,
    ),
    "join-link-after-the-answer": Behaviour(
        what="The answer to the making of an event has no link yet; the event has it when it is read.",
        source="learn.microsoft.com, Create event: no page says when onlineMeeting is filled in",
        certainty=Certainty.OPEN,
    ),
    "join-link-minutes-later": Behaviour(
        what="The event has its link only when it is read for the fourth time.",
        source="learn.microsoft.com, Create event: no page says when onlineMeeting is filled in",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "short-join-link": Behaviour(
        what="A meeting's link is teams.microsoft.com/meet/number?p=code: it does not name the meeting's chat.",
        source="microsoft-graph-comms-samples issue 847 (December 2025); Microsoft 365 roadmap 381953",
        certainty=Certainty.REPORTED,
    ),
    "unknown-join-link-404": Behaviour(
        what="onlineMeetings filtered by a link of which there is no meeting answers 404; off, an empty list.",
        source="learn.microsoft.com, Get onlineMeeting: silent",
        certainty=Certainty.OPEN,
    ),
    "attendance-records-paged": Behaviour(
        what="A report of many people has its first records within it, and a link to the rest. Off, it has all.",
        source="learn.microsoft.com, Get meetingAttendanceReport: silent about the paging of $expand",
        certainty=Certainty.OPEN,
    ),
    "working-elsewhere-is-free": Behaviour(
        what="availabilityView counts workingElsewhere as free, 0; off, it writes 4.",
        source="learn.microsoft.com, scheduleInformation",
        certainty=Certainty.MICROSOFT,
    ),
    "schedule-without-items": Behaviour(
        what="getSchedule shows a person's availabilityView and no item.",
        source="learn.microsoft.com, scheduleInformation: scheduleItems may be empty",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
}

TEAMS = {
    "chat-by-object-id-needs-app": Behaviour(
        what="Opening a chat by somebody's object id is refused (403 BotNotInConversationRoster) unless the app is "
        "installed for them. Whoever is in a team with the bot is reached by the `29:` id of the team's roster.",
        source="learn.microsoft.com, Send proactive messages; Microsoft Q&A 1513375",
        certainty=Certainty.MICROSOFT,
    ),
    "roster-writes-object-id": Behaviour(
        what="A team's roster (pagedmembers) calls the object id `objectId`. Off, it is `aadObjectId`, as an "
        "activity has it.",
        source="learn.microsoft.com, Get Teams specific context for your bot: the example of an answer",
        certainty=Certainty.MICROSOFT,
    ),
    "chosen-channel-only-on-installation": Behaviour(
        what="The channel chosen for the bot stands in `settings.selectedChannel` of installationUpdate, and "
        "conversationUpdate comes from General. Off, conversationUpdate names it too.",
        source="learn.microsoft.com, Conversation events in your Teams bot",
        certainty=Certainty.MICROSOFT,
    ),
    "installation-names-no-team": Behaviour(
        what="installationUpdate has the team's id and not its name, which comes with conversationUpdate. Off, both "
        "have it.",
        source="learn.microsoft.com, Conversation events in your Teams bot: the examples differ between versions",
        certainty=Certainty.OPEN,
    ),
    "refresh-for-sixty-at-most": Behaviour(
        what="In a conversation of more than 60 people a card is refreshed automatically for those alone whom its "
        "`userIds` name, by `29:` id or `8:orgid:<object id>`, and for nobody where these are more than 60.",
        source="learn.microsoft.com, Work with Universal Actions for Adaptive Cards",
        certainty=Certainty.MICROSOFT,
    ),
    "message-of-100-kb": Behaviour(
        what="A message of more than 100 KB as UTF-16 is refused (413 MessageSizeTooBig); pictures in base64 are not "
        "counted.",
        source="learn.microsoft.com, Format your bot messages, March 2025",
        certainty=Certainty.MICROSOFT,
    ),
    "press-answered-within-10-s": Behaviour(
        what="A press that is not answered within 10 to 15 seconds shows 'Something went wrong', though the "
        "bot goes on.",
        source="MicrosoftDocs/msteams-docs issues 6461 and 13460, answered by Microsoft",
        certainty=Certainty.MICROSOFT,
    ),
    "old-messages-stay-as-they-are": Behaviour(
        what="A message of more than 30 days can neither be replaced by the bot nor its buttons pressed.",
        source="OfficeDev/outlook-dev-docs pull 1041 says so of Outlook's cards; no page says it of Teams",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "card-notified-by-summary": Behaviour(
        what="The notification of a card says the message's `summary`. Off, it says 'Sent a card', as a phone "
        "does that has been locked for some minutes.",
        source="MicrosoftDocs/msteams-docs issues 4390, 4405, 9135; OfficeDev/microsoft-teams-library-js issue 3054",
        certainty=Certainty.REPORTED,
    ),
}

FILES = {
    "office-files-rewritten": Behaviour(
        what="SharePoint writes its properties into .docx, .xlsx and .pptx, during the upload or seconds later: size, "
        "hash, eTag and cTag are others then. It makes no version of it.",
        source="OneDrive/onedrive-api-docs issues 935, 1395; abraunegg/onedrive issues 205, 2492, 2654, pull 1250; "
        "rclone/rclone issue 2599",
        certainty=Certainty.REPORTED,
    ),
    "office-rewrite-names-system": Behaviour(
        what="After that, the file says that the system account changed it last.",
        source="none of the reports says whom lastModifiedBy names then",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "if-match-refused-though-right": Behaviour(
        what="A write to a file with If-Match gets 412 at times, though the tag is right.",
        source="OneDrive/onedrive-api-docs issue 1716; abraunegg/onedrive issue 1393 (both of upload sessions)",
        certainty=Certainty.REPORTED,
    ),
    "put-ignores-if-match": Behaviour(
        what="A PUT of a file's content takes no notice of If-Match.",
        source="learn.microsoft.com, driveItem: put content, names no such header",
        certainty=Certainty.OPEN,
        is_on=False,
    ),
    "locked-while-open": Behaviour(
        what="A file that somebody has open, in Word or in a browser, is not replaced: 423.",
        source="microsoftgraph/microsoft-graph-docs issue 15111; microsoft-graph-explorer-v4 issue 3435; "
        "msgraph-sdk-java issue 365",
        certainty=Certainty.REPORTED,
    ),
    "check-out-demanded": Behaviour(
        what="In a library that demands check-out a new file is seen by nobody else before it is checked in.",
        source="support.microsoft.com, Set up a library to require check-out of files",
        certainty=Certainty.MICROSOFT,
        is_on=False,
    ),
    "labelled-not-replaced": Behaviour(
        what="An application alone cannot replace a file whose sensitivity label encrypts it.",
        source="learn.microsoft.com, driveItem: createUploadSession, note",
        certainty=Certainty.MICROSOFT,
    ),
    "labelled-read-encrypted": Behaviour(
        what="What an application reads of such a file is encrypted.",
        source="no page says what the content of such a file is to an application",
        certainty=Certainty.OPEN,
    ),
    "storage-full": Behaviour(
        what="The site's storage is full: nothing can be written, 507 quotaLimitReached.",
        source="learn.microsoft.com, Microsoft Graph error responses and resource types; drive: quota",
        certainty=Certainty.MICROSOFT,
        is_on=False,
    ),
    "names-refused": Behaviour(
        what="Some characters, some names and paths over 400 characters are refused.",
        source="support.microsoft.com, Restrictions and limitations in OneDrive and SharePoint",
        certainty=Certainty.MICROSOFT,
    ),
    "newest-version-by-file-alone": Behaviour(
        what="The content of a file's newest version is refused by the version's address: the file itself gives it.",
        source="OneDrive/onedrive-api-docs issue 1112, answered by Microsoft",
        certainty=Certainty.MICROSOFT,
    ),
    "library-keeps-versions": Behaviour(
        what="A library keeps the versions of its files.",
        source="learn.microsoft.com, SharePoint: versioning is on in a new library, and an owner may switch it off",
        certainty=Certainty.MICROSOFT,
    ),
}

AZURE = {
    "token-keeps-its-permissions": Behaviour(
        what="A token holds the permissions of when it was given out: what is granted later counts with the next "
        "token, which a managed identity gets after up to 24 hours.",
        source="learn.microsoft.com, Managed identity best practice recommendations; "
        "AzureAD/microsoft-authentication-library-for-java issue 848",
        certainty=Certainty.MICROSOFT,
    ),
}

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(
    {**INCOMING, **LISTS, **MAIL, **SENDING, **MEETINGS, **TEAMS, **FILES, **AZURE}
)
"""By name. docs/microsoft-facts.md has a line for each."""
