"""People in front of a browser: what they do is said in their words, with or without JavaScript."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from e2e.browser import Device, Watch

PASSWORD = "correct horse battery"


class User:
    """One person with one device."""

    def __init__(self, page: Page, watch: Watch, device: Device, scripts: bool) -> None:
        self.page = page
        self.watch = watch
        self.device = device
        self.scripts = scripts

    # --- coming in

    def set_up(self, network: str, handle: str, name: str) -> None:
        """Opens a fresh installation."""
        self.page.goto("/")
        expect(self.page).to_have_url(re.compile("/setup$"))
        self.page.get_by_label("Name of the network").fill(network)
        self.page.get_by_label("What it is for").fill("News from our street.")
        self.page.get_by_label("Contact").fill("desk@example.org")
        self.page.get_by_label("Handle").fill(handle)
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Open the network").click()
        self._inside()

    def sign_up(self, handle: str, name: str) -> None:
        self.page.goto("/")
        self.page.get_by_role("link", name="Join").locator("visible=true").first.click()
        self.page.get_by_label("Handle").fill(handle)
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Date of birth").fill("1990-05-04")
        self.page.get_by_label("I accept the rules").check()
        self.page.get_by_role("button", name="Join").click()
        self._inside()

    def sign_in(self, handle: str, password: str = PASSWORD) -> None:
        self.page.goto("/signin")
        self.page.get_by_label("Handle or email").fill(handle)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self._inside()

    def _inside(self) -> None:
        expect(self.page.get_by_role("heading", name="Home", level=1)).to_be_visible()

    # --- reading

    def another_tab(self, address: str) -> Page:
        """A page beside the first one, in the same browser."""
        other = self.page.context.new_page()
        other.goto(address)
        return other

    def go(self, address: str) -> None:
        self.page.goto(address)

    def post(self, text: str) -> Locator:
        """The post with these words in its own text."""
        return self.page.locator("article.post").filter(has=self.page.locator(".text", has_text=text))

    def sees(self, text: str) -> Locator:
        post = self.post(text)
        expect(post).to_have_count(1)
        expect(post).to_be_visible()
        return post

    def misses(self, text: str) -> None:
        expect(self.post(text)).to_have_count(0)

    def open_post(self, text: str) -> None:
        self.post(text).locator("a.when").click()
        expect(self.page.get_by_role("heading", name="Thread", level=1)).to_be_visible()

    def home(self) -> None:
        self.page.goto("/")

    def finds_at_home(self, text: str, seconds: float = 1) -> None:
        """What others wrote is in one's home within a second."""
        deadline = time.monotonic() + seconds
        self.home()
        while not self.post(text).count() and time.monotonic() < deadline:
            self.page.reload()
        self.sees(text)

    # --- writing

    def form(self) -> Locator:
        """The form that one writes in: in the sheet, or on a page of its own."""
        return self.page.locator("#sheet[open] .compose" if self.scripts else "main > .compose")

    def write(self, text: str) -> None:
        self.page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
        self.send(text)

    def reply(self, to: str, text: str) -> None:
        self.post(to).locator(".acts a").click()
        self.send(text)

    def quote(self, quoted: str, text: str) -> None:
        if self.scripts:
            self.post(quoted).locator(".repost").click()
        else:
            self._more(quoted)
        self._choose("Quote")
        self.send(text)

    def edit(self, text: str, new: str) -> None:
        self._more(text)
        self._choose("Edit")
        self.form().locator("textarea").fill(new)
        self.form().locator(".send").click()
        self.sees(new)

    def send(self, text: str) -> None:
        self.form().locator("textarea").fill(text)
        self.form().locator(".send").click()
        expect(self.form()).to_have_count(0)
        if self.scripts:
            expect(self.page.locator("#toasts")).to_contain_text("Posted")

    # --- marking

    def vote(self, text: str, way: str = "up") -> None:
        self.post(text).locator(f".{way}").click()
        expect(self.post(text).locator(f".{way}")).to_have_attribute("aria-pressed", "true")

    def repost(self, text: str) -> None:
        self.post(text).locator(".repost").click()
        if self.scripts:
            self._choose("Repost")
        expect(self.post(text).locator(".repost")).to_have_attribute("aria-pressed", "true")

    def figure(self, text: str, act: str) -> str:
        """The count on a button of a post."""
        return self.post(text).locator(f".{act} b").inner_text()

    # --- taking back

    def delete(self, text: str) -> None:
        self._more(text)
        self._choose("Delete")
        expect(self.page.get_by_role("button", name="Undo")).to_be_visible()
        expect(self.post(text)).to_be_hidden()

    def undo(self, text: str) -> None:
        self.page.get_by_role("button", name="Undo").click()
        expect(self.post(text)).to_be_visible()

    # --- other people

    def follow(self, handle: str, shown: str = "Following") -> None:
        self.page.goto(f"/@{handle}")
        button = self.page.locator(".profile .follow")
        button.click()
        expect(button).to_contain_text(shown)
        self._settled()

    def mute(self, handle: str) -> None:
        self.page.goto(f"/@{handle}")
        self.page.locator(".profile a.round").click()
        self._choose(f"Mute @{handle}")
        if not self.scripts:
            expect(self.page.get_by_text(f"Unmute @{handle}")).to_be_visible()
            self.page.goto(f"/@{handle}")
        expect(self.page.locator(".profile .note", has_text="Muted")).to_be_visible()

    def block(self, handle: str) -> None:
        self.page.goto(f"/@{handle}")
        self.page.locator(".profile a.round").click()
        self._choose(f"Block @{handle}")
        self.page.get_by_role("button", name=f"Block @{handle}").click()
        expect(self.page.get_by_text(f"You blocked @{handle}.")).to_be_visible()

    def _more(self, text: str) -> None:
        self.post(text).locator("a.more").click()

    def _choose(self, item: str) -> None:
        menu = self.page.locator("#sheet[open] .menu" if self.scripts else "main .menu")
        menu.get_by_text(item, exact=True).click()

    def _settled(self) -> None:
        """An optimistic button has had its answer."""
        expect(self.page.locator("[aria-busy='true']")).to_have_count(0)
