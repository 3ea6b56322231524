"""The one grammar of e-mail addresses."""

import re

# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, in lower case, with a dot in the domain. RFC
# 5321 gives the lengths.
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = rf"({_LABEL}\.)+{_LABEL}"
PATTERN = rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{DOMAIN}"
MAX_LENGTH = 254
_ADDRESS = re.compile(PATTERN)
_NAMED = re.compile(r'"?(?P<name>[^"<>@,;:\\\r\n]*)"?\s<(?P<address>[^<>]+)>')


def normalize(typed: str) -> str:
    """The address in lower case, its domain in ASCII (IDNA). Errors: ``ValueError`` for what is no address."""
    local, _, domain = typed.strip().rpartition("@")
    if len(local) + len(domain) < MAX_LENGTH and local.isascii():
        try:
            found = f"{local}@{domain.encode('idna').decode()}".lower()
        except UnicodeError:
            found = ""
        if is_normal(found):
            return found
    raise ValueError("not an email address")


def is_normal(text: str) -> bool:
    """Whether this is an address as :func:`normalize` gives it."""
    return len(text) <= MAX_LENGTH and bool(_ADDRESS.fullmatch(text))


def named(text: str) -> tuple[str, str]:
    """The name and the address of ``Name <address>``; the name is "" where there is the address alone."""
    found = _NAMED.fullmatch(text.strip())
    return (found["name"].strip(), found["address"]) if found else ("", text.strip())
