"""Every code that a finding may have, with its one sentence; each has a page in `docs/lint/`."""

from __future__ import annotations

from collections.abc import Mapping

READING: Mapping[str, str] = {
    "NO_VERSION": "There is no folder of this name.",
    "MISSING_FILE": "A file that every version needs is not there.",
    "UNKNOWN_FILE": "A YAML file in the folder of a version is none that belongs there.",
    "FILE_UNREADABLE": "A file cannot be opened.",
    "FILE_TOO_LARGE": "A file is larger than any policy file should be.",
    "NOT_UTF8": "A file is not saved as UTF-8 text.",
    "YAML_SYNTAX": "A file is not written as YAML, so that it cannot be understood.",
    "YAML_TRICK": "A file uses a part of YAML that hides what a rule says.",
    "DUPLICATE_KEY": "The same key is given twice in one place.",
    "TOO_MANY_MISTAKES": "A file holds so many mistakes that the rest of it was not looked at.",
    "TEXT": "The text of the policy is not written so that its clauses can be numbered.",
    "WRONG_TYPE": "A list, a mapping or plain text stands where another of these belongs.",
    "UNKNOWN_KEY": "A key is none of those that may stand in this place.",
    "MISSING_KEY": "A key that must be given is not there.",
    "WRONG_VALUE": "A value is none of those that its key allows.",
    "UNKNOWN_NAME": "A rule uses a name that nothing declares.",
    "DUPLICATE_ID": "Two rules have the same id.",
    "VERSION_MISMATCH": "The version named in policy.yaml is not the name of its folder.",
    "PUBLISHED_MISSING": "A version that was published has no folder any more.",
}
"""Found while the files of a policy are read."""

LINT: Mapping[str, str] = {
    "NO_RETENTION": "Personal data has no period after which it goes.",
    "RETENTION_CONFLICT": "A rule deletes data before a law allows it.",
    "LAW_UNSPECIFIED": 'The text says "as required by law" and nobody can tell which law.',
    "NO_LAWFUL_BASIS": "A rule permits the use or sharing of data without a lawful basis.",
    "PURPOSE_OPEN_ENDED": "A list of purposes is left open, so anything could be added to it.",
    "CATEGORY_WITHOUT_PURPOSE": "Data is collected and no rule says what for.",
    "RECIPIENT_UNNAMED": "Data goes to a kind of company, not to a company by name.",
    "TRANSFER_UNSTATED": (
        "It is not said in which countries a recipient holds the data, or how it is safe there."
    ),
    "RIGHT_MISSING": "The text does not mention a right that law gives.",
    "NO_RESPONSE_DEADLINE": "The text names rights, but not by when a request is answered.",
    "CONTROLLER_MISSING": "The policy does not fully say whose policy it is.",
    "CONTACT_PLACEHOLDER": "The contact is missing, or is not an address that anybody can write to.",
    "CHANGE_MATERIALITY_UNDEFINED": (
        'The text promises something for "significant changes" and does not say which those are.'
    ),
    "VAGUE_TERM": "Words in a clause sound like a promise, but cannot be checked.",
    "CHILDREN_UNSTATED": "The text does not say whether children may use the service.",
    "ADM_UNSTATED": "The text does not say whether a machine alone decides about people.",
    "COOKIE_CONTROL_INSUFFICIENT": "Cookies that need consent are left to the browser settings.",
    "CLAUSE_UNCOVERED": "Nothing keeps a clause of the text.",
    "TEXT_RULE_DISAGREE": "The text and a rule, or the text and its translation, name different durations.",
    "TEXT_RECIPIENT_DISAGREE": "The text and sharing.yaml name different companies.",
    "TEXT_NEVER_DISAGREE": (
        "The text promises never to do something and no rule forbids it, or the other way round."
    ),
    "TRANSLATION_INCOMPLETE": "A translation has other clauses than the text.",
    "PLACEHOLDER": "Something of a template was left in the text or in a file.",
    "CONTRADICTION": "What one rule permits, others forbid in every case.",
    "RULE_UNREACHABLE": "The conditions of a rule can never hold together.",
    "RULE_SHADOWED": "A permit never decides, because others always decide before it.",
    "TOO_MANY_FACTS": "More than twelve conditions decide about one use of one category.",
    "UNKNOWN_REGION": "A condition names a region that does not exist.",
    "AGREEMENT_GAP": "Something stops on the day a version takes effect, until each person agrees.",
    "PUBLISHED_CHANGED": "The files of a published version are no longer those that were published.",
    "DATAMAP_MISMATCH": "The data map uses a name that this version of the policy does not declare.",
    "CATEGORY_UNMAPPED": "No dataset holds a category that the policy governs.",
    "MAPPED_UNCOLLECTED": "A dataset of the data map holds a category that no rule lets anybody collect.",
    "EVENT_UNMAPPED": "A retention rule counts from an event that no dataset gives a time to.",
    "RIGHT_UNSERVABLE": "A right covers data that cannot be found by the person who asks.",
    "DECISION_UNUSED": (
        "A decision under `changes:` in `policy.yaml` is about no change since the version before."
    ),
    "ACCEPTANCE_UNUSED": "An acceptance in `policy.yaml` matches no finding.",
    "REVIEW_OVERDUE": (
        "The day has passed by which somebody promised to look at an accepted finding again."
    ),
}
"""Found by lint in a version that can be read; each is a module of `engine.policy.lint`."""

DATAMAP: Mapping[str, str] = {
    "NO_DATAMAP": "Cases are about datasets, and there is no data map that can be used.",
    "VARIABLE_UNSET": "The data map names an environment variable that is not set.",
    "BAD_LINK": "A link of the data map does not lead to a person.",
    "BAD_STORE": "A store of the data map cannot be opened as it is described.",
    "NO_ROW_CATEGORY": "A dataset does not say what its rows are.",
    "NO_KEY": "A dataset does not say which field is its key.",
    "NOT_A_LEAF": "A field is mapped to a category that has parts.",
    "OWN_STORE": "A store of the data map is Upheld's own database.",
    "OTHER_STORE": "A link leads to a dataset in another store, where the store alone cannot follow it.",
    "STORE_UNAVAILABLE": "A store does not answer.",
    "NO_TABLE": "A dataset in a database names no table.",
    "UNKNOWN_TABLE": "The data map names a table that does not exist.",
    "NO_FILES": "No file is named as the data map says.",
    "UNKNOWN_COLUMN": "The data map names a column that does not exist.",
    "UNMAPPED_TABLE": "A table is in no dataset of the data map.",
    "UNMAPPED_COLUMN": "A column is in no dataset of the data map.",
    "UNMAPPED_ROWS": "Rows of a mapped table belong to no dataset.",
    "WRONG_TIME_FORM": "A time is not stored in the form that the data map says.",
    "UNREADABLE_TIMES": "Rows hold a time that cannot be read.",
    "WRONG_ANONYMISE": "A field cannot be made anonymous in the way that the data map says.",
    "WRONG_ERASE": "A field cannot hold the value that the data map puts in its place.",
    "ERASE_NULL": "A field must not be empty, and nothing is named to put in its place.",
    "NOT_OFFERED": "A store cannot do what the data map asks of it.",
    "NO_INDEX": "A purge has to read a whole table, because no index helps it.",
}
"""Found in `datamap.yaml`, by itself or when it is compared with the stores."""

SUMMARIES: Mapping[str, str] = {**READING, **LINT, **DATAMAP}
"""Every code; the sentence also opens its page."""
