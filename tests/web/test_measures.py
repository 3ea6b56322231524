"""What moderators do to posts that stay, on every page that draws them."""

import re

from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.posts.measures import PostLabel
from tests.helpers import media_files
from tests.helpers.people import LiveSite, Member

LABEL, COVER, REMOVAL = StatementKind.LABEL, StatementKind.COVER, StatementKind.MEDIA_REMOVAL
WORDS = "You will be sorry."


async def reported(site: LiveSite) -> tuple[Member, Member, Member, int, int]:
    """A follower who has reported it, an author, a moderator, a post of two pictures and its case."""
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    await ana.follow(eve)
    post = await eve.show(WORDS, *(media_files.encoded(media_files.photo(60 + size, 60)) for size in range(2)))
    await ana.report(post)
    await site.settle()
    return ana, eve, moderator, post, await site.network.open_case()


def covers(page: str, words: str) -> bool:
    """Whether words stand inside a cover and nowhere else in the page's main part."""
    main = re.sub(r"(?s).*<main(.*)</main>.*", r"\1", page)
    return words in main and words not in re.sub(r"(?s)<details class=\"cover.*?</details>", "", main)


async def test_a_cover_is_drawn_for_everybody_and_its_pictures_wait(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    browser = site.browser(ana)
    for page in ("/", "/public", f"/@eve/{post}", "/@eve"):
        assert WORDS in (await browser.get(page)).text, "drawn and kept before the decision"
    await moderator.decide(case, None, measures=frozenset({COVER}))
    await eve.post("See this", quote=post)
    await site.settle()
    for member, pages in (
        (ana, ("/", "/public", f"/@eve/{post}", "/@eve", f"/compose?reply_to={post}")),
        (eve, ("/", f"/@eve/{post}")),
        (None, ("/", "/public", f"/@eve/{post}", "/@eve")),
    ):
        for page in pages:
            text = (await site.browser(member).get(page)).text
            assert "Covered by moderators: Harassment" in text, page
            if page.startswith("/compose"):
                assert WORDS not in text
                continue
            assert covers(text, WORDS), page
            assert 'loading="lazy"' in text
    french = await site.browser(headers={"accept-language": "fr"}).get(f"/@eve/{post}")
    assert "Mis sous avertissement par les modérateurs\u00a0: Harcèlement" in french.text
    feed = (await site.browser().get("/@eve/feed")).text
    assert "Covered by moderators: Harassment" in feed
    assert WORDS not in feed
    assert "<title>Eve: Covered by moderators" in (await site.browser().get(f"/@eve/{post}")).text
    assert "/media/" not in re.sub(r"(?s).*class=\"grid(.*)</main>.*", r"\1", (await browser.get("/@eve/media")).text)
    form = (await site.browser(eve).get(f"/posts/{post}/edit")).text
    assert WORDS in form
    assert "Covered by moderators" not in form, "the author's own cover is edited there"
    await eve.edit(post, "You will be glad.")
    history = (await browser.get(f"/@eve/{post}/edits")).text
    assert covers(history, WORDS)


async def test_a_label_leads_to_its_rule(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    await moderator.decide(case, None, measures=frozenset({LABEL}), label=PostLabel.MANIPULATED_MEDIA)
    quote = await eve.post("See this", quote=post)
    await site.settle()
    for member in (ana, eve, moderator, None):
        for page in ("/public", f"/@eve/{post}", "/@eve", "/@eve/media"):
            text = (await site.browser(member).get(page)).text
            assert "Manipulated media" in text, page
            if page != "/@eve/media":
                assert '<a href="/rules/1#rule-6">' in text
    card = (await site.browser(ana).get(f"/@eve/{quote}")).text
    assert "<b>Manipulated media</b>" in card
    feed = (await site.browser().get("/@eve/feed")).text
    assert "[Manipulated media] You will be sorry." in feed
    standing = (await site.browser(eve).get("/standing")).text
    assert "Label: Manipulated media" in standing
    assert "in force" in standing


async def test_a_removed_picture_is_on_no_page(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    first, second = [one.stills[0].key for one in (await eve.view(post)).media]
    media = (await eve.view(post)).media[0].id
    assert first in (await site.browser(ana).get("/")).text
    statement = await moderator.decide(case, None, measures=frozenset({REMOVAL}), media=(media,))
    for member in (ana, eve, None):
        for page in ("/public", f"/@eve/{post}", "/@eve", "/@eve/media", "/@eve/feed"):
            text = (await site.browser(member).get(page)).text
            assert first not in text, page
            assert second in text, page
        assert "Moderators have removed a picture." in (await site.browser(member).get(f"/@eve/{post}")).text
        assert (await site.browser(member).get(f"/media/{first}")).status_code == 404
        assert (await site.browser(member).get(f"/media/{second}")).status_code == 200
    assert (await site.browser(moderator).get(f"/media/{first}")).status_code == 200
    back = {"case": str(case), "reversal": "It was a quotation."}
    await site.browser(moderator).post(f"/moderation/statements/{statement}/reversal", data=back)
    assert (await site.browser().get(f"/media/{first}")).status_code == 200
    text = (await site.browser().get(f"/@eve/{post}")).text
    assert text.index(first) < text.index(second)
    assert "Moderators have removed" not in text


async def test_what_is_hidden_is_edited_in_the_browser_and_looked_at_again(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    await moderator.decide(case, StatementKind.HIDE_UNTIL_EDITED)
    await site.settle()
    for member in (ana, moderator, None):
        for page in (f"/@eve/{post}", f"/posts/{post}", f"/@eve/{post}/edits", f"/@eve/{post}/menu"):
            assert (await site.browser(member).get(page)).status_code == 404
        for page in ("/", "/public", "/@eve", "/@eve/feed"):
            assert WORDS not in (await site.browser(member).get(page)).text
    own = site.browser(eve)
    shown = (await own.get(f"/@eve/{post}")).text
    assert "Only you see it, until you edit it." in shown
    (statement,) = re.findall(r'<a href="(/statements/\d+)">Why', shown)
    assert f"/posts/{post}/edit" in (await own.get("/standing")).text
    assert f"/posts/{post}/edit" in (await own.get(statement)).text
    done = await own.put(f"/posts/{post}", data={"text": "You will be glad.", "version": "1"})
    assert done.status_code == 303
    assert "You will be glad." in (await site.browser().get(f"/@eve/{post}")).text
    assert "ended by an edit on" in (await own.get("/standing")).text
    assert "Moderators look at it once more" in (await own.get(statement)).text
    assert f"/posts/{post}/edit" not in (await own.get("/standing")).text
    await site.settle()
    assert "You will be glad." in (await site.browser(moderator).get("/moderation")).text
    again = (await site.browser(moderator).get(f"/moderation/cases/{case}")).text
    assert "Its author has edited the post after it was hidden" in again
    assert "You will be glad." in again


async def test_a_decision_with_several_measures_from_the_form(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site)
    browser = site.browser(moderator)
    await browser.put(f"/moderation/cases/{case}/claim")
    page = (await browser.get(f"/moderation/cases/{case}")).text
    fields = re.findall(r'name="(media\.\d+)"', page)
    assert len(fields) == 2
    (version,) = re.findall(r'name="version" value="(\d+)"', page)
    noted = await browser.post(f"/moderation/cases/{case}/notes", data={"note": "The second.", fields[1]: "1"})
    assert noted.status_code == 200
    assert f'name="{fields[1]}" value="1" checked' in noted.text
    typed = {"version": version, "rule": "1.6", "facts": "It insults.", "cover": "1", "label": "unverified"}
    refused = await browser.post(
        f"/moderation/cases/{case}/decisions", data=typed | {"kind": "no_breach", fields[1]: "1", "limit": "1"}
    )
    assert refused.status_code == 422
    assert "This is for a post that stays" in refused.text
    for kept in (
        f'name="{fields[1]}" value="1" checked',
        'name="cover" value="1" checked',
        'value="unverified" selected',
    ):
        assert kept in refused.text
    odd = await browser.post(f"/moderation/cases/{case}/decisions", data=typed | {"label": "stupid"})
    assert odd.status_code == 422
    assert "Choose what the label says." in odd.text
    done = await browser.post(f"/moderation/cases/{case}/decisions", data=typed | {fields[1]: "1"})
    assert done.headers["location"] == "/moderation?decided=1"
    standing = (await site.browser(eve).get("/standing")).text
    for decided in ("Label: Unverified claim", "Post covered", "Picture removed"):
        assert decided in standing
    assert len((await eve.view(post)).media) == 1
    await site.settle()
    log = (await site.browser().get("/log")).text
    for decided in ("Label: Unverified claim", "Post covered", "Picture removed"):
        assert f"<h2>{decided}</h2>" in log


async def test_a_case_about_a_picture_offers_its_removal_first(site: LiveSite) -> None:
    ana, eve, moderator, post, _ = await reported(site)
    await ana.report_subject(Subject(SubjectKind.MEDIA, (await eve.view(post)).media[1].id))
    viewer = site.browser(moderator)
    queue = (await viewer.get("/moderation")).text
    found = [
        (await viewer.get(page)).text for page in sorted(set(re.findall(r'href="(/moderation/cases/\d+)"', queue)))
    ]
    by_post, by_picture = found
    assert by_post.index('value="warning"') < by_post.index('name="media.')
    assert by_picture.index('name="media.') < by_picture.index('value="warning"')
    assert by_picture.count('name="media.') == 1


async def test_no_page_of_others_names_the_decision(site: LiveSite) -> None:
    ana, _, moderator, post, case = await reported(site)
    statement = await moderator.decide(case, None, measures=frozenset({COVER}))
    assert (await site.browser(ana).get(f"/statements/{statement}")).status_code == 404
    for member in (ana, None):
        for page in (f"/@eve/{post}", "/public", "/@eve/feed"):
            text = (await site.browser(member).get(page)).text
            assert str(statement) not in text
            assert "mona" not in re.sub(r"(?s).*<main(.*)</main>.*", r"\1", text)


async def test_a_quote_shows_no_post_of_limited_reach_beside_that_post(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site)
    cem = await site.member("cem")
    quote = await eve.post("Look at that.", quote=post)
    await moderator.decide(case, None, measures=frozenset({StatementKind.LIMIT}))
    for reader in (site.browser(cem), site.browser()):
        page = (await reader.get("/@eve")).text
        assert page.count("You will be sorry.") == 1, "the post, and not its card"
        assert f'class="quote" href="/@eve/{post}"' not in page
        assert f'class="quote" href="/@eve/{post}"' not in (await reader.get(f"/@eve/{quote}")).text
    assert f'class="quote" href="/@eve/{post}"' in (await site.browser(eve).get("/@eve")).text
