"""The three spellings of one interaction's name, each where its reader expects it."""

from __future__ import annotations

from simulator.wire.interactions import BY_ID, Interaction
from tests.wire.messages import request


def test_sds_names_an_interaction_with_a_colon_and_http_with_a_slash() -> None:
    """A message of ours says in HTTP what the table says."""
    row = Interaction.EHR_REQUEST
    assert (row.sds_id, row.soap_action) == (
        "urn:nhs:names:services:gp2gp:RCMR_IN010000UK05",
        "urn:nhs:names:services:gp2gp/RCMR_IN010000UK05",
    )
    assert request().soap_action.strip('"') == row.soap_action
    assert BY_ID[row.id] is row
