"""Messages that are odd or wrong on purpose: named patches of octets, applied after the strict writers.

The writers stay strict; whatever the peer does out of line it does here, under a name that the ledger records. An *odd*
variant is legal or common in the field and must be coped with; a *wrong* one must be refused as the standard says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from simulator.protocol.odd_documents import DOCUMENTS
from simulator.protocol.odd_envelopes import ENVELOPES
from simulator.protocol.odd_messages import ACKNOWLEDGEMENTS, EXTRACTS, REQUESTS
from simulator.protocol.patching import Sort, Variant
from simulator.wire.writers.package import Outgoing

__all__ = ["VARIANTS", "Sort", "Variant", "apply", "deliberate", "sort_of", "together"]


def together(*tables: Mapping[str, Variant]) -> Mapping[str, Variant]:
    """All variants of ``tables``, by name.

    :raises ValueError: when two have one name: a script could mean either.
    """
    names = Counter(name for table in tables for name in table)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ValueError(f"two variants have one name: {', '.join(twice)}")
    return MappingProxyType({name: variant for table in tables for name, variant in table.items()})


VARIANTS = together(ENVELOPES, REQUESTS, EXTRACTS, DOCUMENTS, ACKNOWLEDGEMENTS)


def apply(variants: tuple[str, ...], out: Outgoing) -> Outgoing:
    """``out`` with each named variant applied in turn.

    :raises ValueError: for an unknown name, or a variant that changes nothing here: it would prove nothing.
    """
    for name in variants:
        if name not in VARIANTS:
            raise ValueError(f"there is no variant called {name!r}")
        before, out = out, VARIANTS[name].apply(out)
        if out == before:
            raise ValueError(f"the variant {name!r} changes nothing here")
    return out


def deliberate(variants: tuple[str, ...]) -> str:
    """What the ledger says about a message that was sent with ``variants``: empty when there were none."""
    return "; ".join(f"{name} ({VARIANTS[name].why})" for name in variants)


def sort_of(variants: tuple[str, ...]) -> str:
    """The worst sort among ``variants``; empty when there are none."""
    sorts = {VARIANTS[name].sort for name in variants}
    return next((sort.value for sort in (Sort.UNTAKEABLE, Sort.WRONG, Sort.ODD) if sort in sorts), "")
