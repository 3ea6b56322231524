"""A network in which every table has something, and archives as tests look at them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from app import demo
from archive import records
from db import schema
from db.engine import DB
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.sql import SQL
from db.tables.outbox import Lane
from domain.accounts import credentials, handles, login_codes, logo, network_profile, sessions
from domain.core import dead_letters
from domain.domain_migration import announcements, device_keys, pinned_keys
from domain.media.stores import STORES
from domain.moderation import (
    case_messages,
    cases,
    crisis,
    decisions,
    jury_service,
    rules,
    standing_links,
)
from domain.moderation.decisions import Decision
from domain.moderation.kinds import Party, StatementKind
from domain.moderation.reports import NamedRule
from domain.notifications import preferences, subscriptions
from domain.notifications.preferences import Preferences
from settings import Settings
from tests.helpers import duty, media_files
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import PushReceiver

COUNTS = {table: SQL(f"SELECT count(*) FROM {table}") for table in records.TABLES}
TIMELINE = SQL("SELECT viewer, entry, post, author, actor FROM timeline ORDER BY viewer, entry")
ALLOW = SQL("INSERT INTO notice_allowed (account, actor) VALUES (?1, ?2)")
# A file that somebody deleted while its store was away.
REMOVED = f"aa/{'a' * 32}.12345678"
GONE = SQL("INSERT INTO pending_removal (path, store, since) SELECT ?1, min(id), 1 FROM object_store")

KNOWN = SQL("""
    INSERT INTO known_picture (id, name, note, pdq, author, mod_case, waits)
    SELECT 79, 'watches', '', ?1, ?2, max(id), 1 FROM mod_case
""")
ARRIVED = SQL("INSERT INTO arrival (nonce, expires_at) VALUES ('once-and-never-again-0', 1)")
WAITS = SQL("""
    INSERT INTO push_delivery (id, subscription, notice, due_at)
    SELECT 77, min(id), -1, 99 FROM push_subscription
""")

# A juror has voted, and a jury has taken a decision back.
SAT = SQL("""
    INSERT INTO juror (id, jury, account, state, ends_at, vote, reason, answered_at)
    SELECT 79, min(appeal), ?1, 1, 99, 1, 'It is a joke.', 98 FROM jury
""")
TAKEN_BACK = SQL("""
    INSERT INTO jury_reversal (statement, jury)
    SELECT x.statement, j.appeal FROM jury j JOIN appeal x ON x.id = j.appeal
""")

# The brake was on for some time, and is off.
BRAKED = SQL("""
    INSERT INTO brake (id, reason, words, rests_until, version) VALUES (1, 2, 'A wave of spam.', 99, 3)
""")
# Words that wait for a second moderator.
WORDED = SQL("""
    INSERT INTO word_proposal (word_list, words, author, proposed_at) SELECT min(id), 'lout', ?1, 99 FROM word_list
""")
TOLD = SQL("INSERT INTO case_alert (mod_case, account, told_at) SELECT min(id), ?1, 99 FROM mod_case")
AUDITED = SQL("INSERT INTO jury_audit (jury, why, promoted_at) SELECT min(appeal), 'It is a joke.', 99 FROM jury")


async def town(settings: Settings) -> Member:
    """Plays the cast in the open, empty database, and leaves something in every table. Returns @ana."""
    await STORES.open("", settings.objects)
    network_profile.forget()
    credentials._at_once = asyncio.Semaphore(2)
    people = (await demo.play(settings)).people
    ana = await signed_in(settings, "ana", people["ana"].id)
    operator = await signed_in(settings, "ottilie", people["ottilie"].id)
    await logo.put(await operator.viewer(), operator.processor, media_files.encoded(), 3)
    await subscriptions.subscribe(await ana.viewer(), PushReceiver("https://push.example/ana").offer())
    await subscriptions.enter(await ana.viewer(), PushReceiver("https://push.example/hand").offer())
    await preferences.save(await ana.viewer(), Preferences(kinds={"vote": 1}, zone="Europe/Paris"))
    await credentials.make_reset(people["bao"].id)
    await handles.reserve("gone")
    await login_codes.make(await ana.viewer())
    await standing_links.make(await ana.viewer(), 7)
    await DB.fetch(ALLOW, ana.id, people["gaston"].id)
    await DB.fetch(GONE, REMOVED)
    await ana.delete(await ana.show("It was here."), 0)
    await LiveNetwork(settings).settle()
    await announcements.announce("https://tilly.example", "https://new.example")
    await device_keys.register(await ana.viewer(), (await pinned_keys.public()).p256)
    await DB.fetch(ARRIVED)
    await DB.fetch(WORDED, people["simone"].id)
    await DB.fetch(KNOWN, "5a" * 32, people["simone"].id)
    await outbox.add(NewEvent(78, "LinkPreviewRequested", "{}", dead_letters.NEVER, Lane.LEASED))
    await dead_letters.drop_all("LinkPreviewRequested", "It is too old.", by=ana.id)
    # What has happened and nobody has worked on yet: an event, and a push.
    await DB.fetch(WAITS)
    await write_about_a_case(await signed_in(settings, "simone", people["simone"].id))
    await jury_service.opt_in(await ana.viewer())
    await DB.fetch(SAT, ana.id)
    await DB.fetch(TAKEN_BACK)
    await DB.fetch(AUDITED)
    await propose(await signed_in(settings, "simone", people["simone"].id))
    await care_for(await signed_in(settings, "simone", people["simone"].id))
    await DB.fetch(BRAKED)
    await ana.post("The last thing before the move.")
    return ana


async def write_about_a_case(moderator: Member) -> None:
    """Leaves a message to those who reported what is urgent."""
    viewer = await moderator.viewer()
    (case, *_) = (await cases.queue(viewer)).cases
    await case_messages.write(viewer, case.id, Party.REPORTER, "Is it about the same thing?")
    await cases.release(viewer, case.id)


async def propose(moderator: Member) -> None:
    """Leaves a suspension for good that another moderator has to agree to."""
    viewer = await moderator.viewer()
    case = await cases.claim_next(viewer)
    assert case is not None
    rule, seen = NamedRule((await rules.current()).version, 6), await cases.read(viewer, case)
    decision = Decision(
        StatementKind.WARNING, seen.version, rule, "It is meant.", sanction=StatementKind.PERMANENT_SUSPENSION
    )
    await decisions.decide(viewer, case, decision)


async def care_for(moderator: Member) -> None:
    """Leaves what a moderator has chosen, an urgent case that was pushed to them, and a crisis that they propose."""
    viewer = await moderator.viewer()
    await duty.choose(moderator, cases=5, minutes=60)
    await DB.fetch(TOLD, moderator.id)
    await crisis.propose(viewer, "There are threats after the vote.", 24)


async def signed_in(settings: Settings, handle: str, account: int) -> Member:
    return Member(account, handle, await sessions.start(account, "tests"), settings)


async def counts() -> dict[str, int]:
    return {table: int(await DB.value(asked)) for table, asked in COUNTS.items()}


async def opened(url: str) -> None:
    await DB.open(url)
    await schema.migrate()


def whole(path: Path) -> dict[str, list[Any]]:
    """Every row of an archive, as SQLite keeps it."""
    return {table: rows(path, f"SELECT * FROM {table}") for table in records.TABLES}


def rows(path: Path, query: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(query, values).fetchall()
        connection.commit()
        return found
