"""Rows become types by position, so the columns of a statement must be the fields of its type, in their order."""

from db.queries import posts
from db.queries.posts import PostSummary
from domain.posts.views import PostView


def test_a_summary_has_the_columns_of_its_fields() -> None:
    assert tuple(posts.SUMMARY) == PostSummary._fields


def test_a_whole_post_has_the_columns_of_its_fields() -> None:
    """What has no column has a default, and is set afterwards."""
    fields, rest = PostView.__struct_fields__[: len(posts.WHOLE)], PostView.__struct_fields__[len(posts.WHOLE) :]
    assert tuple(posts.WHOLE) == fields
    assert len(rest) == len(PostView.__struct_defaults__)
    assert PostView.__struct_fields__[: len(PostSummary._fields)] == PostSummary._fields
