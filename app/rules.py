"""`parvis rules`: prints the network's rules as a file, checks such a file, and publishes it as the next version."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app import console
from domain.moderation import rule_changes, rule_files, rules
from domain.moderation.rule_changes import Kind, Mark, RuleChange, Run
from domain.moderation.rules import Rule, Rulebook
from settings import Settings

cli = typer.Typer(no_args_is_help=True, help="Print, check and publish the network's rules.")
FILE = Annotated[Path, typer.Argument(help="A file as `parvis rules show` prints it.", metavar="FILE")]


@cli.command()
def show(
    version: Annotated[int, typer.Option(help="An earlier version; 0 is the one in force.", min=0, max=2**31 - 1)] = 0,
) -> None:
    """Print the rules in the form in which `check` and `publish` read them."""
    book = console.run(console.opened(console.existing(), _book(version)))
    if not book.version:
        console.stop("No rules are published yet: a network gets the shipped ones when it is set up.")
    # As it is: Rich would put a sign in the place of ":star:".
    typer.echo(rule_files.to_toml(book.rules), nl=False)


async def _book(version: int) -> Rulebook:
    return await rules.of_version(version) if version else await rules.current()


@cli.command()
def check(file: FILE) -> None:
    """Say what publishing a file would change, or which of its rules is wrong and why."""
    found = console.existing()
    wanted = _read(file, _languages(found))
    _, changes = console.run(console.opened(found, _compared(wanted)))
    _say(changes)


@cli.command()
def publish(
    file: FILE,
    yes: Annotated[bool, typer.Option("--yes", help="Publish without asking.")] = False,
) -> None:
    """Publish a file as the next version of the rules. Members accept it before their next post."""
    found = console.existing()
    wanted = _read(file, _languages(found))
    since, changes = console.run(console.opened(found, _compared(wanted)))
    _say(changes)
    if not changes:
        return
    if not yes and not typer.confirm("Everybody must accept these rules before their next post. Publish them?"):
        console.stop("Nothing was published.")
    version = console.run(console.opened(found, rules.publish_by_command(wanted, since, _languages(found))))
    console.say(f"Published version {version}.")


def _languages(found: Settings) -> list[str]:
    return found.rule_languages.split(",")


def _read(file: Path, languages: Sequence[str]) -> list[Rule]:
    try:
        source = file.read_text(encoding="utf-8")
    except OSError as error:
        console.stop(f"{file} can't be read: {error.strerror}.")
    except UnicodeDecodeError:
        console.stop(f"{file} is not in UTF-8.")
    return console.attempt(lambda: rules.cleaned(rule_files.parse(source), languages))


async def _compared(wanted: Sequence[Rule]) -> tuple[int, list[RuleChange]]:
    """The version in force, and what a file would change in it."""
    book = await rules.current()
    return book.version, rule_changes.compare(book.rules, wanted)


def _say(changes: Sequence[RuleChange]) -> None:
    if not changes:
        console.say("Nothing changes: these rules are in force already.")
    for change in changes:
        typer.echo("\n".join(_lines(change)))


def _lines(change: RuleChange) -> Iterator[str]:
    rule, before = change.rule, change.before
    ending = {Kind.ADDED: ": new", Kind.REMOVED: ": removed", Kind.CHANGED: ""}[change.kind]
    yield f"Rule {rule.number} ({rule.name}){ending}"
    if before is None or change.after is None:
        return
    values = {
        "number": (before.number, rule.number),
        "severity": (before.severity.name.lower(), rule.severity.name.lower()),
        "category": (before.category.value, rule.category.value),
        "points": (before.points, rule.points),
        "jury": (before.jury, rule.jury),
    }
    yield from (f"  {name}: {old} -> {new}" for name, (old, new) in values.items() if old != new)
    for language in change.languages:
        yield from _rewording(change, language)


def _rewording(change: RuleChange, language: str) -> Iterator[str]:
    found = change.rewording(language)
    if found is None:
        yield f"  {language}: {'new' if language in change.rule.texts else 'removed'}"
        return
    for name, runs in (("title", found.title), ("text", found.text)):
        if any(run.mark != Mark.SAME for run in runs):
            yield f"  {language}.{name}: {' '.join(map(_marked, runs))}"


def _marked(run: Run) -> str:
    """Words as a text diff has them: [-gone-] {+new+}."""
    words = run.words.replace("\n", " ")
    return {Mark.SAME: words, Mark.REMOVED: f"[-{words}-]", Mark.ADDED: f"{{+{words}+}}"}[run.mark]
