/*
 * What makes a socket's packets bypass their guard: a source route among its IP options, or an
 * option that allows any source address. TAP.
 */
#include "libapi/wire/source_route.h"
#include "btnsd/plan/facts.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <unistd.h>

#define ROUTE(kind) kind, 7, 4, 192, 0, 2, 1

static bool is_refused(int family, int type, const unsigned char *options, size_t len)
{
    struct socket_facts f;
    struct err err = {""};
    int fd = socket(family, type, 0);
    bool set = !len || !setsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, (socklen_t)len);
    bool read = !facts_transport(fd, &f, &err);
    bool refused = read && facts_beyond_protection(&f, &err);
    if (!set || !read)
        check(false, "the socket cannot be made: %s", err.text);
    close(fd);
    return refused;
}

static void sockets(void)
{
    const unsigned char loose[] = {ROUTE(IPOPT_LSRR), IPOPT_NOP};
    const unsigned char strict[] = {IPOPT_NOP, ROUTE(IPOPT_SSRR)};
    const unsigned char record[] = {IPOPT_RR, 7, 4, 0, 0, 0, 0, IPOPT_EOL};
    check(is_refused(AF_INET, SOCK_STREAM, loose, sizeof loose), "a loose source route");
    check(is_refused(AF_INET, SOCK_DGRAM, strict, sizeof strict), "a strict one, of datagrams");
    check(is_refused(AF_INET6, SOCK_DGRAM, loose, sizeof loose), "one of an IPv6 socket's");
    check(!is_refused(AF_INET, SOCK_STREAM, record, sizeof record), "a route that is recorded");
    check(!is_refused(AF_INET, SOCK_STREAM, NULL, 0), "no options");
}

/* Is a socket with this option of IP refused? */
static bool is_refused_with(int family, int type, int option)
{
    struct socket_facts f;
    struct err err = {""};
    int fd = socket(family, type, 0);
    bool set = !setsockopt(fd, IPPROTO_IP, option, &(int){1}, sizeof(int));
    bool refused = !facts_transport(fd, &f, &err) && facts_beyond_protection(&f, &err);
    if (!set)
        check(false, "the option cannot be set");
    close(fd);
    return refused;
}

static void sources(void)
{
    check(is_refused_with(AF_INET, SOCK_DGRAM, IP_TRANSPARENT), "datagrams from any address");
    check(is_refused_with(AF_INET6, SOCK_DGRAM, IP_TRANSPARENT), "over IPv6");
    check(!is_refused_with(AF_INET6, SOCK_DGRAM, IP_FREEBIND), "a free bind() is common");
    check(!is_refused_with(AF_INET, SOCK_STREAM, IP_TRANSPARENT), "a connection has one source");
}

static void octets(void)
{
    const unsigned char after[] = {IPOPT_RR, 7, 4, 0, 0, 0, 0, ROUTE(IPOPT_LSRR)};
    const unsigned char ended[] = {IPOPT_EOL, ROUTE(IPOPT_LSRR)};
    const unsigned char within[] = {IPOPT_RR, 7, 4, IPOPT_LSRR, 7, 4, 0};
    const unsigned char cut[] = {IPOPT_NOP, IPOPT_RR}, short_one[] = {IPOPT_RR, 0, IPOPT_LSRR};
    check(has_source_route(after, sizeof after), "behind another option");
    check(!has_source_route(ended, sizeof ended), "behind the end of the list is none");
    check(!has_source_route(within, sizeof within), "nor within another option");
    check(!has_source_route(cut, sizeof cut) && !has_source_route(short_one, sizeof short_one),
          "an option that is cut off, or too short, ends the search");
}

int main(void)
{
    sockets();
    sources();
    octets();
    return check_end();
}
