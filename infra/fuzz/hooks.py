"""What schemathesis cannot know from the document alone.

Formats that are Rubrica's own get values that are good, and few of each, so that
contacts share them and the rules about identities have work. Of requests that fit
every schema and are refused all the same, those are let pass whose refusal names a
rule that no schema can say. And what was deleted may be gone.
"""

import re
from urllib.parse import urlsplit

import schemathesis
from hypothesis import strategies as st
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

schemathesis.openapi.format(
    "phone",
    # Italy, France, the United States; Brazil with and without the ninth digit,
    # Mexico and Argentina in both spellings.
    st.from_regex(
        r"\+39351[0-9]{7}|\+336123456[0-9]{2}|\+1212555[0-9]{4}"
        r"|\+55119?91234567|\+521?5512345678|\+549?1123456789",
        fullmatch=True,
    ),
)
schemathesis.openapi.format("timezone", st.sampled_from(["Europe/Rome", "UTC", "America/Sao_Paulo", "Asia/Kolkata"]))
schemathesis.openapi.format("language", st.sampled_from(["it", "en-GB", "pt-BR", "zh-Hant", "he"]))
schemathesis.openapi.format("user", st.one_of(st.from_regex(r"user_[0-9]", fullmatch=True), st.sampled_from(["me", "none", "ü", "用户"])))
schemathesis.openapi.format("integration", st.sampled_from(["sap-sync", "crm", "Ü 2"]))
schemathesis.openapi.format("iri", st.from_regex(r"https?://[a-z]{1,9}\.(it|example)(/[a-z0-9%20]{0,9})?", fullmatch=True))
schemathesis.openapi.format("domain-input", st.from_regex(r"[A-Za-z]{1,9}\.(it|example|Example)", fullmatch=True))
schemathesis.openapi.format("idn-email", st.one_of(st.from_regex(r"[A-Za-z]{1,2}@example\.(it|com)", fullmatch=True), st.emails()))

# Rules that the document states in words, by the code of the refusal.
BEYOND_SCHEMAS = {
    "invalid_phone",  # numbers in a path are made of digits alone
    "invalid_email",  # so are addresses, of characters
    "too_many",  # limits count what is left of a list, not what was sent
    "invalid_cursor",  # a cursor is a nextCursor or it is not
    "identity_mismatch",  # the body and the path are two schemas
    "unknown_field",  # which custom fields there are, only the workspace knows
    "unknown_folder",  # so with folders
    "unknown_company",  # and with companies
    "invalid_domain",  # labels have rules that a pattern would take pages for
    "invalid_currency",  # three letters may be no currency
    "unknown_channel",  # which accounts there are, only the workspace knows
    "survivor",  # a merge names its survivor once, beside those that it absorbs
    "repeated",  # and each of these once
}


# The paths of what the run has deleted so far.
DELETED = set()


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.method == "delete" and 200 <= response.status_code < 300:
        DELETED.add(urlsplit(response.request.url).path)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, EnsureResourceAvailability):
        # A scenario that meets a key of an earlier one is answered with what that one
        # created, byte for byte, and it may have deleted it since. schemathesis looks
        # for the deletion in the same scenario alone.
        path = urlsplit(response.request.url).path
        return not any(path == gone or path.startswith(gone + "/") for gone in DELETED)
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    return not all(excused(error, case) for error in response.json()["errors"])


def excused(error, case):
    match error["field"], error["code"]:
        case "expiresAt", "invalid_value":  # must be in the future: schemas know no clock
            return True
        case "options", "required" | "invalid_value":
            # Whether a field has options is known when it is made, not in a change.
            return case.operation.method == "patch"
        case "reason", "required":  # of an owner who ends another's lease, and of nobody else
            return case.operation.method == "delete"
        case "If-Match", "invalid_if_match":
            # The coverage phase takes the quotes off the tag that it made, and sends
            # If-Match: 0, which the document forbids as well.
            return '"' not in str(case.headers.get("If-Match"))
        case "contact", "invalid_reference":
            # Stateful tests put the id of a contact that they made where the document
            # wants e-mail, phone or ext.
            return ":" not in case.path_parameters["contact"]
        case field, "invalid_choice" if field.startswith("choose."):
            return True  # whose value it shall be: one of those that another member names
        case field, _ if re.match(r"(select\.)?filter(\.|$)", field):
            # Which ops and values a condition takes depends on what its field is, and
            # no schema counts conditions or levels.
            return re.search(r"\.op$|\.value\b", field) is not None or error["code"] == "too_deep" or error["code"] in BEYOND_SCHEMAS
        case _, code:
            return code in BEYOND_SCHEMAS
