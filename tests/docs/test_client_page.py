"""What the manual and the client's README show is run, in order, and prints what they say."""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.support.installation import FIRST
from tests.support.served_world import ServedWorld

ROOT = Path(__file__).parents[2]
PAGES = ("docs/client.md", "clients/python/README.md")
_BLOCK = re.compile(
    r"^```python\n(.*?)^```\n(?:\n```output\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Each piece of Python with what stands below it as its output."""
    for found in _BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        yield found[1], found[2] or ""


@pytest.mark.parametrize("page", PAGES)
def test_every_example_prints_what_the_page_says(
    page: str, served: ServedWorld, monkeypatch: pytest.MonkeyPatch
):
    served.world.person("42", agreed=FIRST)
    served.world.person("43")
    monkeypatch.setenv("UPHELD_URL", served.url)
    monkeypatch.setenv("UPHELD_KEY", served.world.key("decide", "consent"))
    namespace: dict[str, object] = {"__name__": "page"}
    examples = list(blocks(page))
    assert examples
    for source, output in examples:
        said = io.StringIO()
        with redirect_stdout(said):
            exec(compile(source, page, "exec"), namespace)  # noqa: S102  that is the point
        assert said.getvalue() == output
