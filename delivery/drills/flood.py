"""Asks without end, from an address of its own: `python …/flood.py HOST PORT PATH RATE`, RATE in requests a second.

Each request has another number at the end of its path, so that no cache answers it. Runs by itself; says every second
how many were answered with what.
"""

import http.client
import sys
import threading
import time
from collections import Counter

SOURCE = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"  # all of 127.0.0.0/8 is this machine, on Linux
CONNECTIONS = 16
PATIENCE_S = 5.0


def ask_on(host: str, port: int, path: str, rate: float, said: "Counter[str]") -> None:
    """At this rate, or as fast as it is answered; a connection that fails is made anew."""
    connection = http.client.HTTPConnection(host, port, PATIENCE_S, source_address=(SOURCE, 0))
    began, count = time.monotonic(), 0
    while True:
        time.sleep(max(0.0, began + count / rate - time.monotonic()))
        count += 1
        try:
            connection.request("GET", f"{path}{threading.get_ident()}-{count}")
            answer = connection.getresponse()
            answer.read()
            said[str(answer.status)] += 1
        except (OSError, http.client.HTTPException) as error:
            said[type(error).__name__] += 1
            connection.close()


def main(host: str, port: str, path: str, rate: str) -> None:
    """Until the process is ended."""
    said: Counter[str] = Counter()
    for _ in range(CONNECTIONS):
        asked = (host, int(port), path, float(rate) / CONNECTIONS, said)
        threading.Thread(target=ask_on, args=asked, daemon=True).start()
    while True:
        time.sleep(1)
        print(dict(said), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
