"""One message, all the way: an EHR request of the system under test, from its octets to a finding.

Read this file first. It is the paragraph of that name in ARCHITECTURE.md as a test: each step has its sentence, and the
parts that it names are where to read on.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.checks import CHECKS, run
from harness.evidence import Evidence, Meaning
from harness.verdict import Outcome
from simulator.ledger import Blobs, Ledger, read, verify
from simulator.protocol.commands import Answer, Note, Post
from simulator.protocol.demographics import PatientIndex
from simulator.protocol.directory import Directory
from simulator.protocol.hub import Arrival, Hub
from simulator.protocol.ids import stamp
from simulator.protocol.script import Await, Message, Send
from simulator.protocol.settings import Behaviour
from simulator.wire import gp2gp, reading
from tests.protocol.pair import plan
from tests.protocol.sut import NOON, PEER, SUT, Sut


def test_one_message_all_the_way(tmp_path: Path) -> None:
    """Octets, values, event, tables, script, commands, ledger, evidence, finding: and nothing touches the network."""
    # A case is on stage: our peer waits for an EHR request and will send an extract.
    hub = Hub(Directory([SUT, PEER]), PatientIndex(), Behaviour(), b"key")
    commands = hub.stage.open(plan(Await(Message.REQUEST), Send(Message.EXTRACT)), NOON)

    # The system under test posts these octets to Spine.
    letter = Sut().request()
    octets, content_type = letter.out.body, letter.out.content_type

    # They are read once, outside any lock: MIME, then ebXML, then HL7, and every departure met on the way.
    request = reading.read(content_type, octets)
    assert isinstance(request.message, gp2gp.EhrRequest)
    assert request.departures == ()

    # The hub hears of it, with the time as an argument, and answers with commands: it does nothing itself.
    about = {"content_type": content_type, "soap_action": letter.out.soap_action}
    digest = hashlib.sha256(octets).hexdigest()
    commands += hub.receive(Arrival(request, content_type, letter.out.soap_action, digest, octets, about), NOON)
    notes = {each.kind: each for each in commands if isinstance(each, Note)}

    # It belongs to the case, because it is addressed to the case's peer.
    assert (notes["message.received"].case, notes["message.received"].data["by"]) == ("case-1", "peer")
    # The exchange table says that its MessageId is new.
    assert notes["exchange.decided"].data["does"] == "acknowledge and deliver"
    # The transfer table saw the request, allowed it, and then the extract.
    assert [each.data["to"] for each in commands if isinstance(each, Note) and each.kind == "transfer.moved"] == [
        "requested",
        "extracted",
    ]
    # The peer's script went on from its Await to its Send.
    assert notes["await.met"].data["awaited"] == "await request"

    # Two things are to be done in the world: answer the request that waits, and post the extract.
    (answer,) = (each for each in commands if isinstance(each, Answer))
    (post,) = (each for each in commands if isinstance(each, Post))
    assert answer.status == 202
    assert isinstance(reading.read(post.content_type, post.body).message, gp2gp.EhrExtract)

    # Every decision is an entry of the ledger, chained to the one before, its octets beside it.
    ledger, blobs = Ledger(tmp_path), Blobs(tmp_path)
    for note in (each for each in commands if isinstance(each, Note)):
        stored = {"blob": blobs.put(note.octets), "size": len(note.octets)} if note.octets else {}
        ledger.append(note.kind, note.case, {**note.data, **stored}, stamp(NOON))
    ledger.close()
    assert verify(tmp_path).problems == ()

    # The judge reads the ledger of the case, and the octets again: it knows nothing of what the hub thought.
    evidence = Evidence([entry for entry in read(tmp_path) if entry.case == "case-1"], blobs)
    (sent,) = evidence.messages
    assert evidence.meaning(sent) is Meaning.REQUEST
    assert sent.octets == octets

    # A check is one sentence of the standard; what it found cites the entry that shows it.
    (finding,) = run(CHECKS["H-wrapper"], evidence)
    assert finding.outcome is Outcome.PASS
    assert finding.where.entry == sent.entry.seq
