"""Runs the reference practice: ``python -m harness.reference --config FILE``.

Prints one line of JSON with its two addresses when it is ready, and ends when its standard input is closed, so that it
cannot outlive whoever started it, or on SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from harness.reference.clock import Clock, Ids
from harness.reference.config import load
from harness.reference.hooks import Hooks
from harness.reference.lookup import Lookup
from harness.reference.practice import Ports, Practice
from harness.reference.web import Net, hook_server, message_server
from harness.reference.work import Work

WORKERS = 16


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. Returns the exit code: 2 for a configuration that is no good.

    :param arguments: the command line; the process's own when left out.
    """
    parser = argparse.ArgumentParser(prog="python -m harness.reference", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        config = load(parser.parse_args(arguments).config)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"reference practice: {error}\n")
        return 2
    clock, net = Clock(), Net(config.certificates)
    work = Work(clock, WORKERS)
    lookup = Lookup(net.get, config.sds_url, config.pds_url, config.default_address)
    practice = Practice(config.practice, Ports(net.post, lookup, work, clock, Ids(config.seed)))
    servers = [message_server(config, practice), hook_server(config, Hooks(practice, net.get))]
    for server in servers:
        threading.Thread(target=server.serve, daemon=True).start()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
    ports = [server.bind_addr[1] for server in servers]
    ready = {"endpoint": f"https://localhost:{ports[0]}/", "hooks": f"http://{config.hook_host}:{ports[1]}"}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    stop.wait()
    for server in servers:
        server.stop()
    work.close()
    return 0


def _until_closed(stop: threading.Event) -> None:
    # Not through sys.stdin: its lock, held here while waiting, would stop the interpreter from ending on SIGTERM.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
