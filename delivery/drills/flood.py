"""Asks without end, from addresses of its own: `python …/flood.py HOST PORT PATH RATE ADDRESSES`, RATE a second.

Each request has another number at the end of its path, so that no cache answers it. ADDRESSES is how many it asks from.
Runs by itself; says every second, as a line of JSON, how long it has asked, how many were answered with what, and how
many in its best second.
"""

import http.client
import itertools
import json
import sys
import threading
import time
from collections import Counter

CONNECTIONS = 16
ASKED_ON_ONE = 50  # requests on a connection; the next one is from another address
PATIENCE_S = 5.0


def address(number: int) -> str:
    """One that is this machine's: on Linux all of 127.0.0.0/8 is, and 127.0.0.1 everybody else's."""
    return f"127.1.{number // 250}.{1 + number % 250}" if sys.platform == "linux" else "127.0.0.1"


def ask_on(host: str, port: int, path: str, rate: float, sources: "itertools.cycle[str]", said: "Counter[str]") -> None:
    """At this rate, or as fast as it is answered; a connection that fails is made anew."""

    def anew() -> http.client.HTTPConnection:
        return http.client.HTTPConnection(host, port, PATIENCE_S, source_address=(next(sources), 0))

    connection = anew()
    began = time.monotonic()
    for count in itertools.count(1):
        time.sleep(max(0.0, began + count / rate - time.monotonic()))
        if count % ASKED_ON_ONE == 0:
            connection.close()
            connection = anew()
        try:
            connection.request("GET", f"{path}{threading.get_ident()}-{count}")
            answer = connection.getresponse()
            answer.read()
            said[str(answer.status)] += 1
        except (OSError, http.client.HTTPException) as error:
            said[type(error).__name__] += 1
            connection.close()


def main(host: str, port: str, path: str, rate: str, addresses: str) -> None:
    """Until the process is ended."""
    said: Counter[str] = Counter()
    sources = itertools.cycle([address(number) for number in range(int(addresses))])
    for _ in range(CONNECTIONS):
        asked = (host, int(port), path, float(rate) / CONNECTIONS, sources, said)
        threading.Thread(target=ask_on, args=asked, daemon=True).start()
    began = then = time.monotonic()
    best, before = 0.0, 0
    while True:
        time.sleep(1)
        answers, now = dict(said), time.monotonic()
        total = sum(number for status, number in answers.items() if status.isdecimal())
        best, before, then = max(best, (total - before) / (now - then)), total, now
        print(json.dumps({"seconds": now - began, "answers": answers, "best": best}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
