"""The API's description is true of a running `upheld serve`.

schemathesis asks whatever the description allows and much of what it forbids, with a key and without.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upheld.serving.clinic import Clinic, Server, found_clinic
from tests.upheld.serving.running import ask

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
    "missing_required_header", "unsupported_method", "ignored_auth", "allow_header_conformance",
)  # fmt: skip


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("clinic")
    return found_clinic(folder, f"sqlite:///{folder / 'upheld.db'}", patients=50)


@pytest.fixture(scope="module")
def server(clinic: Clinic) -> Iterator[Server]:
    with clinic.served() as running:
        yield running


@pytest.mark.parametrize(
    ("phases", "examples"),
    [
        ("examples,coverage", 1),
        pytest.param("examples,coverage,fuzzing,stateful", 150, marks=pytest.mark.campaign),
    ],
    ids=["a sample", "all"],
)
def test_no_answer_differs_from_the_description(
    clinic: Clinic, server: Server, tmp_path: Path, phases: str, examples: int
) -> None:
    command = [
        str(SCHEMATHESIS), "run", f"http://127.0.0.1:{server.port}/v1/openapi.json",
        "--header", f"Authorization: Bearer {clinic.key('decide', 'consent', 'rights', 'admin')}",
        "--phases", phases, "--max-examples", str(examples), "--checks", ",".join(CHECKS),
        "--seed", "1", "--generation-database", "none", "--no-color",
    ]  # fmt: skip
    # It keeps what it found beside where it runs.
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    print(ran.stdout[-600:])  # noqa: T201  (the campaign's figures)
    assert ran.returncode == 0, ran.stdout
    assert "Test cases:" in ran.stdout


@pytest.mark.parametrize("path", ["/v1/decisions", "/access/v1/evaluation", "/v1/records/filter"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'"' + b"x" * 1024 * 1024 + b'"', 413),
        (b"[" * 200_000 + b"]" * 200_000, 400),
        (b'{"subject":' * 100_000 + b"1" + b"}" * 100_000, 413),
        (b'{"operation": "use"', 400),
        (b"\xff\xfe", 400),
    ],
    ids=["over 1 MiB", "deep list", "deep objects over 1 MiB", "broken off", "not UTF-8"],
)
def test_a_huge_or_deep_body_is_refused(
    clinic: Clinic, server: Server, path: str, body: bytes, status: int
) -> None:
    key = clinic.key("decide")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    assert ask(server.port, path, body, **headers)[0] == status
    assert ask(server.port, "/health/live")[0] == 200


def test_no_other_sites_scripts_may_ask(server: Server) -> None:
    _, headers, _ = ask(server.port, "/v1/policies", Origin="https://elsewhere.example")
    assert not [name for name in headers if name.lower().startswith("access-control")]
