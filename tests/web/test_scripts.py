"""Scripts: what the linters do not see of modules, and how they become one script for the service worker."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pwa.routes import worker
from tests.helpers.people import LiveSite
from web import assets, scripts

MODULES = [scripts.ROOT / name for name in scripts.modules()] + sorted(worker.WORKER.glob("*.js"))
NAMES = re.compile(r'^import \{([^}]*)\} from "([^"]+)"', re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
NODE = shutil.which("node") or "make test installs node"
LAZY = re.compile(r'import\("([^"]+)"\)')


@pytest.mark.parametrize("module", MODULES, ids=lambda file: file.relative_to(scripts.ROOT).as_posix())
def test_imports_lead_somewhere(module: Path) -> None:
    """A name that is not exported stops a script in the browser, and all that import it; so may a circle."""
    source = module.read_text("utf-8")
    for names, address in NAMES.findall(source):
        exported = EXPORTED.findall((module.parent / address).read_text("utf-8"))
        assert {name.strip() for name in names.split(",")} <= set(exported), address
    for address in LAZY.findall(source):
        assert (module.parent / address).exists(), address
    assert scripts.in_order(module)[-1] == module


async def test_modules_are_served_with_what_they_import(site: LiveSite) -> None:
    browser = site.browser()
    address = assets.address("pwa/static/js/main.js")
    assert re.fullmatch(r"/static/js\.[0-9a-f]{12}/pwa/static/js/main\.js", address)
    answer = await browser.get(address)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "text/javascript; charset=utf-8", "public, max-age=31536000, immutable",
    )  # fmt: skip
    found = re.findall(r'from"(\.[^"]+)"', answer.text)
    assert found, "minified, imports are still there"
    for other in found:
        assert (await browser.get(str(answer.url.join(other)))).status_code == 200
    assert (await browser.get(re.sub(r"js\.\w+", "js.000000000000", address))).status_code == 404


async def test_what_a_page_needs_first_is_asked_for_at_once(site: LiveSite) -> None:
    """Nothing is found out about only when a script has come."""
    page = (await site.browser().get("/")).text
    first = set(re.findall(r'<(?:script src|link rel="modulepreload" href)="([^"]+)"', page))
    entries = [scripts.ROOT / side / "static/js/main.js" for side in ("web", "pwa")]
    needed = {file.relative_to(scripts.ROOT).as_posix() for entry in entries for file in scripts.in_order(entry)}
    assert {assets.address(name) for name in needed} <= first


@pytest.mark.parametrize("name", scripts.modules())
def test_a_minified_module_is_still_one(tmp_path: Path, name: str) -> None:
    """In ``=> /\\//`` a pattern is taken for a comment."""
    file = tmp_path / "module.mjs"
    file.write_bytes(scripts.modules()[name])
    subprocess.run([NODE, "--check", file], check=True)


def test_the_service_worker_is_one_classic_script(tmp_path: Path) -> None:
    source = worker.script().body.decode()
    assert not re.search(r"\bimport\b|\bexport\b", source)
    for module in scripts.in_order(worker.WORKER / "main.js"):
        for name in EXPORTED.findall(module.read_text("utf-8")):
            assert len(re.findall(rf"(?:function|const|let|class) {name}\b", source)) == 1, name
    file = tmp_path / "worker.js"
    file.write_text(source)
    subprocess.run([NODE, "--check", file], check=True)


def _modules(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "main.js"


def test_modules_are_joined_in_the_order_of_their_imports(tmp_path: Path) -> None:
    main = _modules(
        tmp_path,
        main='import { one } from "./one.js";\nimport { two } from "./two.js";\none(two);\n',
        one='import { two } from "./two.js";\nexport function one() { return two; }\n',
        two="export const two = 2;\n",
    )
    assert scripts.joined(main) == "const two = 2;\n\nfunction one() { return two; }\n\none(two);\n"


@pytest.mark.parametrize(
    "sources",
    [
        {"main": 'import "./one.js";\nconst name = 1;\n', "one": "function name() {}\n"},
        {"main": 'import "./one.js";\n', "one": 'import "./main.js";\n'},
        {"main": 'import { one as two } from "./one.js";\n', "one": "export const one = 1;\n"},
        {"main": "export default 1;\n"},
        {"main": "export { one };\n"},
        {"main": "import one from './one.js';\n"},
        {"main": 'const one = () => import("./one.js");\n'},
        {"main": "const { one } = self;\n"},
        {"main": "let [one] = self;\n"},
    ],
)
def test_what_would_break_in_one_script_is_refused(tmp_path: Path, sources: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        scripts.joined(_modules(tmp_path, **sources))
