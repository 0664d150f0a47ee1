"""The tab's addresses. Everything is rendered here; only the sign-in in Teams needs a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bot.asking import UNKNOWN_PERSON
from bot.tab.headings_page import confirm_on_page, headings_page
from bot.tab.pages import Page, pages_of
from bot.tab.request_page import request_page
from bot.tab.sign_in import SESSION_HOURS, SignIn
from bot.tab.stuck_page import act_on_stuck, stuck_page
from bot.tab.surgery_page import act, surgery_page
from bot.tab.views import community_page, desk_page
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed, TryLater
from casework.letters import spoken_moment

COOKIE, THEME_COOKIE = "cos_tab", "cos_theme"
THEMES = ("default", "dark", "contrast")
TEAMS = (
    "https://teams.microsoft.com https://*.teams.microsoft.com https://teams.cloud.microsoft "
    "https://*.cloud.microsoft https://*.office.com https://*.microsoft365.com"
)
"""Where the tab may be shown (Microsoft, 'Create a tab': hosts of Teams and Microsoft 365)."""

TEAMS_JS = "https://res.cdn.office.net"
TOKEN_BYTES = 16 * 1024
FORM_BYTES = 16 * 1024


Act = Callable[[Work, str, Mapping[str, str]], str]
"""(work, the person's mail, a form) to what was done."""

View = Callable[..., Any]
"""(work, the person's mail, what the address names) to what the page shows."""


@dataclass(frozen=True, kw_only=True)
class LocalPersona:
    """Somebody to be, in local mode."""

    name: str
    object_id: str
    what: str


class Tab:
    """The pages for one desk; without a `sign_in` by Teams one chooses a persona, in local mode alone."""

    def __init__(
        self, desk: Desk, sign_in: SignIn, *, is_local: bool, personas: Callable[[Work], Sequence[LocalPersona]]
    ) -> None:
        self._desk, self._sign_in, self._is_local, self._personas = desk, sign_in, is_local, personas
        self._pages = Environment(
            loader=PackageLoader("bot.tab"), autoescape=select_autoescape(), undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._pages.filters |= {"moment": spoken_moment, "begun": lambda text: text[:1].upper() + text[1:]}

    def add_to(self, app: web.Application) -> None:
        """Register the addresses."""
        app.router.add_get("/tab", self.community)
        app.router.add_get("/tab/desk", self.clerks_desk)
        app.router.add_get("/tab/request/{request_id}", self.request)
        app.router.add_get("/tab/surgeries", self.surgeries)
        app.router.add_post("/tab/surgeries", self.surgery_form)
        app.router.add_get("/tab/stuck", self.stuck)
        app.router.add_post("/tab/stuck", self.stuck_form)
        app.router.add_get("/tab/headings", self.headings)
        app.router.add_post("/tab/headings", self.headings_form)
        app.router.add_get("/tab/style.css", self.style)
        app.router.add_get("/tab/sign-in.js", self.script)
        app.router.add_post("/tab/sign-in", self.sign_in)
        app.router.add_get("/privacy", self.privacy)
        app.router.add_get("/terms", self.terms)

    async def community(self, request: web.Request) -> web.Response:
        """My community at a glance; who is in none begins with the first page that is theirs."""
        name = request.query.get("community", "")[:80]
        pages = await self._desk.look(_pages_of, self._person(request))
        if pages and not name and pages[0].path != request.path:
            raise web.HTTPSeeOther(f"{pages[0].path}?{request.query_string}")
        return await self._show(request, "community.html", community_page, name)

    async def clerks_desk(self, request: web.Request) -> web.Response:
        """What is due over all communities."""
        return await self._show(request, "desk.html", desk_page)

    async def request(self, request: web.Request) -> web.Response:
        """A request's timeline."""
        return await self._show(request, "request.html", request_page, request.match_info["request_id"][:40])

    async def surgeries(self, request: web.Request) -> web.Response:
        """The coming surgeries, and one's own bookings."""
        key, done = self._sign_in.form_key(request.cookies.get(COOKIE, "")), request.query.get("done", "")
        return await self._show(request, "surgeries.html", surgery_page, key, done)

    async def surgery_form(self, request: web.Request) -> web.Response:
        """Book, move, give back: done in one transaction, or said on the page why not."""
        return await self._done(request, "/tab/surgeries", act, "surgeries.html", surgery_page)

    async def stuck(self, request: web.Request) -> web.Response:
        """What is stuck, for administrators."""
        key, done = self._sign_in.form_key(request.cookies.get(COOKIE, "")), request.query.get("done", "")
        return await self._show(request, "stuck.html", stuck_page, key, done)

    async def stuck_form(self, request: web.Request) -> web.Response:
        """Try again, or drop."""
        return await self._done(request, "/tab/stuck", act_on_stuck, "stuck.html", stuck_page)

    async def headings(self, request: web.Request) -> web.Response:
        """Which heading of a form is which question, for clerks and administrators."""
        key, done = self._sign_in.form_key(request.cookies.get(COOKIE, "")), request.query.get("done", "")
        return await self._show(request, "headings.html", headings_page, key, done)

    async def headings_form(self, request: web.Request) -> web.Response:
        """Confirm a heading."""
        return await self._done(request, "/tab/headings", confirm_on_page, "headings.html", headings_page)

    async def _done(self, request: web.Request, path: str, act: Act, template: str, view: View) -> web.Response:
        """What a page's form asks for: done, and the page shown anew; or the page with the reason why not."""
        session = request.cookies.get(COOKIE, "")
        if (request.content_length or FORM_BYTES + 1) > FORM_BYTES:
            return self._said(request, 413, "That is too long", "A form of this page is shorter.")
        person = self._sign_in.person_of(session, self._desk.clock.now())
        if person is None:
            return await self._ask_who(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._sign_in.is_form_key(session, form.get("key", "")):
            return self._said(request, 403, "That was not sent from this page", "Load the page again and send it anew.")
        try:
            done = await self._desk.run(SYSTEM, _act, person, act, form)
        except (InputRefused, NotAllowed, AlreadyDone) as error:
            key = self._sign_in.form_key(session)
            return await self._show(request, template, view, key, "", str(error), form)
        raise web.HTTPSeeOther(f"{path}?done={done}")

    async def _show(self, request: web.Request, template: str, view: View, *args: Any) -> web.Response:
        """The page for whoever is signed in; who is not signs in first."""
        person = self._person(request)
        if not person:
            return await self._ask_who(request)
        try:
            html = await self._desk.run(SYSTEM, self._page, request, template, person, view, args)
        except (NotAllowed, InputRefused, AlreadyDone) as error:
            pages = await self._desk.look(_pages_of, person)
            if isinstance(error, NotAllowed):
                return self._said(request, 403, "This page is not for you", str(error), pages)
            return self._said(request, 404, "That was not found", str(error), pages)
        return self._answer(request, html)

    def _person(self, request: web.Request) -> str:
        return self._sign_in.person_of(request.cookies.get(COOKIE, ""), self._desk.clock.now()) or ""

    def _page(
        self,
        work: Work,
        request: web.Request,
        template: str,
        person: str,
        view: View,
        args: tuple[Any, ...],
    ) -> str:
        mail = mail_of(work, person)
        if mail is None:
            raise NotAllowed(UNKNOWN_PERSON)
        page = view(work, mail, *args)
        return self._render(request, template, page=page, now=work.now, pages=pages_of(work, mail))

    def _render(self, request: web.Request, template: str, **more: Any) -> str:
        shown = _theme(request.query) or _theme(request.cookies) or "system"
        return self._pages.get_template(template).render(theme=shown, is_local=self._is_local, **{"pages": (), **more})

    def _said(
        self, request: web.Request, status: int, title: str, sentence: str, pages: Sequence[Page] = ()
    ) -> web.Response:
        html = self._render(request, "said.html", title=title, sentence=sentence, pages=pages)
        return self._answer(request, html, status)

    async def _ask_who(self, request: web.Request) -> web.Response:
        personas = await self._desk.run(SYSTEM, self._personas) if self._is_local else ()
        html = self._render(request, "sign_in.html", personas=personas, back=request.path_qs)
        return self._answer(request, html, 401 if not self._is_local else 200, script=not self._is_local)

    async def sign_in(self, request: web.Request) -> web.Response:
        """Entra ID's token for a session of our own; in local mode the chosen persona."""
        length = request.content_length
        if length is None or length > TOKEN_BYTES:
            return self._said(request, 413, "That is too long", "A sign-in is shorter.")
        form = await request.post()
        now = self._desk.clock.now()
        try:
            person = str(form.get("persona", "")) if self._is_local else await self._sign_in.object_id(
                str(form.get("token", "")), now
            )  # fmt: skip
        except NotAllowed as error:
            return self._said(request, 403, "You are not signed in", str(error))
        except TryLater as error:
            return self._said(request, 503, "Sign-in is away for a moment", str(error))
        back = str(form.get("back", ""))
        answer = web.HTTPSeeOther(back if back.startswith("/tab") and "//" not in back else "/tab")
        self._keep(answer, COOKIE, self._sign_in.session_for(person, now))
        raise answer

    def _keep(self, answer: web.StreamResponse, name: str, value: str) -> None:
        """Set a cookie for the tab alone.

        Teams shows the tab in a frame of another site: browsers keep such a cookie only where it is partitioned, an
        attribute that http.cookies knows from Python 3.14 on.
        """
        framed = "SameSite=Lax" if self._is_local else "Secure; SameSite=None; Partitioned"
        kept = f"{name}={value}; Max-Age={SESSION_HOURS * 3600}; Path=/tab; HttpOnly; {framed}"
        answer.headers.add("Set-Cookie", kept)

    def _answer(self, request: web.Request, html: str, status: int = 200, *, script: bool = False) -> web.Response:
        scripts = f"script-src 'self' {TEAMS_JS}; connect-src 'self'; " if script else ""
        policy = (
            f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; {scripts}"
            f"frame-ancestors 'self' {TEAMS}"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", **_safe()}
        answer = web.Response(text=html, status=status, content_type="text/html", headers=headers)
        if theme := _theme(request.query):  # Teams says it with the tab's own address alone
            self._keep(answer, THEME_COOKIE, theme)
        return answer

    async def style(self, request: web.Request) -> web.Response:
        """The one stylesheet."""
        return _asset("style.css", "text/css")

    async def script(self, request: web.Request) -> web.Response:
        """The one script: it asks Teams who is looking."""
        return _asset("sign-in.js", "text/javascript")

    async def privacy(self, request: web.Request) -> web.Response:
        """Where data goes, in short: what Teams' app page links to."""
        return self._answer(request, self._render(request, "privacy.html"))

    async def terms(self, request: web.Request) -> web.Response:
        """On what terms."""
        return self._answer(request, self._render(request, "terms.html"))


def _pages_of(work: Work, person: str) -> Sequence[Page]:
    mail = mail_of(work, person)
    return pages_of(work, mail) if mail else ()


def _act(work: Work, person: str, act: Act, form: Mapping[str, str]) -> str:
    mail = mail_of(work, person)
    if mail is None:
        raise NotAllowed(UNKNOWN_PERSON)
    return act(work, mail, form)


def _asset(name: str, kind: str) -> web.Response:
    text = (files("bot.tab") / "templates" / name).read_text("utf-8")
    return web.Response(text=text, content_type=kind, headers={"Cache-Control": "max-age=3600", **_safe()})


def _theme(given: Mapping[str, str]) -> str:
    """Teams' theme as its address or its cookie says it; '' for none we know."""
    theme = given.get("theme") or given.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def _safe() -> dict[str, str]:
    return {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
