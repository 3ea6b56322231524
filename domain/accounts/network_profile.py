"""The network itself: its founding, its name, its terms."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from piccolo.columns import Column

from db.engine import DB
from db.queries import accounts as queries
from db.queries.accounts import NetworkSize
from db.tables.accounts import Network, Terms
from db.tables.moderation import Rulebook
from domain.accounts import emails, logo, network_icons, signup
from domain.accounts.logo import Drawing
from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Role, Viewer
from domain.core.errors import Conflict, Invalid, Refused, collect

MAX_NAME, MAX_DESCRIPTION, MAX_CONTACT, MAX_TERMS = 40, 500, 200, 20_000
# How long a process may show a name or a colour that an operator has just changed, in milliseconds.
FRESH = 2000


class NetworkInfo(msgspec.Struct, frozen=True):
    """What everybody may know of a network; ``founded`` is False before the first-run set-up.

    ``rules_version`` is 0 while no rules are published. ``logo`` names the set of icons that its logo gave, "" without
    one; ``link_previews``: links in posts get previews.
    """

    name: str = "Parvis"
    description: str = ""
    contact: str = ""
    hue: int = 11
    founded: bool = False
    terms_version: int = 0
    logo: str = ""
    link_previews: bool = True
    rules_version: int = 0

    @property
    def icons(self) -> str:
        """What the addresses of the icons have in their names: it changes when the icons do."""
        return self.logo or f"arch{network_icons.DRAWING}-{self.hue}"


class Edition(msgspec.Struct, frozen=True):
    """One version of the terms; ``published_at`` in Unix milliseconds."""

    version: int
    text: str
    published_at: int


_about = NetworkInfo()
_read_at = 0


async def about() -> NetworkInfo:
    """The network as it stands, from memory for a moment at a time."""
    global _about, _read_at
    now = clock.now()
    if now - _read_at > FRESH or not _about.founded:
        rows = await Network.select()
        version = await Terms.select(Terms.version).order_by(Terms.version, ascending=False).first()
        row = rows[0] if rows else None
        terms = version["version"] if version else 0
        rules = await Rulebook.select(Rulebook.version).order_by(Rulebook.version, ascending=False).first()
        rulebook = rules["version"] if rules else 0
        _about = _read(row, terms, rulebook, await logo.version()) if row else NetworkInfo()
        _read_at = now
    return _about


def known() -> NetworkInfo:
    """The network as it was last read, without asking the database."""
    return _about


def _read(row: Mapping[str, Any], terms: int, rules: int, drawn: str) -> NetworkInfo:
    return NetworkInfo(
        row["name"], row["description"], row["contact"], row["hue"], True, terms, drawn,
        link_previews=bool(row["link_previews"]), rules_version=rules,
    )  # fmt: skip


def forget() -> None:
    """Reads afresh next time."""
    global _read_at
    _read_at = 0


async def found(about: NetworkInfo, person: signup.NewMember, terms: str) -> int:
    """Names the network and makes its first account, the operator's. Returns the account's id.

    Errors: ``Conflict`` once it is founded, ``Invalid``.
    """
    _check_sizes(about)
    about = _clean(about)
    problems = _problems(about) | signup.problems(person)
    collect(**problems)
    now = clock.now()
    password_hash = await signup.hashed(person)
    async with DB.writing():
        if await Network.exists():
            raise Conflict("This network has been set up already.")
        await Network.insert(Network(_fields(about) | {Network.id: 1, Network.created_at: now}))
        await Terms.insert(Terms(version=1, text=text_parsing.clean(terms), published_at=now))
        accepted = signup.AcceptedVersions(terms=1)
        account = await signup.write(ids.new(now), person, password_hash, accepted, Role.OPERATOR)
    forget()
    return account


async def edit(viewer: Viewer, about: NetworkInfo, terms: str, drawing: Drawing) -> None:
    """Renames the network; other terms become a new version, another colour draws the logo's icons anew.

    Errors: ``Forbidden``, ``Invalid``; ``TooMany`` and ``ServiceUnavailable`` of ``drawing``. Nothing has changed then.
    """
    access.require(permissions.may_edit_network(viewer))
    _check_sizes(about, terms)
    about, terms = _clean(about), text_parsing.clean(terms)
    collect(**_problems(about), terms=text_parsing.too_long(terms, MAX_TERMS) if terms else Invalid("Write the terms."))
    before = await Network.select(Network.hue).first()
    recoloured = before is not None and before["hue"] != about.hue
    icons = await logo.recoloured(viewer, drawing, about.hue) if recoloured else {}
    async with DB.writing():
        await Network.update(cast("dict[Column | str, Any]", _fields(about))).where(Network.id == 1)
        current = await latest_terms()
        if current.text != terms:
            await Terms.insert(Terms(version=current.version + 1, text=terms, published_at=clock.now()))
        if icons:
            await logo.store(icons)
    forget()


async def set_logo(viewer: Viewer, body: bytes, drawing: Drawing) -> None:
    """Takes a picture as the logo that the icons are made from.

    Errors: ``Forbidden``, ``Invalid``; ``TooMany`` and ``ServiceUnavailable`` of ``drawing``.
    """
    await logo.put(viewer, drawing, body, (await about()).hue)
    forget()


async def remove_logo(viewer: Viewer) -> None:
    """Back to the arch in the network's colour. Errors: ``Forbidden``."""
    await logo.remove(viewer)
    forget()


async def latest_terms() -> Edition:
    row = await Terms.select().order_by(Terms.version, ascending=False).first()
    return Edition(**row) if row else Edition(0, "", 0)


async def size() -> NetworkSize:
    """How many accounts and posts there are."""
    return await queries.network_size()


def _check_sizes(about: NetworkInfo, terms: str = "") -> None:
    text_parsing.check_sizes(
        network_name=(about.name, MAX_NAME),
        description=(about.description, MAX_DESCRIPTION),
        contact=(about.contact, MAX_CONTACT),
        terms=(terms, MAX_TERMS),
    )


def _clean(about: NetworkInfo) -> NetworkInfo:
    return msgspec.structs.replace(
        about,
        name=text_parsing.line(about.name),
        description=text_parsing.clean(about.description),
        contact=text_parsing.line(about.contact),
    )


def _fields(about: NetworkInfo) -> dict[Column, Any]:
    return {
        Network.name: about.name,
        Network.description: about.description,
        Network.contact: about.contact,
        Network.hue: about.hue,
        Network.link_previews: int(about.link_previews),
    }


def _problems(about: NetworkInfo) -> dict[str, Refused | None]:
    return {
        "network_name": text_parsing.too_long(about.name, MAX_NAME) if about.name else Invalid("Name the network."),
        "description": text_parsing.too_long(about.description, MAX_DESCRIPTION),
        "contact": text_parsing.too_long(about.contact, MAX_CONTACT) or emails.problem(about.contact),
        "network_hue": None if 0 <= about.hue < 24 else Invalid("Choose one of the colours."),
    }
