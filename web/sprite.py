"""Build static/icons.svg from an unpacked @phosphor-icons/core: `python -m web.sprite path/to/package`."""

import re
import sys
from pathlib import Path

WEB = Path(__file__).parent
USED = re.compile(r"""icon\(\s*["']([a-z-]+)["'](\s*,\s*(?:fill\s*=\s*)?True)?""")
MAYBE_FILLED = re.compile(r"""icon\(\s*["']([a-z-]+)["']\s*,\s*(?:fill\s*=\s*)?\w""")
SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
MARK = '<path d="M4 28V11L16 4l12 7v17h-7V18a5 5 0 0 0-10 0v10z"/>'

# Drawn as an outline over an inside which the stylesheet fills when the button is pressed.
TOGGLED = ("arrow-fat-up", "arrow-fat-down")


def main(package: Path) -> None:
    symbols = [f'<symbol id="mark" viewBox="0 0 32 32">{MARK}</symbol>']
    symbols += [symbol(package, name) for name in sorted(names_used())]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"
    (WEB / "static" / "icons.svg").write_text(sprite)
    sys.stdout.write(f"{len(symbols)} icons, {len(sprite)} bytes\n")


def names_used() -> set[str]:
    """Names as in icons.svg: `house` is regular, `house-fill` is filled."""
    names: set[str] = set()
    for template in (WEB / "templates").rglob("*.html"):
        text = template.read_text()
        names.update(match[1] for match in USED.finditer(text) if not match[2])
        names.update(f"{match[1]}-fill" for match in MAYBE_FILLED.finditer(text))
    return names - {"mark"}


def symbol(package: Path, name: str) -> str:
    inside = shapes(package, name)
    if name in TOGGLED:
        inside = inside.replace("<path", '<path fill="currentColor"') + shapes(package, f"{name}-fill")
    return f'<symbol id="{name}" viewBox="0 0 256 256">{inside}</symbol>'


def shapes(package: Path, name: str) -> str:
    style = "fill" if name.endswith("-fill") else "regular"
    found = SHAPES.search((package / "assets" / style / f"{name}.svg").read_text())
    if found is None:
        raise ValueError(f"{name}: not an SVG file")
    return found[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
