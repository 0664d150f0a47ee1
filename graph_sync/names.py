"""Names SharePoint takes for libraries and files, out of names of communities and schools that may hold anything.

Microsoft: 'Restrictions and limitations in OneDrive and SharePoint' (support.microsoft.com).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

REFUSED = re.compile(r'["*:<>?/\\|\x00-\x1f\x7f]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|\.lock|desktop\.ini|forms)", re.IGNORECASE)
"""`forms` only as a folder right in a library; our files have no use for it either."""

LIBRARY_CHARACTERS, FILE_CHARACTERS, PATH_CHARACTERS = 80, 140, 400
"""A choice, the first two: a site's address, a library, a folder and a file, a new version's included, together stay
below the 400 characters a whole path may have.
"""


def library_name(community: str) -> str:
    """The library of a community. Two names that differ in refused characters only are the same here."""
    return _cut(_allowed(community), LIBRARY_CHARACTERS, community)


def file_path(path: str) -> str:
    """A path below a library, whose folders are ours: what follows the first `/` is one file's name."""
    folder, slash, name = path.partition("/")
    if not slash:
        folder, name = "", path
    stem, suffix = PurePosixPath(name.replace("/", "-")).stem, PurePosixPath(name.replace("/", "-")).suffix
    return f"{folder}{slash}{_cut(_allowed(stem), FILE_CHARACTERS - len(suffix), stem)}{suffix}"


def _allowed(name: str) -> str:
    plain = REFUSED.sub("-", name).strip(" ").rstrip(". ")
    plain = re.sub("_vti_", "-vti-", plain, flags=re.IGNORECASE)
    plain = re.sub(r"^~\$", "-", plain)
    return f"{plain}-" if not plain or RESERVED.fullmatch(plain) else plain


def _cut(name: str, most: int, whole: str) -> str:
    """Cut where it is too long, with a few signs that tell two long names apart."""
    if len(name) <= most:
        return name
    return f"{name[: most - 7].rstrip('. ')} {hashlib.sha256(whole.encode()).hexdigest()[:6]}"
