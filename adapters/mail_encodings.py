"""Which encodings of texts are read in mails: Python knows others, and some of those take minutes for a small text."""

import codecs

# By what Python calls them; each has several names in mails.
_KNOWN = frozenset(
    "ascii utf-8 utf-8-sig utf-7 utf-16 utf-16-be utf-16-le utf-32 utf-32-be utf-32-le "
    "big5 big5hkscs cp932 cp949 cp950 euc_jp euc_kr gb18030 gb2312 gbk hz iso2022_jp iso2022_jp_2 iso2022_kr "
    "shift_jis johab koi8-r koi8-u mac-roman mac-cyrillic cp437 cp850 cp852 cp858 cp866 cp874 tis-620 "
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258".split()
) | frozenset(f"iso8859-{part}" for part in range(1, 17))


def known(charset: str) -> str:
    """What Python calls an encoding, "" for one that is not read.

    >>> known("Latin1"), known("punycode_")
    ('iso8859-1', '')
    """
    try:
        found = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""
    return found if found in _KNOWN else ""
