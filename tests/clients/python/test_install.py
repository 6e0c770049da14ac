"""The client installs into an empty environment and brings nothing along but what speaks HTTP."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

CLIENT = Path(__file__).parents[3] / "clients" / "python"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
LOOK = """
import importlib.util, sys
import upheld_client
assert not upheld_client.Upheld("http://127.0.0.1:9", "upheld_x", timeout=0.1).decide("use", "x").permitted
names = ("engine", "web", "adapters", "upheld", "flask", "fastapi", "pydantic")
found = [name for name in names if importlib.util.find_spec(name)]
print(*found)
"""


def test_the_client_brings_none_of_upheld_along(tmp_path: Path):
    source = tmp_path / "source"
    shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    offline = ["--no-index", "--no-deps"]
    build = [*PIP, "wheel", *offline, "--no-build-isolation", str(source), "-w", str(tmp_path)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "empty", with_pip=False)
    python = str(tmp_path / "empty" / "bin" / "python")
    install = [*PIP, "--python", python, "install", *offline, str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    site = next((tmp_path / "empty" / "lib").glob("python*/site-packages"))
    installed = {path.name for path in site.iterdir()}
    assert {name for name in installed if not name.endswith(".dist-info")} == {"upheld_client"}
    assert (site / "upheld_client" / "py.typed").exists()
    needed = list(needs(Distribution.at(next(site.glob("upheld_client-*.dist-info")))))
    assert {found.name for found in needed} >= {"httpx"}
    for found in needed:
        copy(found, site)
    looked = subprocess.run(
        [python, "-I", "-c", LOOK], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert looked.stdout.strip() == ""


def needs(of: Distribution) -> Iterator[Distribution]:
    """What a distribution needs without extras, as this environment has it; some come more than once."""
    for line in of.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found = distribution(requirement.name)
            yield found
            yield from needs(found)


def copy(of: Distribution, site: Path) -> None:
    """Put its packages into another environment, as an installer without a network would."""
    for file in of.files or []:
        if ".." not in file.parts and file.suffix != ".pyc":
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(of.locate_file(file), target)
