"""Every page and form, a file per area; ``HANDLERS`` is what the application serves."""

from web.routes import (
    accounts,
    appeals,
    backups,
    case_messages,
    composing,
    editing,
    feeds,
    graph,
    live,
    media,
    moderation,
    moderation_appeals,
    network_settings,
    notification_settings,
    notifications,
    outbox,
    pages,
    posts,
    profile_images,
    public_log,
    receipts,
    reports,
    rule_settings,
    rules,
    sessions,
    settings,
    staff,
    standing_links,
    statements,
    threads,
    timelines,
    transparency,
)

_AREAS = (
    accounts, sessions, pages, timelines, posts, threads, graph, live, settings, network_settings,
    notification_settings, notifications, feeds, composing, editing, media, profile_images, receipts, backups, outbox,
    reports, statements, case_messages, standing_links, appeals, moderation, moderation_appeals, staff, public_log,
    transparency, rules, rule_settings,
)  # fmt: skip
HANDLERS = [handler for area in _AREAS for handler in area.HANDLERS]
