/* Reads the state of the system's IKE daemon from VICI messages. Pure. */
#include "btnsd/ike/system/system.h"
#include "btnsd/ike/vici/vici.h"
#include "libapi/wire/array.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 6

/* The reader's place in the message: the names of the enclosing sections. */
struct place {
    struct vici_reader r;
    struct vici_item it;
    char name[DEPTH][256], list[256];
    unsigned depth; /* may exceed DEPTH: sections that deep are ignored */
};

/* The next key or list item; false at the end. *bad: the message is malformed. */
static bool next_view_value(struct place *p, bool *bad)
{
    for (;;) {
        enum vici_element e = vici_next(&p->r, &p->it);
        switch (e) {
        case VICI_SECTION:
            if (p->depth < DEPTH)
                memcpy(p->name[p->depth], p->it.name, sizeof p->it.name);
            p->depth++;
            break;
        case VICI_SECTION_END:
            p->depth--;
            break;
        case VICI_ITEM:
            memcpy(p->it.name, p->list, sizeof p->list);
            return true;
        case VICI_KV:
            return true;
        case VICI_LIST:
            memcpy(p->list, p->it.name, sizeof p->list);
            break;
        case VICI_LIST_END:
            break;
        default:
            *bad = e == VICI_BAD;
            return false;
        }
    }
}

/* Copies a text. One that does not fit could look like another name, so it becomes "". */
static void read_view_text(const struct vici_item *it, char *buf, size_t size)
{
    size_t n = it->len < size ? it->len : 0;
    memcpy(buf, it->value, n);
    buf[n] = 0;
}

static void read_view_conn_name(const char *name, char *buf, size_t size)
{
    snprintf(buf, size, "%s", strlen(name) < size ? name : "");
}

static uint32_t read_view_number(const struct vici_item *it, int base)
{
    char text[24];
    read_view_text(it, text, sizeof text);
    return (uint32_t)strtoul(text, NULL, base);
}

/* ---- traffic selectors ---- */

/* charon writes the port's name if the system knows one. */
static bool read_selector_port(const char *text, const char *protocol, uint16_t *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (end != text && !*end && n <= UINT16_MAX) {
        *port = (uint16_t)n;
        return true;
    }
    struct servent *s = getservbyname(text, protocol);
    if (s)
        *port = ntohs((uint16_t)s->s_port);
    return s != NULL;
}

/* "tcp", "tcp/8000", "tcp/8000-8010", "6/http" */
static bool read_selector_service(char *text, struct system_ts *ts)
{
    uint16_t n;
    char *port = strchr(text, '/'), *to = port ? strchr(port, '-') : NULL;
    if (port)
        *port++ = 0;
    uint8_t number = protocol_number(text);
    if (!number && read_selector_port(text, NULL, &n) && n <= UINT8_MAX)
        number = (uint8_t)n;
    const char *protocol = protocol_name(number);
    ts->protocol = protocol_known(number) ? number : IPPROTO_RAW; /* one that btns does not know */
    if (!port)
        return true;
    if (to && read_selector_port(port, protocol, &ts->from) && ts->from == ts->to)
        return true; /* a name with a hyphen in it */
    if (to)
        *to++ = 0;
    if (!read_selector_port(port, protocol, &ts->from))
        return false;
    ts->to = ts->from;
    return !to || read_selector_port(to, protocol, &ts->to);
}

bool system_read_ts(const char *text, struct system_ts *ts)
{
    char copy[128];
    memset(ts, 0, sizeof *ts);
    ts->to = UINT16_MAX;
    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    char *service = strchr(copy, '['), *bits = strchr(copy, '/');
    if (service && bits > service)
        bits = NULL;
    if (service) {
        size_t n = strlen(service);
        if (service[n - 1] != ']')
            return false;
        service[n - 1] = *service = 0;
        if (!read_selector_service(service + 1, ts))
            return false;
    }
    if (bits)
        *bits++ = 0;
    if (!btns_addr_parse(&ts->net, copy))
        return false;
    ts->bits = bits ? (unsigned)strtoul(bits, NULL, 10) : btns_addr_bits(&ts->net);
    return ts->bits <= btns_addr_bits(&ts->net);
}

bool system_ts_covers(const struct system_ts *ts, size_t n, const struct btns_addr *a,
                      uint8_t protocol, uint16_t port)
{
    for (size_t i = 0; i < n; i++)
        if (btns_addr_in(a, &ts[i].net, ts[i].bits) &&
            (!ts[i].protocol || ts[i].protocol == protocol) &&
            (port ? ts[i].from <= port && port <= ts[i].to : !ts[i].from && ts[i].to == UINT16_MAX))
            return true;
    return false;
}

static void add_system_selector(struct system_ts *list, size_t *n, const struct vici_item *it)
{
    char text[128];
    read_view_text(it, text, sizeof text);
    if (*n < SYSTEM_TS && system_read_ts(text, &list[*n]))
        ++*n;
}

/* ---- list-sa ---- */

static void read_system_ike_sa(struct system_child *c, const struct vici_item *it)
{
    char text[INET6_ADDRSTRLEN + 32];
    read_view_text(it, text, sizeof text);
    if (!strcmp(it->name, "remote-id"))
        read_view_text(it, c->remote_id, sizeof c->remote_id);
    else if (!strcmp(it->name, "state"))
        c->established =
            !strcmp(text, "ESTABLISHED") || !strcmp(text, "REKEYING") || !strcmp(text, "REKEYED");
    else if (!strcmp(it->name, "local-host"))
        btns_addr_parse(&c->local, text);
    else if (!strcmp(it->name, "remote-host"))
        btns_addr_parse(&c->remote, text);
}

static void read_system_child(struct system_child *c, const struct vici_item *it)
{
    char text[32];
    read_view_text(it, text, sizeof text);
    if (!strcmp(it->name, "name"))
        read_view_text(it, c->child, sizeof c->child);
    else if (!strcmp(it->name, "uniqueid"))
        c->unique = read_view_number(it, 10);
    else if (!strcmp(it->name, "reqid"))
        c->reqid = read_view_number(it, 10);
    else if (!strcmp(it->name, "state"))
        c->installed = !strcmp(text, "INSTALLED");
    else if (!strcmp(it->name, "spi-in"))
        c->spi_in = read_view_number(it, 16);
    else if (!strcmp(it->name, "spi-out"))
        c->spi_out = read_view_number(it, 16);
    else if (!strcmp(it->name, "local-ts"))
        add_system_selector(c->local_ts, &c->local_tss, it);
    else if (!strcmp(it->name, "remote-ts"))
        add_system_selector(c->remote_ts, &c->remote_tss, it);
}

/*
 * list-sa: { connection = { ..., child-sas = { name-number = { ... } } } }; the IKE SA's values
 * come first.
 */
int system_read_sa(struct system_view *v, const void *body, size_t len)
{
    struct place p = {0};
    struct system_child ike = {0};
    char at[256] = "";
    bool bad = false;
    vici_reader_init(&p.r, body, len);
    while (next_view_value(&p, &bad)) {
        if (p.depth == 1) {
            read_view_conn_name(p.name[0], ike.connection, sizeof ike.connection);
            read_system_ike_sa(&ike, &p.it);
        }
        if (p.depth != 3 || strcmp(p.name[1], "child-sas"))
            continue;
        if (strcmp(at, p.name[2])) {
            struct system_child *more =
                array_grow(v->child, &v->child_room, v->children + 1, sizeof *more);
            if (!more)
                return -ENOMEM;
            v->child = more;
            v->child[v->children++] = ike;
            memcpy(at, p.name[2], sizeof at);
        }
        read_system_child(&v->child[v->children - 1], &p.it);
    }
    return bad ? -EBADMSG : 0;
}

/* ---- list-conn ---- */

static int add_system_conf(struct system_view *v, const char *connection, const char *child)
{
    struct system_conf *more = array_grow(v->conf, &v->conf_room, v->confs + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    v->conf = more;
    struct system_conf *c = &v->conf[v->confs++];
    memset(c, 0, sizeof *c);
    read_view_conn_name(connection, c->connection, sizeof c->connection);
    read_view_conn_name(child, c->child, sizeof c->child);
    return 0;
}

/* With several rounds of authentication, charon lists them one after another. */
static void add_system_text(char *to, size_t size, const struct vici_item *it)
{
    size_t at = strlen(to);
    char text[128];
    read_view_text(it, text, sizeof text);
    snprintf(to + at, size - at, "%s%s", at ? ", " : "", text);
}

int system_read_conn(struct system_view *v, const void *body, size_t len)
{
    struct place p = {0};
    char auth[64] = "", ca[128] = "", at[256] = "";
    bool bad = false;
    size_t first = v->confs;
    vici_reader_init(&p.r, body, len);
    while (next_view_value(&p, &bad)) {
        bool remote = p.depth == 2 && !strncmp(p.name[1], "remote", 6);
        if (remote && !strcmp(p.it.name, "class"))
            add_system_text(auth, sizeof auth, &p.it);
        else if (remote && !strcmp(p.it.name, "cacerts"))
            add_system_text(ca, sizeof ca, &p.it);
        if (p.depth != 3 || strcmp(p.name[1], "children") || !strcmp(at, p.name[2]))
            continue;
        memcpy(at, p.name[2], sizeof at);
        if (add_system_conf(v, p.name[0], p.name[2]))
            return -ENOMEM;
    }
    for (size_t i = first; i < v->confs; i++) {
        memcpy(v->conf[i].auth, auth, sizeof auth);
        memcpy(v->conf[i].ca, ca, sizeof ca);
    }
    return bad ? -EBADMSG : 0;
}

void system_view_free(struct system_view *v)
{
    free(v->child);
    free(v->conf);
    memset(v, 0, sizeof *v);
}
