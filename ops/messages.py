"""Updates the translation catalogues, web/locale/*.po, from the sources: `make messages`.

English is the source and has no catalogue. A new language is its line in ``web.i18n.LOCALES`` and an empty .po file.
"""

from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "web" / "locale"
SOURCES = {
    "asgi": [("**.py", "python")],
    "domain": [("**.py", "python")],
    "pwa": [("**.py", "python")],
    "web": [("templates/**.html", "jinja2"), ("**.py", "python")],
}
# Function -> the place of the words among its arguments. Default arguments and constants carry the mark N_.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "N_": None,
    "NN_": (1, 2),
    "translate": (2,),
    "show_settings": (3,),
    **dict.fromkeys(("Refused", "NotFound", "Forbidden", "SignedOut", "Invalid", "Conflict", "TooMany")),
}
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def extract() -> Catalog:
    """Every text that the sources hold for people."""
    found = Catalog()
    for folder, methods in SOURCES.items():
        # A template that can't be read is an error, not an empty one.
        options = {"**.html": {"silent": "false", "encoding": "utf-8"}}
        for _, _, words, _, context in extract_from_dir(str(ROOT / folder), methods, options, KEYWORDS):
            found.add(words, context=context)
    return found


def read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.stem)


def strings(message: Message) -> list[str]:
    """The translation's forms, empty ones too."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def write(file: Path, catalogue: Catalog) -> None:
    """In the order of the alphabet, without places and dates, so that a change is as small as it is."""
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = HEADER.format(language=catalogue.locale, plural=catalogue.plural_forms)
    file.write_text(header + body.getvalue().decode().strip() + "\n", encoding="utf-8")


def main() -> None:
    sources = extract()
    for file in sorted(CATALOGUES.glob("*.po")):
        catalogue = read(file)
        catalogue.update(sources, no_fuzzy_matching=True)
        write(file, catalogue)
        missing = [message.id for message in catalogue if message.id and not all(strings(message))]
        lines = [f"{file.relative_to(ROOT)}: {len(missing)} to translate", *(f"  {words}" for words in missing)]
        print("\n".join(lines))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
