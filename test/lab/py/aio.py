# aio.py ADDRESS PORT: fetches a page by asyncio; prints the milliseconds that it took, and the page.
import asyncio, sys, time
async def main():
    start = time.monotonic()
    r, w = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    w.write(b"GET / HTTP/1.0\r\n\r\n")
    await w.drain()
    body = await r.read()
    print(int((time.monotonic() - start) * 1000), body.decode().split("\r\n\r\n")[1].strip())
asyncio.run(main())
