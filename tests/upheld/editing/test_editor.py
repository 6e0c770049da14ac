"""An editor's language server finds the schemas by the comment in each file, and helps while one types.

The server is the one that VS Code, Neovim, Helix and others use, from the npm registry.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from upheld.editing.schemas import wire_policies, write_schemas

pytestmark = pytest.mark.campaign

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
WRONG = """- id: quality
  clause: 1.2.c
  data: [usage]
  for: [service]
  bassis: contract
  basis: contrct
  """


class Editor:
    """A language server over its standard input and output, as an editor drives it."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._number = 0
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", processId=None, rootUri=None, capabilities={})
        self._send({"method": "initialized", "params": {}})

    def open(self, path: Path) -> list[str]:
        """Open a file; what the server says is wrong with it."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": path.read_text()}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self.told:
            self._take(self._read())
        return [item["message"] for item in self.told[uri]]

    def complete(self, path: Path, line: int, column: int) -> dict[str, str]:
        """What may be typed at a place, with what each is."""
        place = {"line": line, "character": column}
        found = self.ask(
            "textDocument/completion", textDocument={"uri": path.as_uri()}, position=place
        )
        return {item["label"]: str(item.get("documentation", "")) for item in found["items"]}

    def hover(self, path: Path, line: int, column: int) -> str:
        """What the server shows of the word at a place."""
        place = {"line": line, "character": column}
        found = self.ask("textDocument/hover", textDocument={"uri": path.as_uri()}, position=place)
        return str(found and found["contents"])

    def ask(self, method: str, **params: Any) -> Any:
        """Ask and wait for the answer."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                return message.get("result")
            self._take(message)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message and "method" in message:
            wanted = message.get("params", {}).get("items", [])
            answer: Any = [{"validate": True, "completion": True, "hover": True} for _ in wanted]
            self._send({"id": message["id"], "result": answer or None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        found: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return found


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("Node.js is not installed; on Debian: apt-get install nodejs npm")
    folder = tmp_path_factory.mktemp("server")
    got = subprocess.run(
        [npm, "install", "--prefix", str(folder), "yaml-language-server@1"],
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode:
        pytest.skip(f"the npm registry does not give yaml-language-server: {got.stderr[-200:]}")
    server = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    editor = Editor([node, str(server), "--stdio"])
    yield editor
    editor.close()


@pytest.fixture
def version(tmp_path: Path) -> Path:
    shutil.copytree(SEED, tmp_path / "policies" / "aicodewith")
    for path in (tmp_path / "policies").rglob("*.yaml"):
        path.write_text(
            path.read_text().partition("\n")[2]
            if "$schema" in path.read_text()
            else path.read_text()
        )
    list(write_schemas(tmp_path / "policies" / ".schemas"))
    assert list(wire_policies(tmp_path / "policies", tmp_path / "policies" / ".schemas"))
    return tmp_path / "policies" / "aicodewith" / "2026-10-01"


def test_the_seed_policy_is_in_order_for_an_editor(editor: Editor, version: Path) -> None:
    files = [
        *version.glob("*.yaml"),
        *version.parent.glob("*.yaml"),
        *version.parent.glob("tests/*.yaml"),
    ]
    assert len(files) > 12
    assert {path.name: editor.open(path) for path in files} == {path.name: [] for path in files}


def test_a_mistake_is_shown_while_one_types(editor: Editor, version: Path) -> None:
    path = version / "use.yaml"
    path.write_text(path.read_text().splitlines()[0] + "\n" + WRONG)
    said = " ".join(editor.open(path))
    assert "bassis" in said
    assert "contract" in said


def test_keys_and_values_are_completed_and_explained(editor: Editor, version: Path) -> None:
    path = version / "use.yaml"
    path.write_text(path.read_text().splitlines()[0] + "\n" + WRONG)
    editor.open(path)
    offered = editor.complete(path, 7, 2)
    assert "GDPR 9(2)" in offered["second ground"]
    assert {"contract", "legal obligation"} <= set(editor.complete(path, 6, 9))
    assert "lawful basis" in editor.hover(path, 6, 3)
