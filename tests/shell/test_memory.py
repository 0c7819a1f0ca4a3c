"""What a long-running Spine keeps in memory: of a message that was delivered, nothing but what is known of it."""

from __future__ import annotations

from pathlib import Path

from simulator.protocol.commands import Post
from simulator.shell.client import Outcome
from tests.protocol.sut import OTHER, Sut
from tests.shell.faces import Spine


def octets_kept(folder: Path, *, acknowledged: bool) -> int:
    """Octets that the courier holds once the first post has been answered."""
    sut = Sut(OTHER)

    def post(command: Post) -> Outcome:
        body = sut.acknowledgment(command) if acknowledged else b""
        return Outcome(200, (("Content-Type", "text/xml"),), body, 0.1)

    with Spine(folder, post) as spine:
        out = Sut().request(OTHER).out
        assert spine.runtime.receive(out.content_type, out.soap_action, out.body, {}).status == 202
        spine.until(lambda: bool(spine.said("exchange.heard")))
        return len(spine.runtime.hub.courier.get(1).parcel.outgoing.body)


def test_octets_are_let_go_when_they_will_not_be_sent_again(tmp_path: Path) -> None:
    assert octets_kept(tmp_path, acknowledged=True) == 0


def test_octets_that_must_be_repeated_are_kept(tmp_path: Path) -> None:
    assert octets_kept(tmp_path, acknowledged=False) > 0
