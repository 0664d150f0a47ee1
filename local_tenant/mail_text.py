"""An email's HTML as plain text: the part a mail server writes beside it for readers without HTML."""

from __future__ import annotations

from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "section", "ul", "ol", "table", "blockquote", "h1", "h2", "h3"})
_CELLS = frozenset({"td", "th"})


def text_of(html: str) -> str:
    """Paragraphs with a blank line between, list items and table rows a line each, a link's address after its words."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [""]
        self._link = ""
        self._has_cells = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break(blank=True)
        elif tag == "li":
            self._break()
            self._lines[-1] = "* "
        elif tag == "tr":
            self._break()
            self._has_cells = False
        elif tag == "br":
            self._lines.append("")
        elif tag in _CELLS:
            self._lines[-1] += " | " if self._has_cells else ""
            self._has_cells = True
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break(blank=True)
        elif tag == "a" and self._link:
            self._lines[-1] += f": {self._link}"
            self._link = ""

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            self._lines[-1] += " " if data and self._lines[-1] and not self._lines[-1].endswith(" ") else ""
            return
        before = " " if data[0].isspace() and self._lines[-1] and not self._lines[-1].endswith(" ") else ""
        self._lines[-1] += before + words + (" " if data[-1].isspace() else "")

    def _break(self, *, blank: bool = False) -> None:
        if self._lines[-1].strip():
            self._lines.append("")
        if blank and len(self._lines) > 1 and self._lines[-2].strip():
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines).strip() + "\n"
