"""What the rules decide: bases, special data, parents, unknown names, obligations, the nearest rule."""

from dataclasses import replace

import pytest

from engine.decisions.decision import Request
from engine.decisions.facts import NOTHING_KNOWN, SubjectFacts
from engine.decisions.table import MOST_ANSWERS, compile_table
from engine.errors import Conflict, PolicyError
from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey
from tests.support.policies import policy

ORDINARY = SubjectFacts(
    subject="customer",
    region="DE",
    account="active",
    age=40,
    choices={"mine": True},
    explicit=frozenset(),
    signals=frozenset(),
    objections=frozenset(),
    restricted=False,
)
MINE = [{"id": "mine", "ask": "May we?"}]
CALLS = Request("use", "usage.call", "service")


def decide(version, about=ORDINARY, request=CALLS, **changed):
    table = compile_table(version)
    return table.decide(request, table.facts(replace(about, **changed)))


@pytest.mark.parametrize(
    ("basis", "lost_by"),
    [
        ("consent", {"choice", "account", "restriction"}),
        ("explicit consent", {"choice", "explicit consent", "account", "restriction"}),
        ("contract", {"account", "restriction"}),
        ("legitimate interest", {"objection", "restriction"}),
        ("public task", {"objection", "restriction"}),
        ("legal obligation", set()),
        ("vital interests", set()),
    ],
)
def test_each_basis_holds_until_what_it_rests_on_is_lost(tmp_path, basis, lost_by):
    choice = {"choice": "mine"} if "consent" in basis else {}
    rule = {"data": "usage", "for": "service", "basis": basis, **choice}
    version = policy(tmp_path, use=[rule], choices=MINE)
    about = replace(ORDINARY, explicit=frozenset({"mine"}))
    losses = {
        "choice": {"choices": {"mine": False}},
        "explicit consent": {"explicit": frozenset()},
        "account": {"account": "cancelled"},
        "objection": {"objections": frozenset({"service"})},
        "restriction": {"restricted": True},
    }
    assert decide(version, about).permitted
    for kind, loss in losses.items():
        assert decide(version, about, **loss).permitted == (kind not in lost_by), kind
        unknown = {name: {} if name == "choices" else None for name in loss}
        assert decide(version, about, **unknown).permitted == (kind not in lost_by), kind


def test_a_contract_rule_that_names_account_states_means_exactly_those(tmp_path):
    rule = {
        "data": "usage",
        "for": "service",
        "basis": "contract",
        "when": {"account": "cancelled"},
    }
    version = policy(tmp_path, use=[rule])
    assert decide(version, account="cancelled").permitted
    assert not decide(version).permitted


def test_an_objection_to_a_parent_purpose_or_a_former_name_counts(tmp_path):
    purposes = {"improve": {"formerly": "better", "quality": {}}}
    rule = {"data": "usage", "for": "improve", "basis": "legitimate interest"}
    version = policy(tmp_path, purposes=purposes, use=[rule])
    request = Request("use", "usage.call", "improve.quality")
    assert decide(version, request=request).permitted
    for objected in ("improve", "improve.quality", "better", "better.quality"):
        answer = decide(version, request=request, objections=frozenset({objected}))
        assert [item.label for item in answer.missing] == ["no objection"]


@pytest.mark.parametrize(
    ("ground", "permitted"),
    [
        ({"basis": "contract"}, False),
        ({"basis": "contract", "second ground": "GDPR 9(2)(h)"}, True),
        ({"basis": "consent", "choice": "mine"}, False),
        ({"basis": "explicit consent", "choice": "mine"}, True),
    ],
)
def test_special_data_needs_a_second_ground_or_explicit_consent(tmp_path, ground, permitted):
    version = policy(
        tmp_path,
        categories={"usage": {"special": "health", "call": {}}},
        use=[{"data": "usage", "for": "service", **ground}],
        choices=MINE,
    )
    assert decide(version, explicit=frozenset({"mine"})).permitted == permitted


def test_a_restricted_person_is_still_served_for_rights_and_claims(tmp_path):
    purposes = {
        "service": {},
        "claims": {"is": "legal claims"},
        "rights": {"is": "rights handling"},
    }
    rule = {"data": "usage", "for": ["service", "claims", "rights"], "basis": "contract"}
    version = policy(tmp_path, purposes=purposes, use=[rule])
    answers = {
        name: decide(version, request=Request("use", "usage", name), restricted=True).permitted
        for name in purposes
    }
    assert answers == {"service": False, "claims": True, "rights": True}


def test_nothing_is_collected_that_may_not_be_used(tmp_path):
    version = policy(
        tmp_path,
        collection=[{"data": "usage"}],
        use=[{"data": "usage.call", "for": "service", "basis": "consent", "choice": "mine"}],
        choices=MINE,
    )
    assert decide(version, request=Request("collect", "usage.call")).permitted
    assert decide(version, request=Request("collect", "usage.call", "service")).permitted
    assert not decide(version, request=Request("collect", "usage.call", "improve")).permitted
    assert not decide(version, request=Request("collect", "usage.content")).permitted
    off = decide(version, request=Request("collect", "usage.call"), choices={"mine": False})
    assert (off.permitted, [item.label for item in off.missing]) == (False, ["choice mine"])


def test_a_prohibition_wins_over_every_permit_and_holds_where_facts_are_unknown(tmp_path):
    version = policy(
        tmp_path,
        use=[
            {"data": "usage", "for": "service", "basis": "contract"},
            {
                "id": "not-there",
                "data": "everything",
                "for": "service",
                "allow": "never",
                "when": {"region": "US-CA"},
            },
        ],
    )
    assert decide(version).permitted
    for region in ("US-CA", "US", None):
        answer = decide(version, region=region)
        assert (answer.permitted, answer.rule, answer.by_default) == (False, "not-there", False)
    assert decide(version, region="US-NY").permitted


def test_an_exception_must_be_known_not_to_apply(tmp_path):
    rule = {"data": "usage", "for": "service", "basis": "contract", "unless": {"age below": "13"}}
    version = policy(tmp_path, use=[rule])
    assert [decide(version, age=age).permitted for age in (12, 13, None)] == [False, True, False]


def test_the_most_specific_permit_is_named_and_the_obligations_of_all_apply(tmp_path):
    version = policy(
        tmp_path,
        use=[
            {
                "id": "all",
                "data": "everything",
                "for": "service",
                "basis": "contract",
                "must": ["log"],
            },
            {
                "id": "usage",
                "data": "usage",
                "for": "service",
                "basis": "contract",
                "must": [{"warn": "1.b"}],
            },
            {
                "id": "call",
                "data": "usage.call",
                "for": "service",
                "basis": "contract",
                "must": ["log"],
            },
        ],
    )
    answer = decide(version)
    assert (answer.rule, [str(duty) for duty in answer.obligations]) == (
        "call",
        ["log", "warn 1.b"],
    )


def test_groups_of_countries_cover_their_members(tmp_path):
    rule = {
        "data": "usage",
        "for": "service",
        "basis": "contract",
        "when": {"region": ["EEA", "US"]},
    }
    version = policy(tmp_path, use=[rule])
    told = {
        region: decide(version, region=region).permitted
        for region in ("DE", "NO", "EU", "US-CA", "CN")
    }
    assert told == {"DE": True, "NO": True, "EU": True, "US-CA": True, "CN": False}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            Request("use", "usage.cal", "service"),
            "no category `usage.cal`, did you mean `usage.call`?",
        ),
        (Request("use", "usage.call", "servce"), "no purpose `servce`, did you mean `service`?"),
        (
            Request("share", "usage", "service", "clouds"),
            "no recipient `clouds`, did you mean `cloud`?",
        ),
        (Request("sell", "usage", "service"), "no operation `sell`"),
        (Request("use", "usage"), "the question names no purpose"),
        (Request("share", "usage", "service"), "the question names no recipient"),
        (Request("use", "usage", "service", "cloud"), "`use` takes no recipient"),
        (Request("use", "", "service"), "the question names no category"),
    ],
)
def test_a_name_that_nothing_declares_is_denied_with_the_near_miss(tmp_path, request_, reason):
    version = policy(
        tmp_path, use=[{"data": "usage", "for": "service", "basis": "legal obligation"}]
    )
    answer = decide(version, request=request_)
    assert not answer.permitted
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("request_", "rule", "lacks"),
    [
        (Request("use", "usage.call", "service"), "serve", "facts"),
        (Request("use", "person.email", "service"), "serve", "category"),
        (Request("use", "usage.call", "ads"), "serve", "purpose"),
        (Request("use", "person.email", "improve.trends"), "trends", "category"),
        (Request("share", "usage.call", "service", "partners.two"), "host", "recipient"),
        (Request("share", "person.email", "ads", "cloud"), "", ""),
        (Request("collect", "person.phone"), "mail", "category"),
        (Request("collect", "usage.call"), "", ""),
    ],
)
def test_a_deny_by_default_names_the_nearest_rule_and_what_it_lacks(
    tmp_path, request_, rule, lacks
):
    version = policy(
        tmp_path,
        collection=[{"id": "mail", "data": "person.email"}],
        use=[
            {
                "id": "serve",
                "data": "usage",
                "for": "service",
                "basis": "consent",
                "choice": "mine",
            },
            {
                "id": "trends",
                "data": "usage.call",
                "for": "improve.trends",
                "basis": "legal obligation",
            },
        ],
        sharing=[
            {"id": "host", "data": "usage", "for": "service", "with": "cloud", "basis": "contract"}
        ],
        choices=MINE,
    )
    answer = decide(version, request=request_, choices={"mine": False})
    assert (answer.permitted, answer.by_default, answer.rule, answer.lacks) == (
        False,
        True,
        rule,
        lacks,
    )


def test_the_rule_that_lacks_the_fewest_facts_is_the_nearest(tmp_path):
    version = policy(
        tmp_path,
        use=[
            {
                "id": "far",
                "data": "usage.call",
                "for": "service",
                "basis": "consent",
                "choice": "mine",
            },
            {
                "id": "near",
                "data": "usage",
                "for": "service",
                "basis": "legal obligation",
                "when": {"region": "FR"},
            },
        ],
        choices=MINE,
    )
    answer = decide(version, choices={}, account="cancelled")
    assert (answer.rule, [item.words for item in answer.missing]) == (
        "near",
        ["the person is in `FR`"],
    )


def test_missing_words_tell_unknown_from_contrary(tmp_path):
    rule = {"data": "usage", "for": "service", "basis": "consent", "choice": "mine"}
    version = policy(tmp_path, use=[rule], choices=MINE)
    off, unknown = (
        decide(version, choices=choices).missing[0] for choices in ({"mine": False}, {})
    )
    assert (off.known, off.words) == (True, "the choice `mine` is on")
    assert (unknown.known, unknown.words) == (False, "the choice `mine` is on, which is not known")


def test_what_a_version_introduced_counts_only_for_who_agreed_to_it_or_to_a_later_one(tmp_path):
    version = policy(
        tmp_path, "2026-02-01", use=[{"data": "usage", "for": "service", "basis": "contract"}]
    )
    stamps = {CellKey("use", "usage.call", "service"): (Stamp("2026-02-01", "reconfirm"),)}
    table = compile_table(version, stamps)

    def answer(**about):
        return table.decide(CALLS, table.facts(replace(ORDINARY, **about)))

    assert [item.label for item in answer(agreed="2026-01-01").missing] == ["agreement"]
    assert not answer(agreed=None).permitted
    assert answer(agreed="2026-02-01").permitted
    assert answer(agreed="2026-02-01-2").permitted
    assert answer(agreed="2026-01-01", graced=frozenset({"2026-02-01"})).permitted


def test_the_grace_of_api_keys_never_stands_in_for_a_new_consent(tmp_path):
    version = policy(
        tmp_path, "2026-02-01", use=[{"data": "usage", "for": "service", "basis": "contract"}]
    )
    stamps = {CellKey("use", "usage.call", "service"): (Stamp("2026-02-01", "re-consent"),)}
    table = compile_table(version, stamps)
    about = replace(ORDINARY, graced=frozenset({"2026-02-01"}))
    assert not table.decide(CALLS, table.facts(about)).permitted


def test_facts_encoded_for_another_version_are_refused(tmp_path):
    rules = {"use": [{"data": "usage", "for": "service", "basis": "contract"}]}
    one, other = (compile_table(policy(tmp_path, v, **rules)) for v in ("2026-01-01", "2026-02-01"))
    assert one.decide(CALLS, one.facts(ORDINARY)).permitted
    with pytest.raises(Conflict):
        one.decide(CALLS, other.facts(ORDINARY))


def test_a_cell_that_too_many_facts_decide_is_refused_with_its_place(tmp_path):
    choices = [f"c{n}" for n in range(13)]
    version = policy(
        tmp_path,
        use=[
            {
                "data": "usage",
                "for": "service",
                "basis": "legal obligation",
                "when": {"choice": choice},
            }
            for choice in choices
        ],
        choices=[{"id": choice, "ask": "May we?"} for choice in choices],
    )
    with pytest.raises(PolicyError, match=r"13 facts decide whether `usage\.call`") as problem:
        compile_table(version)
    assert problem.value.findings[0].code == "TOO_MANY_FACTS"


def test_a_region_that_does_not_exist_is_refused(tmp_path):
    rule = {"data": "usage", "for": "service", "allow": "never", "when": {"region": "UK"}}
    with pytest.raises(PolicyError, match="no region `UK`"):
        compile_table(policy(tmp_path, use=[rule]))


def test_a_choice_that_is_asked_nowhere_permits_nothing(tmp_path):
    version = policy(tmp_path, use=[{"data": "usage", "for": "service", "basis": "consent"}])
    assert [item.label for item in decide(version).missing] == ["ground choice"]


def test_with_nothing_known_only_what_needs_no_facts_is_permitted(tmp_path):
    version = policy(
        tmp_path,
        use=[
            {"data": "usage.call", "for": "service", "basis": "legal obligation"},
            {"data": "usage.content", "for": "service", "basis": "contract"},
        ],
    )
    assert decide(version, NOTHING_KNOWN).permitted
    assert not decide(version, NOTHING_KNOWN, Request("use", "usage.content", "service")).permitted


def test_the_answers_that_are_kept_for_one_question_are_bounded(tmp_path):
    choices = [f"c{n}" for n in range(12)]
    version = policy(
        tmp_path,
        use=[
            {
                "data": "usage",
                "for": "service",
                "basis": "legal obligation",
                "when": {"choice": choice},
            }
            for choice in choices
        ],
        choices=[{"id": choice, "ask": "May we?"} for choice in choices],
    )
    table = compile_table(version)
    for number in range(MOST_ANSWERS + 200):
        states = (None, True, False)
        about = replace(
            ORDINARY, choices={c: states[number // 3**n % 3] for n, c in enumerate(choices)}
        )
        answer = table.decide(CALLS, table.facts(about))
        assert answer.permitted == (True in about.choices.values())
