"""Forms as people send them: text fields, in UTF-8, nothing else."""

from urllib.parse import parse_qsl

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
        return Form({name: _clean(value) for name, value in fields if isinstance(value, str)})
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
    return Form({name: _clean(value) for name, value in pairs})


def _clean(value: str) -> str:
    # PostgreSQL can't hold the null character, and no person types it.
    return value.replace("\x00", "")


def query(request: Asked, name: str) -> str:
    """A value from the address, "" when there is none."""
    value = request.query_params.get(name, "")
    return _clean(value) if isinstance(value, str) else ""


def number(text: str) -> int:
    """A small whole number from a form, -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 else -1
