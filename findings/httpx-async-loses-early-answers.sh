#!/usr/bin/env bash
# PyPI httpx 0.28.1 (httpcore 1.0.9, anyio 4.16.0), from 2024: a server that refuses an upload of 5 MiB before it has
# read it, and closes, is understood by the synchronous client in 20 of 20 tries, and by the asynchronous one in none:
# it raises ReadError, so a program never learns that it was a 401, nor the nonce or the scope that it is to come with.
# The bytes of the answer have arrived in both cases; asyncio throws them away when its write fails.
# A server that wants to be heard reads the rest of the upload after it has answered.
#
# Seen, with Python 3.11 on Linux:
#   Client 401 20
#   AsyncClient ReadError 20
# Exits with 1 if that changes.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check --only-binary :all: \
    httpx==0.28.1 httpcore==1.0.9 anyio==4.16.0 h11==0.16.0

cat >upload.py <<'END'
import asyncio
import collections
import socket
import threading

import httpx

ANSWER = b"HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
BODY = bytes(5 * 2**20)
TRIES = 20


def answer(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    connection.sendall(ANSWER)
    connection.close()


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
url = f"http://127.0.0.1:{listener.getsockname()[1]}/"


def with_client(outcomes):
    with httpx.Client(trust_env=False, timeout=10) as client:
        for _ in range(TRIES):
            try:
                outcomes[client.post(url, content=BODY).status_code] += 1
            except httpx.TransportError as error:
                outcomes[type(error).__name__] += 1


async def with_async_client(outcomes):
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for _ in range(TRIES):
            try:
                outcomes[(await client.post(url, content=BODY)).status_code] += 1
            except httpx.TransportError as error:
                outcomes[type(error).__name__] += 1


outcomes = collections.Counter()
with_client(outcomes)
print("Client", *(part for pair in outcomes.items() for part in pair))
outcomes = collections.Counter()
asyncio.run(with_async_client(outcomes))
print("AsyncClient", *(part for pair in outcomes.items() for part in pair))
END

python/bin/python upload.py | tee seen
diff seen - <<'END'
Client 401 20
AsyncClient ReadError 20
END
