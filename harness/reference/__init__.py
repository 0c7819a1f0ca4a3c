"""The reference practice: a complete small GP system of our own, embedded as system under test.

It is written from the specification, shares nothing with the player but the codecs of ``simulator.wire``, and can be
made to misbehave in one named way for one case (``fixtures/mutations.toml``).
"""
