"""The figures of moderation: a page for people, and the same numbers as CSV and JSON."""

import csv
import io
from datetime import datetime

import msgspec
from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Headers, Response
from domain.core.errors import NotFound
from domain.moderation import rules, transparency
from domain.moderation.transparency import ALL, FIGURES, SMALL, Figure
from web import forms, page, transparency_context, transparency_tables
from web.transparency_context import Figures

HERE = "/transparency"
CSV: Headers = (
    (b"content-type", b"text/csv; charset=utf-8"),
    (b"content-disposition", b'attachment; filename="transparency.csv"'),
)
JSON: Headers = ((b"content-type", b"application/json"),)


@get(HERE)
async def figures(request: Request) -> ASGIApp:
    published, locale = await transparency.read(), page.locale(request)
    month = forms.query(request, "month") or ALL
    if month != ALL and month not in published.months:
        raise NotFound
    found = Figures(published, locale)
    return page.show(
        request,
        "log/transparency.html",
        page.translate(request, "Transparency"),
        until_ms=int(datetime.fromisoformat(f"{published.until}T12:00Z").timestamp()) * 1000 if published.until else 0,
        plots=transparency_context.plots(found),
        tables=transparency_tables.tables(found, month, await rules.current(), locale),
        shares=transparency_context.shares(found, month),
        periods=transparency_context.periods(found),
        month=month,
        small=SMALL,
        shared=True,
    )


@get(f"{HERE}.csv")
async def as_csv(request: Request) -> ASGIApp:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Figure.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(one) for one in (await transparency.read()).figures)
    return Response(out.getvalue().encode(), 200, CSV, shared=True)


@get(f"{HERE}.json")
async def as_json(request: Request) -> ASGIApp:
    published = await transparency.read()
    said = {"until": published.until, "rounded_to": SMALL, "fields": FIGURES, "figures": published.figures}
    return Response(msgspec.json.encode(said), 200, JSON, shared=True)


HANDLERS = [figures, as_csv, as_json]
