"""Mails as they come: whole, odd, broken and hostile."""

import hashlib
import time
from email.message import EmailMessage

import pytest

from adapters import incoming_mail
from adapters.incoming_mail import MAX_KEPT, MAX_MAIL, BadMail
from tests.helpers.complaints import mail


def test_a_plain_mail() -> None:
    raw = mail("Please look.").as_bytes()
    found = incoming_mail.read(raw)
    assert (found.sender, found.name, found.subject) == ("abuse@nordhost.example", "Nordhost", "Content on your server")
    assert (found.message_id, found.text.strip()) == ("1@nordhost.example", "Please look.")
    assert (found.sha256, found.size, found.kept) == (hashlib.sha256(raw).hexdigest(), len(raw), raw)
    assert not found.replied
    assert not found.generated


def test_attachments_are_named_and_not_kept() -> None:
    message = mail("See the picture.")
    message.add_attachment(b"\x89PNG picture", maintype="image", subtype="png", filename="proof.png")
    found = incoming_mail.read(message.as_bytes())
    digest = hashlib.sha256(b"\x89PNG picture").hexdigest()
    assert found.attachments == (("proof.png", 12, digest),)
    assert found.text.strip() == "See the picture."
    assert b"Nordhost" in found.kept
    assert b"base64" not in found.kept


def test_of_two_versions_the_plain_one_is_read() -> None:
    message = mail("Plain words.")
    message.add_alternative("<p>Other words.</p>", subtype="html")
    assert incoming_mail.read(message.as_bytes()).text.strip() == "Plain words."


def test_html_alone_becomes_text() -> None:
    message = mail()
    message.set_content(
        "<style>p { x: 1 }</style><p>Caf&eacute; &lt;b&gt;</p><a href='https://parvis.test/@eve/1'>this<br>post</a>"
        "<script>alert('<p>')</script> end",
        subtype="html",
    )
    assert incoming_mail.read(message.as_bytes()).text.split() == [
        "Café", "<b>", "https://parvis.test/@eve/1", "this", "post", "end",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("iso-8859-1", "Mairie de Trégor".encode("latin-1")),
        ("x-unknown", "Mairie de Trégor".encode("latin-1")),
        ("punycode", "Mairie de Trégor".encode("latin-1")),
        ("utf-8", "Mairie de Trégor".encode("latin-1")),
        ("utf-8", "Mairie de Trégor".encode()),
    ],
)
def test_encodings(charset: str, body: bytes) -> None:
    head = (
        f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    assert incoming_mail.read(head.encode() + body).text == "Mairie de Trégor"


def test_a_mail_within_a_mail_is_read_too() -> None:
    message = mail("Forwarded:")
    message.add_attachment(mail("https://parvis.test/@eve/1"))
    found = incoming_mail.read(message.as_bytes())
    assert found.text.split() == ["Forwarded:", "https://parvis.test/@eve/1"]


def test_headers_that_are_broken_or_forged() -> None:
    raw = (
        b"From: =?utf-8?q?Caf=C3=A9?= <ABUSE@B.example>\r\nSubject: =?utf-8?b?!!!?= \xff\xfe\r\n"
        b'Message-ID: nothing\r\nContent-Type: text/plain; charset="\r\nX: <>;;\x00@@\r\n\r\nWords'
    )
    found = incoming_mail.read(raw)
    assert (found.sender, found.name, found.text) == ("abuse@b.example", "Café", "Words")
    assert found.message_id == f"sha256:{hashlib.sha256(raw).hexdigest()}"
    for own in (b"=?utf-8?q?x=0aBcc:c@d.example?=", b"=?utf-8?q?=3D?utf-8=3Fq=3Fx=3D0aBcc:c@d.example=3F=3D?="):
        coded = b"From: a@b.example\r\nMessage-ID: <%b@b.example>\r\n\r\nWords" % own
        assert incoming_mail.read(coded).message_id == f"sha256:{hashlib.sha256(coded).hexdigest()}"
    forged = mail()
    del forged["Subject"]
    raw = forged.as_bytes().replace(b"To:", b"Subject: one\r\n two\rBcc: c@d.example\r\nTo:", 1)
    assert "\n" not in incoming_mail.read(raw).subject


@pytest.mark.parametrize(
    ("header", "value", "replied", "generated"),
    [
        ("Auto_Submitted", "auto-replied", True, True),
        ("Auto_Submitted", "auto-generated; x=1", False, True),
        ("Auto_Submitted", "no", False, False),
        ("Return_Path", "<>", True, False),
        ("Return_Path", "<abuse@nordhost.example>", False, False),
    ],
)
def test_machines_are_known(header: str, value: str, replied: bool, generated: bool) -> None:
    found = incoming_mail.read(mail(**{header: value}).as_bytes())
    assert (found.replied, found.generated) == (replied, generated)


def test_a_bounce_is_known_and_a_report_of_abuse_is_none() -> None:
    for kind, is_bounce in (("delivery-status", True), ("feedback-report", False)):
        message = mail()
        message.make_mixed()
        message.replace_header("Content-Type", f'multipart/report; report-type="{kind}"; boundary="b"')
        assert incoming_mail.read(message.as_bytes()).replied is is_bounce


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"no mail at all", b"Subject: x\n\nwords", b"From: nobody\n\nwords"])
def test_what_is_no_mail(raw: bytes) -> None:
    with pytest.raises(BadMail):
        incoming_mail.read(raw)


def nested(depth: int) -> bytes:
    lines = ["From: a@b.example"]
    for level in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="{level}"', "", f"--{level}"]
    return "\r\n".join([*lines, "", "words"]).encode()


def test_what_would_cost_too_much() -> None:
    began = time.process_time()
    for raw in (
        b"From: a@b.example\n\n" + b"x" * MAX_MAIL,
        b"From: a@b.example\nX: " + b"x" * 70_000 + b"\n\nwords",
        nested(12),
        nested(3000),
        nested(1).replace(b"words", b"--0\r\n\r\n" * 200),
        nested(1).replace(b"\r\nwords", b"Content-Type: text/plain" + b"; a=b" * 400_000 + b"\r\n\r\nx"),
        nested(1).replace(b"\r\nwords", (b"X:" + b" y" * 30_000 + b"\r\n\r\nx\r\n--0\r\n") * 3),
        nested(1).replace(b"words", b"--0\n\n" * 1_000_000),
        nested(1).replace(b"words", b"--0\r\nContent-Type: text/plain; " + b'a="b\\";' * 20_000),
        b"From: a@b.example\nContent-Transfer-Encoding:\r " + b"(a)" * 15_000 + b"\n\nwords",
        nested(1).replace(b"words", (b"--0\ncontent-type: text/plain;\n\t" + b'a="b\\";' * 450 + b"\n\n") * 30),
    ):
        with pytest.raises(BadMail, match="too"):
            incoming_mail.read(raw)
    for raw in (
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<" * 1_000_000,
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a href=" * 200_000,
        b"From: a@b.example\nContent-Type: text/plain; charset=punycode_\n\nx-" + b"a" * 256_000,
        *(
            b"Sender: a@b.example\n%s: %s\n\nwords" % (name, bad * 30_000)
            for name in (b"From", b"Sender", b"To", b"Cc", b"Subject", b"References")
            for bad in (b'"', b"a,", b"<")
        ),
        b"From: a@b.example\nSubject: " + b"=?punycode_?q?x-%s?=" % (b"a" * 60_000) + b"\n\nwords",
        b"From: a@b.example\nTo: " + b"(" * 30_000 + b"\nSubject: " + b"=?utf-8?q?" * 3000 + b"\n\nwords",
    ):
        incoming_mail.read(raw)
    assert time.process_time() - began < 20


def test_a_large_mail_is_read_and_not_kept_whole() -> None:
    message: EmailMessage = mail("words " * 300_000)
    found = incoming_mail.read(message.as_bytes())
    assert found.size > MAX_KEPT
    assert len(found.kept) < 1000
    assert len(found.text) <= incoming_mail.MAX_TEXT
