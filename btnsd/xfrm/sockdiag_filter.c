/* Writes the filter of a socket dump, in the byte code of linux/inet_diag.h. */
#include "btnsd/xfrm/sockdiag.h"

#include <linux/inet_diag.h>
#include <string.h>

/*
 * Returns the length used; 0: a may be anything. set_sockdiag_jumps() sets the jumps when the rest
 * is known.
 */
static size_t put_sockdiag_condition(unsigned char *to, unsigned char code,
                                     const struct btns_addr *a)
{
    size_t ip = a->family ? btns_addr_bits(a) / 8 : 0;
    const struct inet_diag_bc_op op = {.code = code};
    /* An IPv4 condition also matches IPv6 sockets with the mapped address. */
    struct inet_diag_hostcond host;

    memset(&host, 0, sizeof host); /* clears the padding too, as the kernel gets all of it */
    host.family = (uint8_t)a->family;
    host.prefix_len = (uint8_t)(8 * ip);
    host.port = a->port ? a->port : -1;

    if (!ip && !a->port)
        return 0;
    memcpy(to, &op, sizeof op);
    memcpy(to + sizeof op, &host, sizeof host);
    memcpy(to + sizeof op + sizeof host, a->ip, ip);
    return sizeof op + sizeof host + ip;
}

/*
 * If the condition matches, the kernel goes on to the next one; if not, it jumps four octets behind
 * the end of the program, which refuses the socket.
 */
static void set_sockdiag_jumps(unsigned char *condition, size_t len, size_t left)
{
    struct inet_diag_bc_op op;

    if (!len)
        return;
    memcpy(&op, condition, sizeof op);
    op.yes = (unsigned char)len;
    op.no = (unsigned short)(left + 4);
    memcpy(condition, &op, sizeof op);
}

size_t sock_filter(const struct btns_addr *local, const struct btns_addr *remote,
                   unsigned char program[SOCK_FILTER_MAX])
{
    size_t first = put_sockdiag_condition(program, INET_DIAG_BC_S_COND, local);
    size_t second = put_sockdiag_condition(program + first, INET_DIAG_BC_D_COND, remote);

    set_sockdiag_jumps(program, first, first + second);
    set_sockdiag_jumps(program + first, second, second);
    return first + second;
}
