"""Makes domain/moderation/look_alikes.txt from Unicode's table of confusable characters.

``python -m ops.look_alikes confusables.txt``, with the file of https://www.unicode.org/Public/security/latest/
"""

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TO = Path("domain/moderation/look_alikes.txt")
HEADER = """\
# Letters and digits that look like Latin ones, by what they look like, in hexadecimal.
#
# Made by ops/look_alikes.py from confusables.txt of Unicode Technical Standard 39, {version}.
# Copyright (c) 1991-2026 Unicode, Inc. Distributed under the Unicode License, https://www.unicode.org/license.txt
"""
LINE = re.compile(r"([0-9A-F]+) ;\t([0-9A-F ]+) ;")
VERSION = re.compile(r"^# Version: (\S+)", re.MULTILINE)


def table(source: str) -> str:
    """The whole file, from the text of Unicode's."""
    found: dict[str, list[int]] = defaultdict(list)
    for letter, like in _pairs(source):
        found[like].append(ord(letter))
    version = VERSION.search(source)
    lines = [f"{like} {' '.join(f'{point:04X}' for point in sorted(found[like]))}\n" for like in sorted(found)]
    return HEADER.format(version=f"version {version[1]}" if version else "of unknown version") + "".join(lines)


def _pairs(source: str) -> Iterator[tuple[str, str]]:
    for letter_point, like_points in LINE.findall(source):
        letter = chr(int(letter_point, 16))
        like = _plain("".join(chr(int(point, 16)) for point in like_points.split()))
        if like.isascii() and like.isalnum() and len(like) <= 2 and _matters(letter):
            # Unicode takes "I" for a confusable of "l".
            yield letter, "i" if like == "l" and letter.isupper() else like.lower()


def _matters(letter: str) -> bool:
    """Whether it is a letter or a digit written from left to right that does not come apart by itself."""
    kind, direction = unicodedata.category(letter)[0], unicodedata.bidirectional(letter)
    return kind in "LN" and direction in {"L", "EN", "ON"} and not letter.isascii() and _plain(letter) == letter


def _plain(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


if __name__ == "__main__":
    TO.write_text(table(Path(sys.argv[1]).read_text(encoding="utf-8-sig")), encoding="utf-8")
