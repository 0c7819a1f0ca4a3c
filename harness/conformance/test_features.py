"""Every scenario of every feature, as a test. The plugin plays them; the steps only judge."""

from __future__ import annotations

from pytest_bdd import scenarios

import gp2gp_conformance

scenarios(str(gp2gp_conformance.root() / "features"))
