"""Nothing reads posts or people for somebody to see without the conditions of db/queries/visibility.py."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db import queries
from db.queries import notifications, posts, visibility
from db.sql import SQL
from tests.test_conventions import ROOT, offenders, sources

# A table and its alias, or the table's own name where it has none.
READ = re.compile(
    r"(?<!DELETE )\b(?:FROM|JOIN) (?:\w+ \w+, )*(post|account|repost|notice)\b"
    r"(?: (?:AS )?(?!(?:CROSS|FOR|GROUP|JOIN|LEFT|LIMIT|ON|ORDER|SET|UNION|USING|WHERE)\b)(\w+))?"
)
WRITE = re.compile(r"(?:WITH .*\) )?(INSERT|UPDATE|DELETE)\b")
LOCK = re.compile(r"FOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)( OF \w+)?$")

# Reads that every list of posts has, and that show nothing by themselves.
IN_LISTS = (
    r"\(SELECT (c\.)?id AS entry, (c\.)?id AS post, 0 AS actor\b.*? FROM .*?\bpost\b",  # `p` is the same post
    r"LEFT JOIN account r ON r\.id = s\.actor",  # the version of the account that reposted it
    r"LEFT JOIN repost x ON x\.account = \S+ AND x\.post = p\.id",  # the viewer's own repost
    r"FROM repost WHERE account = \S+ AND id < \S+\) s",  # `p` is the post
)

# Statements without conditions, and why.
EXCEPTIONS = {
    # They find what is to be deleted, which may be hidden already.
    "deletion.AUTHOR_OF": {"post"},
    "deletion.DELETED_BY": {"post"},
    "deletion.OF_AUTHOR": {"post"},
    "link_previews.UNUSED": {"post p"},
    "receipts.COUNTS": {"notice"},
    "reposts.BY_ACCOUNT": {"repost"},
    "reposts.OF_POST": {"repost"},
    # It says what of a profile moderators may remove.
    "profile_images.SHOWN": {"account a"},
    # They tell an account about itself.
    "accounts.BLOCKED": {"account a"},
    "exports.REPOSTS": {"repost"},
    "credentials.RESET_NAMES": {"account a"},
    "media.ALT_REQUIRED": {"account"},
    "publishing.BY_KEY": {"post p"},
    # They give ids that other statements load under conditions.
    "threads.ANCESTORS": {"post", "post p"},
    "timeline_updates.BELOW": {"post", "post p"},
    "timeline_filling.VIEWERS_AFTER": {"account"},
    # It says when somebody was notified last.
    "staff_notices.LAST": {"notice"},
    # It counts what somebody posts, for filters.
    "filter_hits.POSTED": {"post"},
    # They name people in posts and notifications that the viewer may see.
    "accounts.NAMES": {"account"},
    "notifications.PEOPLE": {"account who"},
    # They decide which timelines get a post, and show nothing.
    "accounts.AUDIENCE": {"account"},
    "timeline_filling.NEWEST": {"account a", "post p", "repost x"},
    "timelines.WIDE": {"account u"},
    # They end juries about what is gone for good.
    "juries.IS_GONE": {"post p"},
    "juries.LEFT": {"post p"},
    # They decide who is drawn for a jury, and which names are taken out of what it reads.
    "jury_pool.TIED": {"post p", "post q", "repost t"},
    "jury_pool.SINGLED_OUT": {"post p", "post q", "repost t"},
    "jury_pool.NAMES": {"account a"},
    # They keep notifications, which are read under conditions.
    "notification_causes.MENTIONED": {"post p"},
    "notification_causes.NOTIFIED": {"notice"},
    "notification_causes.REPOST": {"repost"},
    "notification_writes.GROUP": {"notice"},
    "notification_writes.GROUP_WITHOUT_POST": {"notice"},
    "notification_writes.RELATIONSHIP": {"account a", "post p"},
    "notification_writes.UNREAD_UPTO": {"notice"},
    "push.KIND_OF_UNREAD": {"notice"},
    # They count accounts, and show nothing.
    "signups.SINCE": {"account"},
    # They are for operators.
    "backups.ANYBODY": {"account"},
    "dead_letters.DROPPED": {"account a"},
    # What is exported names nobody, nor whoever has just left.
    "dsa_export.BETWEEN": {"account a"},
    "timeline_filling.VIEWERS": {"account"},
}
# The same outside of db/queries, by file: what a benchmark picks from a seeded network, what an operator counts.
ELSEWHERE = {
    "bench/active.py": 1,
    "bench/figures.py": 2,
    "bench/push.py": 1,
    "bench/site.py": 2,
    "bench/streams.py": 1,
    "ops/backup/purging.py": 3,
    "ops/seed.py": 1,
}
PRODUCT = ("adapters", "app", "archive", "asgi", "bench", "db", "domain", "ops", "pwa", "web")


# Of the notice ``w``.
NOTICE_VALID = SQL(notifications.VALID)


def without_conditions(text: str) -> set[str]:
    """The reads of a statement that lack their condition, as ``table`` or ``table alias``."""
    for fragment in IN_LISTS:
        text = re.sub(fragment, " ", text)
    return {
        f"{table} {alias}".rstrip() for table, alias in READ.findall(text) if not _has_condition(text, table, alias)
    }


def _has_condition(text: str, table: str, alias: str) -> bool:
    name = alias or table
    if table == "post":
        return visibility.post_exists(name) in text or visibility.post_shown(name) in text
    if table == "account":
        return visibility.account_exists(name) in text or visibility.account_shown(name) in text
    if table == "notice":
        return any(shown.sqlite in text for shown in (NOTICE_VALID, NOTICE_VALID.open))
    return visibility.post_shown() in text


def shows(statement: SQL) -> bool:
    """Whether a statement neither writes nor locks rows that are about to be written."""
    return not WRITE.match(statement.sqlite) and not LOCK.search(statement.postgres)


def statements() -> Iterator[tuple[str, SQL]]:
    for module in pkgutil.iter_modules(queries.__path__):
        for name, value in vars(importlib.import_module(f"db.queries.{module.name}")).items():
            yield from ((f"{module.name}.{name}", one) for one in _in(value))


def _in(value: Any) -> list[SQL]:
    return [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, SQL)]


def flagged(named: Iterable[tuple[str, SQL]]) -> dict[str, set[str]]:
    """Of the statements that show something, the reads without conditions."""
    found: dict[str, set[str]] = {}
    for name, statement in named:
        texts = (statement.sqlite, statement.postgres, statement.open.sqlite)
        if shows(statement) and (reads := set.union(*map(without_conditions, texts))):
            found[name] = reads
    return found


def test_statements_that_show_posts_or_people_have_conditions() -> None:
    assert flagged(statements()) == EXCEPTIONS


def test_a_new_statement_without_conditions_is_found() -> None:
    leak = SQL("SELECT p.id, p.text, a.name FROM post p JOIN account a ON a.id = p.author WHERE p.id = ?1")
    assert flagged([*statements(), ("posts.LEAK", leak)]) == EXCEPTIONS | {"posts.LEAK": {"post p", "account a"}}


def test_statements_are_constants_of_their_modules() -> None:
    """A statement that a call makes would not be found here."""
    for file in sources("db/queries/*.py"):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.AsyncFunctionDef)]
        assert not any(getattr(one, "id", "") == "SQL" for call in calls for one in ast.walk(ast.Module(call.body, [])))


SHOWN, ACTIVE = visibility.post_shown(), visibility.account_shown()


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT p.text, a.handle FROM post p JOIN account a ON a.id = p.author", {"post p", "account a"}),
        (f"SELECT p.text, a.handle FROM post p JOIN account a ON a.id = p.author WHERE {SHOWN}", {"account a"}),
        (f"SELECT p.text, a.handle FROM post p JOIN account a ON a.id = p.author WHERE {ACTIVE}", {"post p"}),
        (f"SELECT p.id FROM post p JOIN account a ON a.id = p.author WHERE {SHOWN} AND {ACTIVE}", set()),
        (f"SELECT q.text FROM post p JOIN post q ON q.id = p.quote WHERE {SHOWN}", {"post q"}),
        ("SELECT text FROM post WHERE id = ?1", {"post"}),
        ("SELECT a.name FROM vote v, account AS a WHERE a.id = v.account", {"account a"}),
        ("SELECT account FROM repost WHERE post = ?1", {"repost"}),
        ("SELECT w.actor FROM notice w WHERE w.account = ?1", {"notice w"}),
        ("SELECT count(*) FROM (SELECT 1 FROM post LIMIT 100) few", {"post"}),
    ],
)
def test_a_read_without_its_condition_is_found(text: str, reads: set[str]) -> None:
    statement = SQL(text)
    assert shows(statement)
    assert without_conditions(statement.sqlite) == reads


def test_a_list_with_another_condition_is_found() -> None:
    """What a list of posts may read besides does not excuse the post itself."""
    hidden = SQL(posts.select(posts.ITSELF.format("author = ?2"), "p.visibility = 0", posts.NEWEST))
    assert without_conditions(hidden.sqlite) == {"post p", "account a"}


def test_nothing_else_reads_posts_or_people() -> None:
    found: dict[str, int] = {}
    for file in sources(*(f"{folder}/*.py" for folder in PRODUCT)):
        path = file.relative_to(ROOT).as_posix()
        if not path.startswith(("db/queries/", "db/migrations/")) and (count := _reads_in(file)):
            found[path] = count
    assert found == ELSEWHERE


def _reads_in(file: Path) -> int:
    """How many texts and calls of Piccolo in a file read one of the tables without a condition."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = [" ".join(text.split()) for text in _texts(tree)]
    reads = [text for text in texts if without_conditions(text) and not WRITE.match(text)]
    return len(reads) + sum(map(_is_piccolo, ast.walk(tree)))


def _texts(tree: ast.AST) -> Iterator[str]:
    """Every string, with what an f-string puts in where that is a condition without arguments."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(map(_part, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    made = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and not made.args:
        condition: Callable[[], str] | None = getattr(visibility, made.func.id, None)
        return condition() if condition else ""
    return ""


def _is_piccolo(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    table = getattr(node.func.value, "id", "")
    return table in {"Account", "Post", "Repost", "Notice"} and node.func.attr in {
        "select", "objects", "exists", "count", "raw",
    }  # fmt: skip


def test_conditions_are_written_in_one_place() -> None:
    """A column for what moderation decides is added there alone."""
    allowed = ("db/queries/visibility.py", "db/migrations/")
    found = offenders(
        r"(left_at|deleted_at) IS\b|\bvisibility = 0|\bprivate = 0",
        sources(*(f"{folder}/*.py" for folder in PRODUCT)),
        but=allowed,
    )
    # Restoring a post is the opposite.
    assert [one.rpartition(":")[0] for one in found] == ["db/queries/deletion.py"]
