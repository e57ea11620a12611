/* The inner address of a key, against values that Python's hashlib and ipaddress computed. */
#include "libapi/wire/inner_address.h"

#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <arpa/inet.h>

static void check_derived(const unsigned char key[32], const char *expected)
{
    struct in6_addr inner;
    char text[INET6_ADDRSTRLEN] = "none";
    if (inner_address_of_key(key, &inner))
        inet_ntop(AF_INET6, &inner, text, sizeof text);
    check(!strcmp(text, expected) && is_inner_address(&inner), "%s is %s", text, expected);
}

static void check_place(const char *text, bool inner, bool host)
{
    const struct btns_addr a = host_addr(text);
    check(btns_addr_is_inner(&a) == inner && btns_addr_is_host(&a) == host,
          "%s: %s inner address, %s address of a host", text, inner ? "an" : "no",
          host ? "an" : "no");
}

int main(void)
{
    unsigned char counted[32], ones[32];
    for (unsigned char i = 0; i < sizeof counted; i++)
        counted[i] = (unsigned char)(i + 1);
    memset(ones, 0xff, sizeof ones);
    check_derived(counted, "fd62:746e:7300:ae21:6c2e:f524:7a37:82c1");
    check_derived(ones, "fd62:746e:7300:af96:1376:f72:635f:bdb4");
    check_place("fd62:746e:7300::", true, false);
    check_place("fd62:746e:7300:ffff:ffff:ffff:ffff:ffff", true, false);
    check_place("fd62:746e:72ff:ffff:ffff:ffff:ffff:ffff", false, true);
    check_place("fd62:746e:7301::1", false, true);
    check_place("253.98.116.110", false, false); /* the same octets, as IPv4 */
    check_place("192.0.2.1", false, true);
    check_place("::1", false, false);
    return check_end();
}
