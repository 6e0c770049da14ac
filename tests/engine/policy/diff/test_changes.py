"""Each kind of change, its consequence, and the sentence that an officer reads."""

import pytest

from engine.policy.compiled.cells import CellKey
from engine.policy.diff import Consequence, diff, stamps
from tests.support.policies import TEXT, policy

WITHOUT = "from now on call may be used for service without this"
MINE = [{"id": "mine", "ask": "May we?"}]


@pytest.fixture
def changes(tmp_path):
    """Compare two versions given by their files: the changes as {kind: change}, the last of each kind."""

    def compare(before, after):
        old, new = policy(tmp_path, **before), policy(tmp_path, "2026-02-01", **after)
        found = diff(old, new)
        return {change.kind: change for change in found.changes}

    return compare


def use(basis="contract", data="usage.call", purpose="service", **more):
    ground = {"basis": basis} if basis else {}
    if "consent" in basis:
        ground["choice"] = "mine"
    return {"use": [{"data": data, "for": purpose, **ground, **more}], "choices": MINE}


def without_use():
    return {"choices": MINE}


@pytest.mark.parametrize(
    ("before", "after", "kind", "consequence", "sentence"),
    [
        (
            without_use(),
            use("consent"),
            "permission.consent",
            "re-consent",
            (
                "from now on call may be used for service on the basis of consent "
                "when the person has chosen it (`mine`)"
            ),
        ),
        (
            without_use(),
            use("contract", data="usage"),
            "permission.other",
            "reconfirm",
            "from now on usage may be used for service on the basis of contract",
        ),
        (
            use("contract"),
            without_use(),
            "permission.narrower",
            "changelog",
            "from now on call may no longer be used for service",
        ),
        (
            use("", when={"region": "DE"}),
            use("", when={"region": "EU"}),
            "permission.other",
            "reconfirm",
            "from now on call may be used for service when the person is in `EU` but not in `DE`",
        ),
        (
            use(),
            use(unless={"region": "US-CA"}),
            "permission.narrower",
            "changelog",
            "from now on call may no longer be used for service when the person is in `US-CA`",
        ),
        (
            use(unless={"age below": "13"}),
            use(),
            "permission.minors",
            "re-consent",
            (
                "from now on call may be used for service on the basis of contract "
                "when the person is younger than `13`"
            ),
        ),
        (
            use("consent"),
            use("legitimate interest"),
            "basis.consent-replaced",
            "blocked",
            (
                "call would be used for service on the basis of legitimate interest "
                "when the account is not `cancelled`; before, it was consent"
            ),
        ),
        (
            use("public task"),
            use("legal obligation"),
            "basis.changed",
            "notice",
            "call may be used for service on the basis of legal obligation; before, it was public task",
        ),
        (
            use("contract"),
            use("consent"),
            "basis.consent-asked",
            "changelog",
            (
                "call may be used for service on the basis of consent "
                "when the person has chosen it (`mine`); before, it was contract"
            ),
        ),
        (
            use(must=["log", {"warn": "1.b"}]),
            use(must=["log"]),
            "obligation.fewer",
            "notice",
            f"{WITHOUT}: the person is told: “We keep the second promise.”",
        ),
        (
            use(),
            use(must=["log"]),
            "obligation.more",
            "changelog",
            "from now on, when call is to be used for service, it is logged",
        ),
    ],
)
def test_what_may_be_done(changes, before, after, kind, consequence, sentence):
    change = changes(before, after)[kind]
    assert (change.consequence.value, change.sentence) == (consequence, sentence)


def test_consent_that_gives_way_to_another_ground_needs_a_human_and_what_is_new_besides_is_told_apart(
    changes,
):
    found = changes(use("consent"), use("legitimate interest"))
    assert set(found) == {"basis.consent-replaced", "permission.narrower", "permission.other"}
    assert found["basis.consent-replaced"].review
    assert found["permission.other"].sentence == (
        "from now on call may be used for service on the basis of legitimate interest "
        "when the account is `cancelled`"
    )
    assert found["permission.narrower"].sentence == (
        "from now on call may no longer be used for service "
        "when the person has chosen it (`mine`) and the person objects"
    )


def test_a_second_ground_beside_consent_takes_the_place_of_the_consent(changes):
    after = use("consent")
    after["use"] = [*after["use"], {"data": "usage.call", "for": "service", "basis": "contract"}]
    assert "basis.consent-replaced" in changes(use("consent"), after)


def test_new_special_data_needs_a_new_consent_and_a_human(changes):
    categories = {"usage": {"call": {"special": "health"}}}
    rule = use("contract", **{"second ground": "GDPR 9(2)(h)"})
    change = changes({"categories": categories}, {**rule, "categories": categories})[
        "permission.special"
    ]
    assert (change.consequence, change.review) == (Consequence.RE_CONSENT, True)


def test_cells_that_change_in_the_same_way_are_told_in_one_sentence(changes):
    found = changes(
        without_use(), use("contract", data="everything", purpose=["service", "improve"])
    )
    change = found["permission.other"]
    assert (
        change.sentence
        == "from now on all data may be used for service and improve on the basis of contract"
    )
    assert len(change.scopes) == 12
    assert (change.rules, change.clauses) == (("use-0",), ("1.a",))


def test_an_equal_meaning_in_other_words_is_no_change(changes):
    one = use(
        "contract", data=["usage.call", "usage.content"], when={"account": ["active", "suspended"]}
    )
    two = {
        "use": [
            {**one["use"][0], "id": "a", "data": "usage", "when": {"account": "active"}},
            {**one["use"][0], "id": "b", "data": "usage", "when": {"account": "suspended"}},
        ],
        "choices": MINE,
    }
    assert changes(one, two) == {}


PERSON = {"email": {}, "phone": {}}


def test_a_renamed_category_is_not_a_new_one(changes):
    renamed = {"activity": {"formerly": "usage", "call": {}, "content": {}}, "person": PERSON}
    before = {**use("consent"), "retention": [keep("30 days")]}
    after = {
        "categories": renamed,
        **use("consent", data="activity.call"),
        "retention": [keep("30 days", data="activity")],
    }
    assert changes(before, after) == {}


def test_a_former_name_that_is_still_told_a_version_later_changes_nothing(changes):
    renamed = {"activity": {"formerly": "usage", "call": {}, "content": {}}, "person": PERSON}
    files = {
        "categories": renamed,
        **use("consent", data="activity.call"),
        "retention": [keep("30 days", data="activity")],
    }
    assert changes(files, files) == {}


def test_a_name_that_is_gone_counts_as_denied(changes):
    rule = use("contract", data="usage")
    after = {"categories": {"usage": {"call": {}}, "person": PERSON}, **rule}
    change = changes(rule, after)["permission.narrower"]
    assert change.scopes == (CellKey("use", "usage.content", "service"),)


def keep(length, after="record.created", then="delete", **more):
    return {"data": "usage", "keep": length, "after": after, "then": then, **more}


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ([keep("90 days", "account.cancelled")], [keep("30 days")], {"retention.shorter"}),
        ([keep("30 days")], [keep("90 days", "account.cancelled")], {"retention.longer"}),
        ([keep("90 days")], [keep("180 days")], {"retention.longer"}),
        ([keep("180 days")], [keep("90 days")], {"retention.shorter"}),
        ([keep("12 months")], [keep("1 year")], set()),
        ([keep("31 days")], [keep("1 month")], {"retention.longer", "retention.shorter"}),
        ([keep("34 days")], [keep("1 month")], {"retention.shorter"}),
        ([keep("1 month")], [keep("28 days")], {"retention.shorter"}),
        (
            [keep("1 year", "end of the year of record.created")],
            [keep("1 year")],
            {"retention.shorter"},
        ),
        ([keep("30 days")], [], {"retention.longer"}),
        ([], [keep("30 days")], {"retention.shorter"}),
        ([keep("30 days")], [keep("30 days", then="anonymise")], {"retention.longer"}),
        ([keep("30 days", then="restrict")], [keep("30 days")], {"retention.shorter"}),
        (
            [keep("30 days")],
            [keep("30 days"), keep("9 days", then="restrict")],
            {"retention.shorter"},
        ),
        ([keep("30 days")], [keep("30 days", when={"region": "EU"})], {"retention.longer"}),
        (
            [keep("30 days")],
            [keep("30 days", when={"region": "EU"}), keep("20 days", unless={"region": "EU"})],
            {"retention.shorter"},
        ),
        (
            [keep("20 years")],
            [{**keep("20 years"), "or later": [{"keep": "28 years", "after": "person.born"}]}],
            {"retention.longer"},
        ),
        ([{"data": "usage", "keep": "indefinitely"}], [keep("30 days")], {"retention.shorter"}),
        ([keep("30 days")], [{"data": "usage", "keep": "indefinitely"}], {"retention.longer"}),
        (
            [{"data": "usage", "keep": "as required by law", "then": "delete"}],
            [{"data": "usage", "keep": "as required by law", "then": "delete"}],
            set(),
        ),
        (
            [keep("30 days")],
            [{"data": "usage", "keep": "as required by law", "then": "delete"}],
            {"retention.longer", "retention.shorter"},
        ),
    ],
)
def test_how_long_data_is_kept(changes, before, after, kinds):
    found = changes({"retention": before}, {"retention": after})
    assert set(found) == kinds


def test_the_old_and_the_new_length_are_told(changes):
    found = changes({"retention": [keep("90 days")]}, {"retention": [keep("180 days")]})
    change = found["retention.longer"]
    assert change.consequence is Consequence.RECONFIRM
    assert change.data == ("usage.call", "usage.content")
    assert change.sentence == (
        "from now on usage is kept longer: 180 days after it was recorded (deleted); "
        "before, 90 days after it was recorded (deleted)"
    )


def test_data_that_is_used_on_consent_alone_is_kept_longer_only_with_a_new_consent(changes):
    before = {**use("consent", data="usage"), "retention": [keep("90 days")]}
    after = {**use("consent", data="usage"), "retention": [keep("180 days")]}
    assert changes(before, after)["retention.longer-consent"].consequence is Consequence.RE_CONSENT


ACME = {
    "name": "Acme Ltd",
    "role": "processor",
    "countries": ["US"],
    "safeguard": {"US": "clauses"},
}


@pytest.mark.parametrize(
    ("now", "kind", "consequence"),
    [
        ({**ACME, "countries": ["US", "IN"]}, "recipient.wider", "reconfirm"),
        ({**ACME, "countries": []}, "recipient.narrower", "changelog"),
        ({**ACME, "role": "controller"}, "recipient.wider", "reconfirm"),
        ({**ACME, "name": "Other Ltd"}, "recipient.wider", "reconfirm"),
        ({**ACME, "safeguard": {"US": "adequacy"}}, "recipient.safeguard", "notice"),
        ({**ACME, "safeguard": {}}, "recipient.wider", "reconfirm"),
    ],
)
def test_who_receives_data(changes, now, kind, consequence):
    found = changes({"recipients": {"acme": ACME}}, {"recipients": {"acme": now}})
    assert {change.kind: change.consequence.value for change in found.values()} == {
        kind: consequence
    }


def test_a_new_and_a_former_recipient_are_told_by_name(changes):
    found = changes({"recipients": {"cloud": {}}}, {"recipients": {"acme": ACME}})
    assert found["recipient.new"].sentence == "Acme Ltd in US is a new recipient (processor)"
    assert found["recipient.gone"].sentence == "cloud no longer receives data"


ASKED = {
    "id": "mine",
    "ask": "May we?",
    "default": "on",
    "off in": ["EU"],
    "off by": ["gpc"],
    "lasts": "1 year",
}


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ({**ASKED, "off in": ["DE"]}, "choice.on-by-default"),
        ({**ASKED, "off in": ["EU", "NO"]}, "choice.tighter"),
        ({**ASKED, "default": "off"}, "choice.tighter"),
        ({**ASKED, "off by": ["dnt", "gpc"]}, "choice.tighter"),
        ({**ASKED, "off by": ["dnt"]}, "choice.signal-ignored"),
        ({**ASKED, "lasts": "2 years"}, "choice.longer"),
        ({**ASKED, "lasts": "6 months"}, "choice.tighter"),
        ({**ASKED, "ask": "Please?"}, "choice.asked"),
    ],
)
def test_choices(changes, now, kind):
    found = changes({"choices": [ASKED]}, {"choices": [now]})
    assert kind in found
    assert set(found) <= {kind, "choice.tighter"}
    assert found[kind].choices == ("mine",)


def right(within="1 month", data="everything", **more):
    return {"rights": [{"right": "access", "data": data, "answer within": within, **more}]}


@pytest.mark.parametrize(
    ("before", "after", "kind", "consequence"),
    [
        (right("1 month"), right("3 months"), "deadline.longer", "notice"),
        (right("as required by law"), right("10 days"), "deadline.shorter", "changelog"),
        (right("10 days"), right("as required by law"), "deadline.longer", "notice"),
        (right(), right(data="usage"), "right.narrower", "notice"),
        (right(data="usage"), right(), "right.wider", "changelog"),
        (right(), {}, "right.gone", "notice"),
        (right(), right(**{"cooling off": "3 days"}), "right.procedure", "notice"),
        (
            {"contact": {"clause": "1.a", "email": "a@example.org"}},
            {"contact": {"clause": "1.a", "email": "b@example.org"}},
            "right.procedure",
            "notice",
        ),
    ],
)
def test_rights_and_deadlines(changes, before, after, kind, consequence):
    found = changes(before, after)
    assert {change.kind: change.consequence.value for change in found.values()} == {
        kind: consequence
    }


def cookie(**more):
    return {
        "cookies": [{"cookies": "seen", "for": "service", "lasts": "30 days", **more}],
        "choices": MINE,
    }


@pytest.mark.parametrize(
    ("before", "after", "kind", "consequence"),
    [
        ({"choices": MINE}, cookie(choice="mine"), "cookie.consent", "re-consent"),
        ({"choices": MINE}, cookie(exempt="user input"), "cookie.exempt", "notice"),
        (cookie(choice="mine"), cookie(exempt="user input"), "cookie.consent-replaced", "blocked"),
        (cookie(exempt="user input"), cookie(choice="mine"), "cookie.narrower", "changelog"),
        (
            cookie(choice="mine"),
            cookie(choice="mine", lasts="1 year"),
            "cookie.longer",
            "reconfirm",
        ),
        (
            cookie(choice="mine"),
            cookie(choice="mine", lasts="session"),
            "cookie.narrower",
            "changelog",
        ),
        (
            cookie(choice="mine"),
            cookie(choice="mine", **{"for": "ads"}),
            "cookie.consent",
            "re-consent",
        ),
        (cookie(choice="mine"), {"choices": MINE}, "cookie.narrower", "changelog"),
    ],
)
def test_cookies(changes, before, after, kind, consequence):
    found = changes(before, after)
    assert {change.kind: change.consequence.value for change in found.values()} == {
        kind: consequence
    }


def header(**more):
    return {"header": more}


@pytest.mark.parametrize(
    ("before", "after", "kind", "consequence"),
    [
        (
            header(controller={"name": "A"}),
            header(controller={"name": "B"}),
            "controller.changed",
            "notice",
        ),
        (
            {**header(controller={"name": "A"}), **use("consent")},
            {**header(controller={"name": "B"}), **use("consent")},
            "controller.changed-consent",
            "re-consent",
        ),
        (header(controller={"email": "a@b.c"}), header(), "controller.contact", "notice"),
        (header(), header(jurisdictions=["EU", "CN"]), "jurisdiction.changed", "notice"),
        (header(), header(timezone="Asia/Shanghai"), "time.changed", "notice"),
        (header(), {"text": TEXT.replace("third", "last")}, "text.changed", "none"),
        (
            {},
            {"agreement": {"clause": "1.a", "tell by": "email"}},
            "agreement.procedure",
            "notice",
        ),
        (
            {},
            {"holds": [{"data": "usage", "for": "claims", "review every": "6 months"}]},
            "hold.new",
            "notice",
        ),
        (
            {"controls": [{"attested by": "us", "evidence": "a report", "until": "2027-01-01"}]},
            {},
            "control.gone",
            "notice",
        ),
    ],
)
def test_who_answers_and_how(changes, before, after, kind, consequence):
    found = changes(before, after)
    assert {change.kind: change.consequence.value for change in found.values()} == {
        kind: consequence
    }


def test_the_gravest_change_comes_first_and_is_the_consequence_of_all(tmp_path):
    old = policy(tmp_path, **without_use())
    after = {
        **use("consent"),
        "text": TEXT.replace("third", "last"),
        "retention": [keep("30 days")],
    }
    found = diff(old, policy(tmp_path, "2026-02-01", **after))
    assert [change.consequence.value for change in found.changes] == [
        "re-consent",
        "changelog",
        "none",
    ]
    assert (found.consequence, found.review) == (Consequence.RE_CONSENT, False)


def test_a_rename_carries_what_an_earlier_version_introduced(tmp_path):
    first = policy(tmp_path, **without_use())
    second = policy(tmp_path, "2026-02-01", **use("contract"))
    renamed = {"activity": {"formerly": "usage", "call": {}, "content": {}}}
    third = policy(
        tmp_path, "2026-03-01", categories=renamed, **use("contract", data="activity.call")
    )
    found = stamps([first, second, third])
    assert {key: [stamp.version for stamp in given] for key, given in found.items()} == {
        CellKey("use", "activity.call", "service"): ["2026-02-01"]
    }
    assert stamps([first]) == {}
