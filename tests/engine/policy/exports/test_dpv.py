"""What is exported is RDF in the Data Privacy Vocabulary 2.3, and every name in it exists there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, RDF

from engine.policy.exports.dpv import BASES, PREFIXES, RIGHTS, ROLES, as_dpv
from engine.policy.exports.terms import dpv_terms, unknown_dpv
from engine.policy.load import read_policy
from engine.policy.models.common import Basis
from engine.policy.models.rights import Right
from engine.policy.policy import Policy
from tests.support.policies import policy

# The library's own JSON-LD reader uses a class that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

SEED = Path(__file__).parents[4] / "policies" / "aicodewith" / "2026-10-01"
DPV = PREFIXES["dpv"]
RULE = "urn:upheld:aicodewith:2026-10-01/rule/"


def graph_of(version: Policy) -> Graph:
    return Graph().parse(data=json.dumps(as_dpv(version)), format="json-ld")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of(read_policy(SEED))


def shortened(iri: str) -> str:
    """`pd:EmailAddress` for an address of DPV; the address itself for others."""
    for prefix in ("pd", "tech", "loc", "eu-gdpr", "dpv"):
        if iri.startswith(PREFIXES[prefix]):
            return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}"
    return iri


def test_every_name_that_is_used_exists_in_the_published_vocabulary(graph: Graph) -> None:
    used = {
        shortened(str(node)) for triple in graph for node in triple if "w3id.org/dpv" in str(node)
    }
    assert len(used) > 40
    assert used - dpv_terms() == set()


def test_what_is_pointed_at_is_described(graph: Graph) -> None:
    described = set(graph.subjects(RDF.type, None))
    pointed = {
        node for node in graph.objects() if isinstance(node, URIRef) and node.startswith("urn:")
    }
    assert pointed - described == set()


@pytest.mark.parametrize(
    ("rule", "says", "what"),
    [
        ("quality-analysis", "hasLegalBasis", "eu-gdpr:A6-1-a"),
        ("quality-analysis", "hasProcessing", "dpv:Use"),
        ("upstream-models", "hasProcessing", "dpv:Share"),
        (
            "upstream-models",
            "hasRecipient",
            "urn:upheld:aicodewith:2026-10-01/recipient/upstream.acme-ai",
        ),
        (
            "upstream-models",
            "hasPersonalData",
            "urn:upheld:aicodewith:2026-10-01/data/usage.content",
        ),
        ("api-call-logs-180-days", "hasProcessing", "dpv:Erase"),
    ],
)
def test_a_rule_says_what_it_permits(graph: Graph, rule: str, says: str, what: str) -> None:
    found = {shortened(str(o)) for o in graph.objects(URIRef(RULE + rule), URIRef(DPV + says))}
    assert what in found


def test_a_prohibition_is_one_and_no_process(graph: Graph) -> None:
    assert set(graph.objects(URIRef(RULE + "no-sale"), RDF.type)) == {URIRef(DPV + "Prohibition")}
    assert set(graph.objects(URIRef(RULE + "no-sale"), DCTERMS.references))


def test_a_length_of_time_is_written_by_iso_8601(graph: Graph) -> None:
    condition = URIRef(f"{RULE}api-call-logs-180-days/condition")
    assert [str(o) for o in graph.objects(condition, URIRef(DPV + "hasDuration"))] == ["P180D"]


def test_a_special_category_is_marked_as_one(tmp_path: Path) -> None:
    version = policy(tmp_path, categories={"health": {"special": "health"}})
    node = URIRef("urn:upheld:small:2026-01-01/data/health")
    kinds = {shortened(str(o)) for o in graph_of(version).objects(node, RDF.type)}
    assert kinds == {"dpv:PersonalData", "dpv:SpecialCategoryPersonalData"}


def test_every_basis_right_and_role_of_the_language_has_its_name() -> None:
    assert set(BASES) == set(Basis.__args__)  # type: ignore[attr-defined]
    assert set(RIGHTS) == set(Right.__args__)  # type: ignore[attr-defined]
    assert {*BASES.values(), *RIGHTS.values(), *ROLES.values()} <= dpv_terms()


def test_a_name_that_the_vocabulary_does_not_have_is_found_with_the_nearest(tmp_path: Path) -> None:
    version = policy(tmp_path, categories={"email": {"dpv": "pd:EmailAdress"}})
    (finding,) = unknown_dpv(version)
    assert finding.message == "no dpv name `pd:EmailAdress`, did you mean `pd:EmailAddress`?"
    assert finding.where.line > 1
