"""``python -m gp2gp_conformance``: the same as ``gp2gp``."""

from gp2gp_conformance import main

main()
