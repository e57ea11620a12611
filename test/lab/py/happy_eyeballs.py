# happy_eyeballs.py PORT ADDRESS...: asyncio's happy eyeballs: connects to one name with all these addresses, asks for /, and prints the
# address that was first and after how many seconds.
import asyncio, socket, sys, time

port, addresses = int(sys.argv[1]), sys.argv[2:]


async def main():
    async def lookup(*_, **__):
        return [(socket.AF_INET6 if ':' in a else socket.AF_INET, socket.SOCK_STREAM, 6, '', (a, port)) for a in addresses]

    asyncio.get_running_loop().getaddrinfo = lookup
    start = time.monotonic()
    reader, writer = await asyncio.open_connection('svc', port, happy_eyeballs_delay=0.25)
    writer.write(b'GET / HTTP/1.0\r\n\r\n')
    answered = b'200' in await reader.readline()
    print(writer.get_extra_info('peername')[0], 'answered' if answered else 'failed', '%.2f' % (time.monotonic() - start))


asyncio.run(main())
