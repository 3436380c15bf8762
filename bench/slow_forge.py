"""A Gerrit that knows every change and takes its time: `python -m bench.slow_forge MILLISECONDS`.

Prints its port. A process of its own, so that its work is not counted as ours.
"""

import asyncio
import json
import re
import sys

_NUMBER = re.compile(rb"GET /changes/([0-9]{1,9})\?")


def _change(number: int) -> bytes:
    vote = {"value": 2, "date": "2026-08-27 10:00:00.000000000", "_account_id": number % 50}
    change = {
        "subject": f"Change {number}",
        "status": "NEW",
        "branch": "master",
        "topic": f"topic-{number}",
        "updated": "2026-08-27 10:00:00.000000000",
        "owner": {"username": f"author{number % 200}", "name": f"Author {number % 200}"},
        "labels": {
            "Code-Review": {
                "all": [vote | {"username": f"reviewer{number % 50}"}],
                "values": {"-2": "", "+2": ""},
            }
        },
    }
    body = b")]}'\n" + json.dumps(change).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _serve(seconds: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = _NUMBER.match(head)
                await asyncio.sleep(seconds)
                writer.write(_change(int(found[1]) if found else 0))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1000))
