"""Forms as people send them: text fields, in UTF-8, nothing else."""

from urllib.parse import parse_qsl

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from domain.core.errors import Invalid
from web.page import Asked

MAX_FIELDS = 60


class Form(dict[str, str]):
    """Field names and values; a missing one is empty. The last of several with one name counts."""

    def __missing__(self, name: str) -> str:
        return ""

    def on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self[name] not in ("", "0", "false", "off")


async def read(request: Asked) -> Form:
    """The request's form. Errors: ``Invalid`` when it is not one, or not in UTF-8."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        try:
            fields = (await request.form()).multi_items()
        except (ClientException, ValueError):
            raise Invalid("This form can't be read.") from None
        return Form({name: clean(value) for name, value in fields if isinstance(value, str)})
    body = await request.body()
    if not body:
        return Form()
    if kind != "application/x-www-form-urlencoded":
        raise Invalid("This form can't be read.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise Invalid("This form is not in UTF-8, or has too many fields.") from None
    return Form({name: clean(value) for name, value in pairs})


async def picture(request: Asked, name: str) -> bytes:
    """What a file field brought, b"" for nothing. Errors: ``Invalid`` when it is no such form."""
    try:
        found = (await request.form()).get(name)
    except (ClientException, ValueError):
        raise Invalid("This form can't be read.") from None
    return await found.read() if isinstance(found, UploadFile) else b""


def clean(value: str) -> str:
    """A field without the null character, which PostgreSQL can't hold and no person types."""
    return value.replace("\x00", "")


def query(request: Asked, name: str) -> str:
    """A value from the address, "" when there is none."""
    value = request.query_params.get(name, "")
    return clean(value) if isinstance(value, str) else ""


def number(text: str) -> int:
    """A small whole number from a form, -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def minutes(text: str) -> int | None:
    """A time such as 22:30 as minutes of the day; None where nothing was typed, -1 for anything else."""
    if not text.strip():
        return None
    hours, _, rest = text.strip().partition(":")
    hour, minute = number(hours), number(rest[:2])
    return hour * 60 + minute if 0 <= hour < 24 and 0 <= minute < 60 and len(rest) >= 2 else -1


def clock(minutes: int | None) -> str:
    """The same the other way round."""
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"
