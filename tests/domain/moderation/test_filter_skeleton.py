"""Skeletons of texts: disguised words are found, and honest texts in any language are left alone."""

import time
import unicodedata

import pytest

from domain.moderation import filter_skeleton, filter_words
from domain.moderation.filter_skeleton import skeleton
from ops import look_alikes

WORDS = filter_words.parse(
    "kill you\nkill\nidiot\nassassin\nconnard\ntuer\nass\ncon\ncunt\nnazi\nmenace you\nresign\ncoop\nla\ndun\n"
    "coco\nmerde\n*phobe\ninsult*\nсука\nμαλάκας"
)
# Letters of other scripts are written by their numbers, since nobody would see them here.
DISGUISED = {
    "capitals": "I will KILL YOU",
    "signs of another script on Latin letters": "k\u0e34i\u0902ll",
    "what no font draws": "ki\ufffcl\u0378l",
    "runes and others like a capital I": "k\u2d4fl\ua4f2",
    "Latin letters in a Russian word": "c\u0443\u043a\u0430",
    "Latin letters in a spaced Russian word": "c \u0443 \u043a \u0430",
    "Latin letters between signs": "c.\u0443-\u043a*\u0430",
    "Latin letters in a Greek word": "\u03bca\u03bb\u03ac\u03baa\u03c2",
    "full width": "ｋｉｌｌ",
    "mathematical letters": "\U0001d424\U0001d422\U0001d425\U0001d425",
    "circled letters": "ⓚⓘⓛⓛ",
    "Cyrillic i": "k\u0456ll",
    "Cyrillic k": "\u043aill",
    "Cyrillic capitals": "\u041a\u0406LL",
    "Greek o in French": "c\u03bfnnard",
    "small capitals": "k\u026all",
    "Armenian and Cherokee": "i\u0501i\u0585t",
    "only look-alikes": "He is an \u0430\u0455\u0455, I say",
    "zero width": "k\u200bi\u200dl\u2060l",
    "soft hyphen": "mer\u00adde",
    "variation selectors": "k\ufe0fi\ufe0fll",
    "turned around and back": "k\u202e\u202cill",
    "fillers": "k\u3164i\u115fll",
    "combining marks": "k\u0336i\u0336l\u0336l\u0336",
    "stacked marks": "m\u0301\u0302\u0303e\u0301rde",
    "accents": "mérdè",
    "spaced": "k i l l",
    "spaced, and a next word": "k i l l  y o u",
    "a phrase in single letters": "k i l l y o u",
    "dots": "k.i.l.l",
    "hyphens": "m-e-r-d-e",
    "stars": "c*o*n*n*a*r*d",
    "lines": "k\ni\nl\nl",
    "digits": "k1ll y0u",
    "a digit for l": "ki11",
    "signs": "@n a$$",
    "signs at the end": "1d10t!!!",
    "French digits": "c0nn4rd, m3rd3",
    "euros": "m€rde",
    "spaced digits": "k 1 l l",
    "all at once": "\u212a.\u0456\u0301.1.\u200bl",
    "run together": "killyou",
    "inflected": "insulting",
    "with an article": "l’assassin",
    "small capitals alone": "ᴋɪʟʟ",
    "letters in black squares": "\U0001f17a\U0001f178\U0001f17b\U0001f17b",
    "letters of flags": "\U0001f1f0\U0001f1ee\U0001f1f1\U0001f1f1",
    "different signs": "k-i.l-l",
    "wide": "k    i    l    l",
    "dashes": "k—i—l—l",
    "hearts": "k❤i❤l❤l",
    "brackets": "k(i)l(l)",
    "quotation marks": 'k"i"l"l',
    "a hyphen": "mer-de",
    "an underscore": "id_iot",
    "a stretched word": "k\u0640ill",
    "a sign at the end": "c0c@! @ss c\u00f6n",
    "an exclamation mark for i": "@ nazi would be n@z!",
    "a capital I": "kiII",
    "a phrase with a hyphen": "menace-you",
    "a phrase with hyphens": "menace-you-all",
    "a phrase with a comma": "menace, you",
}
HONEST = [
    "Scunthorpe United plays in Lincolnshire, and Essex in the south.",
    "Un concombre, deux concombres, un conte, le second consul.",
    "The class will assess the assembly of the bass cassette.",
    "She killed the engine; the skill of Killarney’s tuercas.",
    "Привет, как дела? Сегодня хорошая погода, и мы идём гулять.",
    "Он сказал: «Кокос, сосна и рост». The rest is in Russian, раз так.",
    "Γεια σας, τι κάνετε; Ο καιρός είναι καλός σήμερα.",
    "مرحبا، كيف حالك؟ الطقس جميل اليوم. كَتَبَ",
    "今日はTシャツを着て、ＡＢＣと言いました。",
    "नमस्ते, आप कैसे हैं?",
    "Il y a 3 ans, à 7 h 30, j’ai eu 15 € et 4 billets.",
    "In 1933 and 1985, 4 of 10 said no: 90 % in all.",
    "E. E. Cummings met J. R. R. Tolkien in the U.S.A., 2-1-0.",
    "Η τιμή είναι 5 €, the α-helix and 3 μm.",
    "1 2 3 4 5 6 7 8 9 0",
    "She has to re-sign with the co-op.",
    "Elle l’a dit d’un ton sec : « c’est-à-dire, a-t-il, y a-t-il ? »",
    "https://a.example/menace-you?c=o&n, x@menace.you.example",
    "किताबी बातें, ภาษาไทย, كِتَاب",
    "Allez \U0001f1eb\U0001f1f7\u00a0! \U0001f1e8\U0001f1f4 n\u00b0 5",
    "Plan A (B), C; wow! I’m in. Mc-Ill",
    "",
    "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
]


@pytest.mark.parametrize("text", DISGUISED.values(), ids=DISGUISED.keys())
def test_disguises_are_undone(text: str) -> None:
    assert WORDS.matches(skeleton(text)), skeleton(text)


@pytest.mark.parametrize("text", HONEST)
def test_honest_texts_are_left_alone(text: str) -> None:
    assert not WORDS.matches(skeleton(text))


def test_a_text_in_one_script_stays_as_it_is() -> None:
    """The letters of this word all look like Latin ones, and the text is Russian."""
    russian = "сосо и рост, ехо"
    assert skeleton(russian).readings == (russian, russian.replace(",", ""))


def test_signs_of_other_scripts_stay() -> None:
    assert filter_skeleton.fold("नमस्ते") == "नमस्ते"
    assert filter_skeleton.fold("한국어") == "한국어"


@pytest.mark.parametrize(
    "text",
    [
        "a " * 4000,
        "a@" * 4000,
        "a!1" * 3000,
        "n-" * 4000,
        "x_" * 4000,
        "k.i.l.l" * 1000,
        "1a" * 4000,
        "e\u0301" * 4000,
        "\u0430b" * 4000,
        "$" * 8000,
        "!" * 20_000,
        " " * 8000,
    ],
)
def test_hostile_texts_have_few_readings(text: str) -> None:
    began = time.thread_time()
    found = skeleton(text).readings
    assert time.thread_time() - began < 0.3
    assert len(found) <= 9
    assert all(len(reading) <= len(text) for reading in found)


def test_exclamation_marks_in_one_character_are_little_work() -> None:
    """Two of them are one sign, and with joiners between them thousands are one character of a post."""
    short, long = (min(_cost("\u200d".join("\u203c" * marks) + "x") for _ in range(3)) for marks in (500, 8000))
    assert long < 64 * short, "sixteen times as many take sixteen times as long, not 256 times"


def _cost(text: str) -> float:
    began = time.thread_time()
    skeleton(text)
    return time.thread_time() - began


UNICODE = """\
# confusables.txt
# Version: 15.0.0
0430 ;\t0061 ;\tMA\t# CYRILLIC SMALL LETTER A
0406 ;\t006C ;\tMA\t# a capital that looks like l
0141 ;\t004C 0338 ;\tMA\t# L with a stroke
0031 ;\t006C ;\tMA\t# a digit, which is no letter of another script
05D5 ;\t006C ;\tMA\t# from right to left
FF41 ;\t0061 ;\tMA\t# comes apart by itself
4E36 ;\t002C ;\tMA\t# not like a letter
"""


def test_the_table_is_made_of_unicodes() -> None:
    *comment, a, i, last = look_alikes.table(UNICODE).splitlines()
    assert (a, i, last) == ("a 0430", "i 0406", "l 0141")
    assert all(line.startswith("#") for line in comment)
    assert "version 15.0.0" in "".join(comment)


def test_the_table_has_what_matters() -> None:
    found = filter_skeleton.look_alikes()
    assert (
        "".join(found[letter] for letter in "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u03bf\u0391\u0501")
        == "aeopcyxioad"
    )
    assert not any(letter.isascii() for letter in found)


def test_no_character_makes_a_text_much_longer() -> None:
    long = [sign for sign in map(chr, range(0x110000)) if len(unicodedata.normalize("NFKD", sign)) > 7]
    assert long
    assert all(len(filter_skeleton.fold(sign)) <= 7 for sign in long)
    assert filter_words.parse("\ufdfa").matches(skeleton("Muhammad \ufdfa"))
