"""What is exported is a manifest that fideslang itself reads, and in which nothing is left undefined."""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.policy.exports.fides import BASES, RIGHTS, as_fides
from engine.policy.exports.terms import fides_terms, unknown_fides
from engine.policy.load import read_policy
from engine.policy.models.common import Basis
from engine.policy.policy import Policy
from tests.support.clinic import FILES, VERSION
from tests.support.policies import policy
from upheld.beside import names_of

SEED = Path(__file__).parents[4] / "policies" / "aicodewith"
CLINIC = FILES / "policies" / "clinic"
READ = """
import sys, yaml
from fideslang import DEFAULT_TAXONOMY
from fideslang.models import Taxonomy
from fideslang.relationships import get_referenced_missing_keys
told = yaml.safe_load(sys.stdin)
read = Taxonomy.model_validate(told)
for kind in ("data_category", "data_use", "data_subject"):
    setattr(read, kind, getattr(read, kind) + getattr(DEFAULT_TAXONOMY, kind))
missing = get_referenced_missing_keys(read)
assert not missing, missing
assert len(read.system) > 1 and read.dataset and read.policy[0].rules
print(len(read.system[0].privacy_declarations))
"""


def exported(folder: Path, version: str) -> dict[str, list[dict[str, Any]]]:
    return as_fides(read_policy(folder / version), names_of(folder / "datamap.yaml").map)


EXPORTS = [(SEED, "2026-04-03"), (SEED, "2026-10-01"), (CLINIC, VERSION)]


def keys_in(value: Any, under: str) -> Iterator[str]:
    """Every key that a resource names under one of its words."""
    if isinstance(value, dict):
        for name, found in value.items():
            if name == under:
                yield from [found] if isinstance(found, str) else found
            yield from keys_in(found, under)
    elif isinstance(value, list):
        for item in value:
            yield from keys_in(item, under)


@pytest.mark.parametrize(("folder", "version"), EXPORTS)
def test_every_key_is_of_the_default_taxonomy_or_defined(folder: Path, version: str) -> None:
    told = exported(folder, version)
    words = {
        "data_category": "data_categories",
        "data_use": "data_use",
        "data_subject": "data_subjects",
    }
    for kind, word in words.items():
        used = set(keys_in({k: told[k] for k in ("system", "dataset")}, word))
        own = {resource["fides_key"] for resource in told.get(kind, ())}
        assert used, kind
        assert used <= fides_terms(kind) | own
        assert own & fides_terms(kind) == set()
        parents = {r["parent_key"] for r in told.get(kind, ()) if "parent_key" in r}
        assert parents <= fides_terms(kind) | own


def test_a_rule_becomes_a_declaration_for_each_use() -> None:
    service = exported(SEED, "2026-10-01")["system"][0]
    told = {d["name"]: d for d in service["privacy_declarations"]}
    upstream = told["upstream-models for essential.service"]
    assert upstream["legal_basis_for_processing"] == "Contract"
    assert upstream["data_categories"] == ["user.content.private"]
    assert upstream["egress"] == ["upstream.unnamed", "upstream.acme_ai"]
    assert "30 days after it was recorded" in upstream["retention_period"]


def test_a_prohibition_becomes_a_rule_and_none_under_a_condition() -> None:
    (told,) = exported(SEED, "2026-10-01")["policy"]
    rules = {rule["name"]: rule for rule in told["rules"]}
    policy = read_policy(SEED / "2026-10-01")
    assert rules.keys() <= {rule.id for rule in (*policy.use, *policy.sharing) if rule.denies}
    sale = rules["no-sale"]
    assert sale["data_uses"] == {
        "matches": "ANY",
        "values": ["third_party_sharing", "train_ai_system"],
    }


def test_a_store_becomes_a_dataset_with_its_links_and_nested_fields() -> None:
    platform = exported(SEED, "2026-10-01")["dataset"][0]
    calls = next(c for c in platform["collections"] if c["name"] == "api_calls")
    fields = {field["name"]: field for field in calls["fields"]}
    (link,) = fields["user_id"]["fides_meta"]["references"]
    assert link == {"dataset": "platform", "field": "users.id", "direction": "to"}
    assert [f["name"] for f in fields["metadata"]["fields"]] == ["client_ip", "user_agent"]


def test_what_the_taxonomy_has_no_key_for_gets_one_below_its_parent(tmp_path: Path) -> None:
    told = as_fides(small(tmp_path), None)
    assert {r["fides_key"]: r.get("parent_key") for r in told["data_category"]} == {
        "user.zodiac": "user",
        "user.zodiac.star_sign": "user.zodiac",
    }
    assert [r["fides_key"] for r in told["data_use"]] == ["horoscopes"]
    assert "dataset" not in told


def small(folder: Path, **categories: Any) -> Policy:
    rule = {"data": "everything", "for": "horoscopes", "basis": "contract"}
    return policy(
        folder,
        categories=categories or {"zodiac": {"star-sign": {}}},
        purposes={"horoscopes": {}},
        use=[rule],
    )


def test_every_basis_of_the_language_has_its_name() -> None:
    assert set(BASES) == set(Basis.__args__)  # type: ignore[attr-defined]
    assert RIGHTS["deletion"] == "Erasure"


def test_a_key_that_the_taxonomy_does_not_have_is_found_with_the_nearest(tmp_path: Path) -> None:
    (finding,) = unknown_fides(small(tmp_path, email={"fides": "user.contact.emial"}))
    assert (
        finding.message == "no fides name `user.contact.emial`, did you mean `user.contact.email`?"
    )


@pytest.fixture(scope="module")
def fideslang(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with fideslang, which holds pydantic back and so cannot be installed beside Upheld."""
    folder = tmp_path_factory.mktemp("fideslang")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    got = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "fideslang>=3.1,<3.2"],
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode:
        pytest.skip(f"the package index does not give fideslang: {got.stderr[-200:]}")
    return python


@pytest.mark.campaign
@pytest.mark.parametrize(("folder", "version"), EXPORTS)
def test_fideslang_itself_reads_the_manifest(fideslang: Path, folder: Path, version: str) -> None:
    manifest = yaml.safe_dump(exported(folder, version))
    done = subprocess.run(
        [fideslang, "-c", READ], input=manifest, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 3


@pytest.mark.campaign
def test_the_keys_known_here_are_those_of_the_published_taxonomy(fideslang: Path) -> None:
    ask = (
        "from fideslang import DEFAULT_TAXONOMY as T\n"
        "for kind in ('data_category', 'data_use', 'data_subject'):\n"
        "    for x in getattr(T, kind):\n"
        "        if not x.version_deprecated: print(kind, x.fides_key)"
    )
    out = subprocess.run([fideslang, "-c", ask], capture_output=True, text=True, check=True)
    published = {tuple(line.split()) for line in out.stdout.splitlines()}
    kinds = ("data_category", "data_use", "data_subject")
    assert published == {(kind, key) for kind in kinds for key in fides_terms(kind)}
