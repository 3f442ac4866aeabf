"""Uploads by httpx: prints what each of them was answered, as one JSON array of statuses or names of exceptions."""

import asyncio
import json
import sys

import httpx

URL, SIZE, TRIES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def upload(client: httpx.AsyncClient) -> int | str:
    try:
        response = await client.post(URL, content=bytes(SIZE), headers={"authorization": "Bearer none"})
        return response.status_code
    except httpx.TransportError as error:
        return type(error).__name__


async def main() -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        print(json.dumps([await upload(client) for _ in range(TRIES)]))


asyncio.run(main())
