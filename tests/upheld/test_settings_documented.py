"""The manual and the settings agree: what exists is documented, and what is documented exists."""

import re
from pathlib import Path

from upheld.settings import Documented, document_settings

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| `(UPHELD_\w+)` \| (?:`(.*?)`)? *\| (.*) \|$", re.MULTILINE)


def documented() -> list[Documented]:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    settings, _, _ = page.partition("## Keys")
    return [Documented(*found) for found in ROW.findall(settings)]


def test_every_setting_is_documented_with_its_default_and_every_documented_one_exists() -> None:
    assert documented() == document_settings()


def test_the_page_on_operating_names_only_variables_that_exist() -> None:
    settings = (DOCS / "settings.md").read_text(encoding="utf-8")
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    named = {name.removesuffix("_FILE") for name in re.findall(r"UPHELD_[A-Z_]*[A-Z]", page)}
    assert named <= set(re.findall(r"UPHELD_[A-Z_]*[A-Z]", settings))
