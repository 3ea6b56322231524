"""Settings: each one has words, a place in the manual, and a clear answer to a wrong value."""

import re
from pathlib import Path

import msgspec
import pytest

import settings
from settings import Settings, read
from settings_checks import WrongSetting
from web import i18n

ROOT = Path(__file__).resolve().parent.parent
FIELDS = {field.name: field for field in msgspec.inspect.type_info(Settings).fields}  # type: ignore[attr-defined]


def test_without_any_it_runs() -> None:
    found = read({})
    assert found.url == "sqlite:///var/parvis.sqlite"
    assert (found.host, found.port, found.secure, found.domain) == ("127.0.0.1", 8000, False, "localhost")


def test_names_and_values() -> None:
    found = read(
        {"PARVIS_ORIGIN": "https://tilly.example", "PARVIS_WORKERS": "2", "PARVIS_SIGNUP_OPEN": "false", "HOME": "/"}
    )
    assert (found.secure, found.domain, found.workers, found.signup_open) == (True, "tilly.example", 2, False)
    assert found.sender == "noreply@tilly.example"
    assert read({"PARVIS_MAIL_FROM": "Tilly Daily <Hello@tilly.example>"}).sender == "Tilly Daily <Hello@tilly.example>"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PARVIS_PORT must be a whole number, not 'eighty'"),
        ("PORT", "70000", "PARVIS_PORT must be from 0 to 65535"),
        ("WORKERS", "0", "PARVIS_WORKERS must be at least 1"),
        ("MINIMUM_AGE", "-1", "PARVIS_MINIMUM_AGE must be from 0 to 120"),
        ("SIGNUP_OPEN", "perhaps", "PARVIS_SIGNUP_OPEN must be true or false"),
        ("LOG_LEVEL", "loud", "PARVIS_LOG_LEVEL must be debug, info, warning or error"),
        ("DATABASE_URL", "mysql://x", "PARVIS_DATABASE_URL.*sqlite:///.*postgres://"),
        ("ORIGIN", "tilly.example", "PARVIS_ORIGIN.*https://example.org"),
        ("ORIGIN", "https://tilly.example/path", "PARVIS_ORIGIN"),
        ("SMTP_URL", "mail.tilly.example", "PARVIS_SMTP_URL.*smtp://"),
        ("LANGUAGE", "tlh", "PARVIS_LANGUAGE must be en or fr"),
        ("DATABASE_URL", "sqlite://x", "PARVIS_DATABASE_URL must be sqlite:///"),
        ("PRT", "8000", "PARVIS_PRT is not a setting"),
        ("PUSH_CONTACT", "hello@example.org,root", "PARVIS_PUSH_CONTACT must be a mail address"),
        ("MAIL_FROM", "hello@example.org,root", "PARVIS_MAIL_FROM must be a mail address"),
        ("MAIL_FROM", "Tilly <hello@example.org>, root", "PARVIS_MAIL_FROM must be a mail address"),
        ("PUSH_PRIVATE", "true", "PARVIS_PUSH_PRIVATE is not a setting"),
    ],
)
def test_a_wrong_value_is_named_and_explained(name: str, value: str, words: str) -> None:
    with pytest.raises(WrongSetting, match=words):
        read({f"PARVIS_{name}": value})


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.type is not None])
def test_no_setting_takes_nonsense(name: str) -> None:
    """A number or a switch says so; words may be anything unless they are checked above."""
    kind = FIELDS[name].type
    if isinstance(kind, msgspec.inspect.Metadata):
        kind = kind.type
    if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.BoolType):
        with pytest.raises(WrongSetting, match=f"PARVIS_{name.upper()} must be"):
            read({f"PARVIS_{name.upper()}": "nonsense"})


def test_what_excludes_each_other() -> None:
    with pytest.raises(WrongSetting, match="PARVIS_PORT"):
        read({"PARVIS_PORT": "0", "PARVIS_WORKERS": "2"})


def test_backups_need_a_place_of_their_own_and_a_key() -> None:
    with pytest.raises(WrongSetting, match="PARVIS_BACKUP_URL must be file:///"):
        read({"PARVIS_BACKUP_URL": "ftp://x", "PARVIS_BACKUP_RECIPIENTS": "age1x"})
    with pytest.raises(WrongSetting, match="PARVIS_BACKUP_RECIPIENTS is empty"):
        read({"PARVIS_BACKUP_URL": "file:///backup"})
    same = {
        "PARVIS_BACKUP_URL": "file:///one",
        "PARVIS_OBJECTS_URL": "file:///one",
        "PARVIS_BACKUP_RECIPIENTS": "age1x",
    }
    with pytest.raises(WrongSetting, match="another place"):
        read(same)
    assert read(same | {"PARVIS_BACKUP_URL": "file:///two"}).backup_hours == 24


def test_settings_as_an_environment() -> None:
    found = read({"PARVIS_PORT": "8001", "PARVIS_SIGNUP_OPEN": "false", "PARVIS_DATA": "/srv"})
    assert read(settings.environment(found)) == found


def test_a_password_in_a_setting_is_not_repeated() -> None:
    for name in ("DATABASE_URL", "SMTP_URL"):
        with pytest.raises(WrongSetting) as refusal:
            read({f"PARVIS_{name}": "wrong://ana:secret-words@host/name"})
        assert "secret-words" not in str(refusal.value)


def test_the_manual_has_each_setting_and_no_other() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    assert set(re.findall(r"PARVIS_([A-Z_]+)`?", manual)) == {name.upper() for name in FIELDS}
    table = re.findall(r"^\| `PARVIS_(\w+)` \| (?:`([^`]*)`)? *\| (.*) \|$", manual, re.MULTILINE)
    told = {name.lower(): (default, words) for name, default, words in table}
    plain = Settings()
    assert told == {name: (shown(getattr(plain, name)), sentence(name)) for name in FIELDS}


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def sentence(name: str) -> str:
    words = getattr(FIELDS[name].type, "extra_json_schema", None) or {}
    return str(words.get("description", ""))


def test_each_setting_has_its_sentence() -> None:
    assert [name for name in FIELDS if not sentence(name).endswith(".")] == []
    for locale in i18n.LOCALES:
        assert read({"PARVIS_LANGUAGE": locale}).language == locale
