"""What counts as an email address, and that a mail goes to it and to nobody else."""

import pytest

from adapters import email_address
from adapters.mail import send
from tests.helpers.services import MailServer

WRONG = [
    "", "b", "b@", "@x.org", "b@x", "b@localhost", "b@x.org,root", "b@x.org, root@x.org", "b@x.org;root", "a b@x.org",
    "b@x.org b@y.org", "b@@x.org", "b@x..org", "b@.x.org", "b@x.org.", "b@-x.org", "b@x-.org", "b@x_y.org",
    "b@x.org\nBcc: c@y.org", "b\r\n@x.org", "b\t@x.org", "<b@x.org>", "B <b@x.org>", '"b c"@x.org', "b(c)@x.org",
    "b@[127.0.0.1]", "b@x.org\x00", "b\u200b@x.org", "\u212aate@x.org", "é@x.org", "b@x\u200b", "b@x.org:25",
    "a" * 65 + "@x.org", "b@" + "x" * 64 + ".org", "b@" + "x." * 126 + "org", "b@" + "ü" * 100_000 + ".org",
]  # fmt: skip


@pytest.mark.parametrize("typed", WRONG, ids=lambda typed: ascii(typed)[:40])
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(ValueError, match="not an email address"):
        email_address.normalize(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("b@x.org", "b@x.org"),
        (" Ana.Ruiz+parvis@Mail.Tilly.Example\n", "ana.ruiz+parvis@mail.tilly.example"),
        ("o'hara@x.org", "o'hara@x.org"),
        ("!#$%&'*+/=?^_`{|}~-@x.org", "!#$%&'*+/=?^_`{|}~-@x.org"),
        ("b@Bücher.example", "b@xn--bcher-kva.example"),
        ("b@xn--bcher-kva.example", "b@xn--bcher-kva.example"),
        ("b@1.2.example", "b@1.2.example"),
        ("a" * 64 + "@x.org", "a" * 64 + "@x.org"),
    ],
)
def test_addresses_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert email_address.normalize(typed) == kept
    assert email_address.normalize(kept) == kept


async def test_a_mail_goes_to_its_recipient_alone(mail: MailServer) -> None:
    for to in WRONG:
        with pytest.raises(ValueError, match="not an email address"):
            await send(mail.url, "noreply@x.org", to, "Subject", "Text")
    with pytest.raises(ValueError):  # noqa: PT011 - the email package's own words
        await send(mail.url, "noreply@x.org", "b@x.org", "Subject\nBcc: c@y.org", "Text")
    assert mail.messages == []
    await send(mail.url, "Tilly Daily <noreply@x.org>", "a..b@x.org", "Subject", "To: c@y.org\n\nText")
    assert mail.recipients == [["a..b@x.org"]]
    message = mail.wait()
    assert (message["From"], message["To"]) == ("Tilly Daily <noreply@x.org>", "a..b@x.org")
    assert [name for name in ("Cc", "Bcc") if name in message] == []
