/* Parses network prefixes in policy files. */
#include "btnsd/rules/compile/value.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static int bad_prefix(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    fault_quote(quoted, text);
    if (strchr(text, '%'))
        return policy_fault(f, line, "%s names an interface: write the prefix alone", quoted);
    return policy_fault(f, line, "%s is no prefix: write one like \"10.0.0.0/8\" or \"fd00::/8\"",
                        quoted);
}

static struct btns_addr prefix_base(const struct prefix *p)
{
    struct btns_addr net = p->net;
    for (unsigned bit = p->bits; bit < btns_addr_bits(&net); bit++)
        net.ip[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    return net;
}

/* Is the prefix inside ::ffff:0:0/96? */
static bool is_mapped_prefix(const struct prefix *p)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return p->net.family == AF_INET6 && p->bits >= 96 && !memcmp(p->net.ip, mapped, sizeof mapped);
}

static bool parse_prefix(const char *text, struct prefix *p)
{
    char ip[INET6_ADDRSTRLEN];
    size_t n = strcspn(text, "/");
    if (n >= sizeof ip)
        return false;
    snprintf(ip, sizeof ip, "%.*s", (int)n, text);
    if (!btns_addr_parse(&p->net, ip))
        return false;
    p->bits = btns_addr_bits(&p->net);
    return !text[n] || (value_number(text + n + 1, &p->bits) && p->bits <= btns_addr_bits(&p->net));
}

int policy_prefix(const char *text, struct prefix *p, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED], ip[BTNS_ADDR_STR];
    fault_quote(quoted, text);
    if (!parse_prefix(text, p))
        return bad_prefix(text, line, f);
    struct btns_addr net = prefix_base(p);
    const uint8_t *v4 = net.ip + 12;
    if (is_mapped_prefix(p))
        return policy_fault(f, line, "%s is IPv4 written as IPv6: write \"%u.%u.%u.%u/%u\"", quoted,
                            v4[0], v4[1], v4[2], v4[3], p->bits - 96);
    if (memcmp(net.ip, p->net.ip, sizeof net.ip))
        return policy_fault(f, line, "%s has bits beyond its /%u: write \"%s/%u\"", quoted, p->bits,
                            btns_addr_ip_str(&net, ip), p->bits);
    return 0;
}
