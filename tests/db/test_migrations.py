"""What migrations do to rows that are there already."""

from db.engine import DB
from db.migrations import m0008_accounts
from db.sql import SQL
from tests.helpers.people import LiveNetwork

GIVE = SQL("UPDATE credential SET email = ?2 WHERE account = ?1")
CONFIRM = SQL("INSERT INTO notice_setting (account, digest, digest_email) VALUES (?1, 1, ?2)")
FOUND = SQL("""
    SELECT c.email, s.digest_email FROM credential c JOIN notice_setting s ON s.account = c.account
    WHERE c.account = ?1
""")


async def test_addresses_get_one_spelling_and_impossible_ones_go(network: LiveNetwork) -> None:
    before = {
        "ana": ("ana@tilly.example", "ana@tilly.example", ("ana@tilly.example", "ana@tilly.example")),
        "ben": ("ben@b\u00fccher.example", "ben@b\u00fccher.example", ("ben@xn--bcher-kva.example",) * 2),
        "cleo": ("b@x.org,root", "b@x.org,root", ("", "")),
        "dan": ("dan@tilly.example", "old@tilly.example", ("dan@tilly.example", "")),
        "finn": ("finn@my_host.example.org", "", ("", "")),
        "gus": ("gus\u00e9@tilly.example", "", ("", "")),
        "eve": ("eve@" + "x" * 70 + ".example", "", ("", "")),
    }
    people = dict(zip(before, await network.members(*before), strict=True))
    for handle, (email, confirmed, _) in before.items():
        await DB.fetch(GIVE, people[handle].id, email)
        await DB.fetch(CONFIRM, people[handle].id, confirmed)
    for emptied in (4, 0):
        assert await m0008_accounts.respell() == emptied
        for handle, (_, _, after) in before.items():
            assert await DB.one(FOUND, people[handle].id) == after, handle
