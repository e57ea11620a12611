/* Logs each request as a line, so that a test sees what was asked. */
#include "test/mock/mock.h"

#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *type_name(unsigned type)
{
    static const char *const names[BTNS_REQ_LAST + 1] = {
        [BTNS_REQ_CONNECT] = "CONNECT",       [BTNS_REQ_LISTEN] = "LISTEN",
        [BTNS_MSG_CONNECTING] = "CONNECTING", [BTNS_MSG_ACCEPTED] = "ACCEPTED",
        [BTNS_REQ_CONNECT_FAILURE] = "WHY",   [BTNS_REQ_ACCEPTED] = "MAYACCEPT",
        [BTNS_REQ_STATUS] = "STATUS",         [BTNS_REQ_LATCHES] = "LATCHES",
        [BTNS_REQ_PEERS] = "PEERS",           [BTNS_REQ_EXPLAIN] = "EXPLAIN",
        [BTNS_REQ_POLICY] = "POLICY",         [BTNS_REQ_RELOAD] = "RELOAD",
        [BTNS_REQ_FORGET] = "FORGET",         [BTNS_REQ_PIN] = "PIN",
        [BTNS_REQ_IMPORT] = "IMPORT",         [BTNS_REQ_KEYSCAN] = "KEYSCAN",
        [BTNS_REQ_ROTATE] = "ROTATE",         [BTNS_REQ_NOLATCH] = "NOLATCH",
        [BTNS_REQ_CANDIDATES] = "CANDIDATES", [BTNS_REQ_WATCH] = "WATCH",
        [BTNS_REQ_SPEAK] = "SPEAK",           [BTNS_MSG_CHANNEL] = "CHANNEL"};
    const char *name = type <= BTNS_REQ_LAST ? names[type] : NULL;
    return name ? name : "?";
}

/* The text of a flow's address and port, also if it has no address. */
static const char *endpoint(const struct btns_addr *a, char *buf, size_t size)
{
    char ip[INET6_ADDRSTRLEN] = "-";
    if (a->family)
        inet_ntop(a->family, a->ip, ip, sizeof ip);
    snprintf(buf, size, "%s:%u", ip, a->port);
    return buf;
}

/* Is the attached socket the one that the message names? */
static const char *attached_socket(const struct request *r)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    if (r->fd < 0)
        return "none";
    if (getsockopt(r->fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) < 0 || cookie != r->flow.cookie)
        return "another";
    return "same";
}

static void print_flow(FILE *to, const struct request *r)
{
    const struct btns_flow *f = &r->flow;
    char local[64], remote[64];
    fprintf(to, " local=%s remote=%s flags=%#x protocol=%u policy=%#llx socket=%s pid=%d",
            endpoint(&f->local, local, sizeof local), endpoint(&f->remote, remote, sizeof remote),
            f->flags, f->protocol, (unsigned long long)f->policy, attached_socket(r), r->pid);
}

static void record_explain(FILE *to, const struct btns_explain *q)
{
    char ip[BTNS_ADDR_STR];
    fprintf(to, " program=%s flags=%u policy=%" PRIx64 " remote=%s protocol=%u", q->program,
            q->flags, q->policy, btns_addr_str(&q->remote, ip), q->protocol);
}

static void print_key(FILE *to, const unsigned char *key, size_t len)
{
    fprintf(to, " key=");
    for (size_t i = 0; i < len; i++)
        fprintf(to, "%02x", key[i]);
}

static void print_command(FILE *to, const struct request *r)
{
    char ip[BTNS_ADDR_STR];
    fprintf(to, " version=%u len=%zu", r->hdr.version, r->len);
    switch (r->hdr.type) {
    case BTNS_REQ_EXPLAIN:
        record_explain(to, &r->explain);
        break;
    case BTNS_REQ_CANDIDATES:
        record_explain(to, &r->candidates.question);
        fprintf(to, " uid=%u", r->candidates.uid);
        break;
    case BTNS_REQ_FORGET:
        fprintf(to, " addr=%s", btns_addr_ip_str(&r->forget.addr, ip));
        print_key(to, r->forget.key, sizeof r->forget.key);
        break;
    case BTNS_REQ_PIN:
        fprintf(to, " addr=%s", btns_addr_ip_str(&r->pin.addr, ip));
        if (r->pin.has_key)
            print_key(to, r->pin.key, sizeof r->pin.key);
        else
            fprintf(to, " key=-");
        fprintf(to, " name=%s", r->pin.name);
        break;
    case BTNS_REQ_KEYSCAN:
        fprintf(to, " addr=%s", btns_addr_ip_str(&r->keyscan.addr, ip));
        break;
    case BTNS_REQ_IMPORT:
        fprintf(to, " name=%s attached=%s", r->import.name, r->fd < 0 ? "no" : "yes");
        break;
    case BTNS_REQ_POLICY:
        fprintf(to, " text=%.*s", (int)(r->len - sizeof r->hdr), r->bytes + sizeof r->hdr);
        break;
    default:
        break;
    }
}

/* Uses one write(), because several processes write to the log. */
void record_request(int log, const struct request *r)
{
    char *line = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&line, &len);
    if (!to)
        err(1, "memory");
    fprintf(to, "%s", type_name(r->hdr.type));
    if (is_flow_request(r))
        print_flow(to, r);
    else
        print_command(to, r);
    fprintf(to, "\n");
    if (fclose(to) || write(log, line, len) != (ssize_t)len)
        err(1, "log");
    free(line);
}
