/*
 * btnsctl graph: draws which programs talk to which hosts, and how that is protected, as a graph
 * for dot(1).
 */
#include "btnsd/ctl/commands.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"

#include "libapi/wire/array.h"
#include "libapi/wire/names.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum outcome { EDGE_PROTECTED, EDGE_LARVAL, EDGE_CLEAR, EDGE_REFUSED };
static const struct {
    const char *name, *look;
} outcomes[] = {
    [EDGE_PROTECTED] = {"protected", "color=darkgreen"},
    [EDGE_LARVAL] = {"negotiating", "color=darkgreen, style=dotted"},
    [EDGE_CLEAR] = {"clear", "color=orange, style=dashed"},
    [EDGE_REFUSED] = {"refused", "color=red, style=bold"},
};

/*
 * All connections of one program with one service of one host that are protected in the same way.
 */
struct edge {
    struct btns_addr remote; /* port 0 */
    char peer[BTNS_NAME_MAX];
    char program[BTNS_NAME_MAX];
    uint16_t port; /* the service's */
    bool comes_in; /* the service is this host's */
    enum outcome outcome;
    unsigned connections;
};

struct graph {
    struct edge *edge;
    size_t n, room;
    uint16_t *listens; /* local ports of listeners */
    size_t listeners, listeners_room;
};

static int graph_out_of_memory(struct err *err)
{
    err_set(err, "out of memory");
    return -ENOMEM;
}

static enum outcome graph_edge_outcome(uint32_t state)
{
    switch (state) {
    case BTNS_S_ESTABLISHED:
        return EDGE_PROTECTED;
    case BTNS_S_LARVAL:
        return EDGE_LARVAL;
    case BTNS_S_UNPROTECTED:
        return EDGE_CLEAR;
    default:
        return EDGE_REFUSED;
    }
}

static int add_graph_listener(struct graph *g, uint16_t port, struct err *err)
{
    uint16_t *more = array_grow(g->listens, &g->listeners_room, g->listeners + 1, sizeof *more);
    if (!more)
        return graph_out_of_memory(err);
    g->listens = more;
    g->listens[g->listeners++] = port;
    return 0;
}

static bool is_same_graph_edge(const struct edge *a, const struct edge *b)
{
    return btns_addr_equal(&a->remote, &b->remote) && a->port == b->port &&
           a->comes_in == b->comes_in && a->outcome == b->outcome &&
           !strcmp(a->program, b->program) && !strcmp(a->peer, b->peer);
}

static int add_graph_edge(struct graph *g, const struct edge *e, struct err *err)
{
    for (size_t i = 0; i < g->n; i++)
        if (is_same_graph_edge(&g->edge[i], e)) {
            g->edge[i].connections++;
            return 0;
        }
    struct edge *more = array_grow(g->edge, &g->room, g->n + 1, sizeof *more);
    if (!more)
        return graph_out_of_memory(err);
    g->edge = more;
    g->edge[g->n] = *e;
    g->edge[g->n++].connections = 1;
    return 0;
}

/*
 * Collects listeners first: btnsd lists their latches like any others, and the arrow of a
 * connection depends on which end listens.
 */
static int collect_graph_listener(void *arg, const union btns_reply *record, struct err *err)
{
    const struct btns_latch_msg *l = &record->latch;
    return l->state == BTNS_S_LISTENER ? add_graph_listener(arg, l->local.port, err) : 0;
}

static int add_graph_latch_edge(void *arg, const union btns_reply *record, struct err *err)
{
    struct graph *g = arg;
    const struct btns_latch_msg *l = &record->latch;
    struct edge e = {.remote = l->remote, .outcome = graph_edge_outcome(l->state)};
    if (l->state == BTNS_S_LISTENER || !l->remote.family)
        return 0;
    for (size_t i = 0; i < g->listeners; i++)
        e.comes_in |= g->listens[i] == l->local.port;
    e.port = e.comes_in ? l->local.port : l->remote.port;
    e.remote.port = 0;
    memcpy(e.program, l->program, sizeof e.program);
    memcpy(e.peer, l->name, sizeof e.peer);
    return add_graph_edge(g, &e, err);
}

/* A string of DOT: quotes and backslashes are escaped, unprintable characters become "?". */
static void put_graph_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text >= 0x20 && *text < 0x7f ? *text : '?');
    putchar('"');
}

static void put_graph_host(const struct edge *e)
{
    char ip[BTNS_ADDR_STR], node[BTNS_ADDR_STR + BTNS_NAME_MAX + 4];
    snprintf(node, sizeof node, "%s%s%s%s", e->peer, *e->peer ? " (" : "",
             btns_addr_ip_str(&e->remote, ip), *e->peer ? ")" : "");
    put_graph_quoted(node);
}

static void print_graph_dot(const struct graph *g)
{
    char label[BTNS_NAME_MAX + 48];
    printf("digraph btns {\n  rankdir=LR;\n  node [shape=box];\n  \"this host\" [style=bold];\n");
    for (size_t i = 0; i < g->n; i++) {
        const struct edge *e = &g->edge[i];
        fputs("  ", stdout);
        if (e->comes_in)
            put_graph_host(e);
        else
            fputs("\"this host\"", stdout);
        fputs(" -> ", stdout);
        if (e->comes_in)
            fputs("\"this host\"", stdout);
        else
            put_graph_host(e);
        snprintf(label, sizeof label, "%s :%u x%u", *e->program ? e->program : "-", e->port,
                 e->connections);
        fputs(" [label=", stdout);
        put_graph_quoted(label);
        printf(", %s]; // %s\n", outcomes[e->outcome].look, outcomes[e->outcome].name);
    }
    printf("}\n");
}

static void print_graph_json(const struct graph *g)
{
    struct json j = {.to = stdout};
    char ip[BTNS_ADDR_STR];
    json_open_record(&j, NULL);
    json_open(&j, "edges", '[');
    for (size_t i = 0; i < g->n; i++) {
        const struct edge *e = &g->edge[i];
        json_open(&j, NULL, '{');
        json_string(&j, "address", btns_addr_ip_str(&e->remote, ip));
        json_string_or_null(&j, "name", e->peer);
        json_string_or_null(&j, "program", e->program);
        json_number(&j, "port", e->port);
        json_string(&j, "at", e->comes_in ? "accept" : "connect");
        json_string(&j, "outcome", outcomes[e->outcome].name);
        json_number(&j, "connections", e->connections);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}

int ctl_graph(const struct ctl *c, struct err *err)
{
    struct graph g = {0};
    int rc = ask_list(c->socket, BTNS_REQ_LATCHES, BTNS_REP_LATCH, collect_graph_listener, &g, err);
    if (!rc)
        rc = ask_list(c->socket, BTNS_REQ_LATCHES, BTNS_REP_LATCH, add_graph_latch_edge, &g, err);
    if (!rc)
        (c->json ? print_graph_json : print_graph_dot)(&g);
    free(g.edge);
    free(g.listens);
    return ctl_exit(rc);
}
