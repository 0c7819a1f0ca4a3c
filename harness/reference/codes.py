"""The response codes that this practice sends or shows, with their published texts (Response Codes v1.7 section 5).

A table of its own on purpose: the practice under test must not agree with the judge by construction.
"""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "06": "Patient not at surgery.",
    "07": "GP2GP Messaging is not enabled on this system.",
    "09": "EHR Extract received without corresponding request.",
    "10": "Failed to successfully generate EHR Extract.",
    "11": "Failed to successfully integrate EHR Extract.",
    "12": "Duplicate EHR Extract received.",
    "13": "The system’s configuration prevents it from processing this message.",
    "14": "Message not sent because requesting practice is not Large Message compliant",
    "15": "A-B-A EHR Extract Received and Stored As Suppressed Record",
    "17": "A-B-A EHR Extract Received and rejected due to wrong record or wrong patient",
    "18": "Request message not well-formed or not able to be processed",
    "19": "Sender check indicates that Requester is not the patient’s current healthcare provider",
    "20": "Spine system responded with an error",
    "21": "EHR Extract message not well-formed or not able to be processed",
    "23": "Message not sent because sending practice is not Large Message compliant",
    "24": "SDS lookup provided zero or more than one result to the query for each interaction.",
    "25": "Large messages rejected due to timeout duration reached of overall transfer",
    "26": "Returning Patient EHR Extract Received and filed as an attachment",
    "28": "Non A-B-A EHR Extract Received and rejected due to wrong record or wrong patient",
    "29": "Large Message Re-assembly failure",
    "30": "Large Message general failure",
    "31": (
        "The overall EHR Extract has been rejected because one or more "
        "attachments via Large Messages were not received."
    ),
    "99": "Unexpected condition.",
}


def text(code: str) -> str:
    """The published text, or an empty string for a code that is none of GP2GP's (SEF001, Spine's own)."""
    return TEXTS.get(code, "")
