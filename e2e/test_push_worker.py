"""What the service worker does with a push: shows it, counts it, confirms it, acts on it, and keeps quiet to others."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Request, expect

from e2e import device
from e2e.client import Client
from e2e.installed import Profile

Join = Callable[..., Client]
SHOWN = """async () => {
  const registered = await navigator.serviceWorker.ready;
  return (await registered.getNotifications()).map(({title, body, tag, data, actions}) =>
    ({title, body, tag, data, actions: actions.map((one) => one.action)}));
}"""
# Clicks of a person come from the desktop; those of e2e/test_push_firefox.py do.
CLICK = """async (action) => {
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent("notificationclick", {notification, action}));
}"""
# The page has been told that there is something new of it, and has done what it does then.
HEAR = """() => navigator.serviceWorker.addEventListener("message", ({data}) => {
  if (data.renew) self.renewed = true;
})"""
TITLES = """() => {
  self.titles = [];
  new MutationObserver(() => titles.push(document.title)).observe(document.querySelector("title"), {childList: true});
}"""


def _enter(profile: Profile, member: Client) -> str:
    """Opens home as a member. Returns the account's id."""
    profile.context.grant_permissions(["notifications"], origin=profile.base)
    profile.context.clear_cookies()
    profile.context.add_cookies(member.cookies())  # type: ignore[arg-type]
    profile.page.goto("/")
    profile.controlled()
    device.until(profile.page, lambda: device.FORM in device.copies(profile.page))
    account: str = profile.page.evaluate("document.documentElement.dataset.me")
    return account


def _payload(profile: Profile, account: str, post: str, handle: str) -> str:
    here = profile.base
    actions = [
        {"action": "reply", "title": "Reply", "navigate": f"{here}/compose?reply_to={post}&for={account}"},
        {"action": "vote", "title": "Vote", "navigate": f"{here}/notifications/1/vote?for={account}"},
    ]
    notification: dict[str, Any] = {
        "title": "Nele replied to you", "body": "On the roof.", "lang": "en", "dir": "ltr", "tag": "n1",
        "navigate": f"{here}/@{handle}/{post}?for={account}", "silent": False, "timestamp": 1, "actions": actions,
        "data": {"account": account, "receipt": "not-a-real-one", "notice": "1", "post": post, "actor": "1"},
    }  # fmt: skip
    return json.dumps({"web_push": 8030, "notification": notification, "app_badge": 3, "mutable": True})


def _shown(profile: Profile, payload: str) -> list[dict[str, Any]]:
    """What is on the screen after a push. A Chromium that has just started may tidy a notification away at once
    (PlatformNotificationContext synchronises late): then it is pushed again, with the same tag."""
    for _ in range(3):
        profile.push(payload)
        for _ in range(30):
            if found := profile.page.evaluate(SHOWN):
                return list(found)
            profile.page.wait_for_timeout(50)
    raise AssertionError("nothing is shown")


def test_a_push_is_shown_counted_and_confirmed(profile: Profile, join: Join) -> None:
    mara, nele = join("mara"), join("nele")
    account, post = _enter(profile, mara), nele.publish("On the roof.")
    profile.page.evaluate(TITLES)
    with profile.context.expect_event("request", lambda one: one.url.endswith("/push/receipts")) as receipt:
        (shown,) = _shown(profile, _payload(profile, account, post, "nele"))
    device.until(profile.page, lambda: profile.page.evaluate("titles.some((one) => one.startsWith('(3) '))"))
    assert json.loads(receipt.value.post_data or "") == {"receipt": "not-a-real-one"}
    assert (shown["title"], shown["body"], shown["tag"]) == ("Nele replied to you", "On the roof.", "n1")
    assert shown["actions"] == ["reply", "vote"]
    profile.context.service_workers[0].evaluate(CLICK, "")
    profile.page.wait_for_url(re.compile(rf"/@nele/{post}\?for={account}$"))
    expect(profile.page.get_by_role("heading", name="Thread")).to_be_visible()


def test_a_page_that_is_there_already(profile: Profile, join: Join) -> None:
    """It is read anew, but not while one writes on it."""
    moritz, nils = join("moritz"), join("nils")
    account, post = _enter(profile, moritz), nils.publish("On the roof.")
    page = profile.page
    page.goto(f"/@nils/{post}")
    page.locator(".post.focus .acts a").first.click()
    area = page.locator("#sheet textarea")
    area.fill("Half a thought")
    page.evaluate(HEAR)
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    _shown(profile, _payload(profile, account, post, "nils"))
    profile.context.service_workers[0].evaluate(CLICK, "")
    device.until(page, lambda: page.evaluate("self.renewed"))
    # What the page asks for afterwards is answered: it would have asked for itself before.
    assert page.evaluate("fetch('/healthz').then((answer) => answer.status)") == 200
    assert not any(one.is_navigation_request() for one in asked)
    area.fill("")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('#sheet-body').replaceChildren()")
    _shown(profile, _payload(profile, account, post, "nils"))
    with page.expect_navigation():
        profile.context.service_workers[0].evaluate(CLICK, "")
    assert not page.evaluate("self.renewed")


def test_a_vote_from_the_notification(profile: Profile, join: Join) -> None:
    olaf, petra = join("olaf"), join("petra")
    account, post = _enter(profile, olaf), petra.publish("A boat for sale.")
    _shown(profile, _payload(profile, account, post, "petra"))
    profile.context.set_offline(True)
    profile.context.service_workers[0].evaluate(CLICK, "vote")
    device.until(profile.page, lambda: device.queue(profile.page))
    profile.context.set_offline(False)
    profile.page.goto("/")
    device.emptied(profile.page)
    assert re.search(r'class="act up"[^>]*aria-pressed="true"', olaf.http.get(f"/@petra/{post}").text)


def test_for_somebody_else_on_this_device(profile: Profile, join: Join) -> None:
    """It came for one while another is here: no word of it is shown."""
    ruth, silke = join("ruth"), join("silke")
    hers, post = _enter(profile, ruth), silke.publish("Between us.", visibility="followers")
    _enter(profile, join("theo"))
    (shown,) = _shown(profile, _payload(profile, hers, post, "silke"))
    assert shown["title"] == "There is something new for another account on this device."
    assert not re.search("Nele|roof|silke", json.dumps(shown))
    # Where it leads is not what the other has open there.
    profile.page.goto("/notifications")
    profile.context.service_workers[0].evaluate(CLICK, "")
    profile.page.wait_for_url(re.compile(rf"/notifications\?for={hers}$"))
    expect(profile.page.get_by_role("heading", name="For another account", exact=True)).to_be_visible()
