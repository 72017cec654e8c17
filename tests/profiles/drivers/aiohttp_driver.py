import asyncio
import os
import ssl

import aiohttp
import multidict

from lines import content, serve

context = ssl.create_default_context(cafile=os.environ["CA_FILE"])


async def once(octets):
    yield octets


async def fetch(request):
    octets = content(request)
    async with aiohttp.ClientSession() as session:
        async with session.request(
            request["method"],
            request["url"],
            headers=multidict.CIMultiDict(request["headers"]),
            ssl=context,
            data=once(octets) if request["one_shot"] else octets,
        ) as response:
            return response.status


loop = asyncio.new_event_loop()
serve(aiohttp.__version__, lambda request: loop.run_until_complete(fetch(request)))
