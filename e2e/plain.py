"""A browser on an origin without https: what it offers to secure origins alone is missing."""

from e2e.user import User

MISSING = """() => {
  for (const name of ["serviceWorker", "locks"]) delete Navigator.prototype[name];
  delete globalThis.caches;
  delete Crypto.prototype.randomUUID;
}"""


def http(person: User) -> User:
    """Takes it from all pages that this person opens from now on."""
    person.page.context.add_init_script(f"({MISSING})()")
    return person
