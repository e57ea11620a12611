/* Fuzzes charon's messages: a body (first octet even) or a connection's stream (odd). */
#include "btnsd/ike/vici/vici.h"
#include "btnsd/ike/system/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

/* ---- messages ---- */

static void check_item(const struct vici_reader *r, const struct vici_item *it)
{
    demand(memchr(it->name, '\0', sizeof it->name) != NULL && r->at <= r->len);
    demand(r->depth <= VICI_DEPTH_MAX);
    if (it->value)
        demand(it->value >= r->data && it->value + it->len <= r->data + r->len);
    else
        demand(!it->len);
}

/*
 * Reads the whole message and builds it again. Collects each list, because the builder takes whole
 * lists.
 */
static void rebuild(struct vici_msg *m, const struct vici_item *it, char **items, size_t *n)
{
    switch (it->type) {
    case VICI_SECTION:
        vici_section(m, it->name);
        break;
    case VICI_SECTION_END:
        vici_section_end(m);
        break;
    case VICI_KV:
        vici_kv_data(m, it->name, it->value, it->len);
        break;
    case VICI_ITEM:
        items[*n] = strndup((const char *)it->value, it->len);
        *n += *n < 63;
        break;
    default:
        break;
    }
}

static bool is_text(const struct vici_item *it)
{
    return !it->len || !memchr(it->value, '\0', it->len);
}

static void message(const uint8_t *data, size_t size)
{
    struct vici_reader r;
    struct vici_item it;
    struct vici_msg m;
    char *items[64] = {0}, list[256] = "";
    size_t n = 0;
    bool same = true; /* can be built again at all: lists are of at most 63 texts */
    vici_init(&m);
    vici_reader_init(&r, data, size);
    while (vici_next(&r, &it) > VICI_END) {
        check_item(&r, &it);
        if (it.type == VICI_LIST)
            memcpy(list, it.name, sizeof list);
        if (it.type == VICI_ITEM)
            same &= n < 63 && is_text(&it);
        if (it.type == VICI_ITEM && !same)
            continue;
        rebuild(&m, &it, items, &n);
        if (it.type != VICI_LIST_END)
            continue;
        items[n] = NULL;
        vici_list(&m, list, (const char *const *)items);
        while (n)
            free(items[--n]);
    }
    while (n)
        free(items[--n]);
    if (it.type == VICI_END && same)
        demand(vici_ok(&m) && m.len == size && (!size || !memcmp(m.data, data, size)));
    vici_free(&m);
}

static void find(const uint8_t *data, size_t size, bool whole)
{
    static const char *const paths[] = {"up",    "*.remote-id",         "*.child-sas.*.reqid",
                                        "*.a.b", "*.child-sas.*.new.x", "a"};
    char text[8];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const uint8_t *value;
        size_t len;
        bool found = vici_find(data, size, paths[i], &value, &len);
        demand(found ? whole && value >= data && value + len <= data + size : !value && !len);
        demand(vici_find_str(data, size, paths[i], text, sizeof text) == found);
        demand(memchr(text, '\0', sizeof text) != NULL);
    }
}

static bool is_whole(const uint8_t *data, size_t size)
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, data, size);
    while (vici_next(&r, &it) > VICI_END)
        ;
    return it.type == VICI_END;
}

/* ---- connections ---- */

struct end {
    struct vici_conn *conn;
    unsigned calls, until; /* frees itself from inside this many calls on */
    bool closed;
};

static void called(struct end *e, const void *body, size_t len)
{
    demand(!e->closed && e->conn);
    demand(!body || is_whole(body, len));
    if (++e->calls % 3 == 1)
        vici_command(e->conn, "more", NULL);
    if (e->calls != e->until)
        return;
    vici_conn_free(e->conn);
    e->conn = NULL;
}

static void on_answer(void *arg, const void *body, size_t len)
{
    called(arg, body, len);
}

static void on_event(void *arg, const char *name, const void *body, size_t len)
{
    demand(name[0] && strlen(name) < 256);
    called(arg, body, len);
}

static void on_closed(void *arg, const char *why)
{
    struct end *e = arg;
    demand(why && *why);
    called(e, NULL, 0);
    e->closed = true;
}

static char path[60];
static int listener = -1;

static void unlink_path(void)
{
    unlink(path);
}

static void listen_once(void)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    if (listener >= 0)
        return;
    snprintf(path, sizeof path, "/tmp/btns-fuzz-vici-%d", (int)getpid());
    strcpy(sun.sun_path, path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    demand(!bind(listener, (const struct sockaddr *)&sun, sizeof sun) && !listen(listener, 1));
    atexit(unlink_path);
}

static void stream(const uint8_t *data, size_t size)
{
    static const struct vici_ops ops = {on_answer, on_event, on_closed};
    struct end e = {0};
    listen_once();
    e.conn = vici_conn_new(path, &ops, &e, NULL);
    int server = accept(listener, NULL, NULL);
    demand(e.conn && server >= 0 && size >= 2);
    e.until = data[0];
    vici_command(e.conn, "first", NULL);
    vici_register(e.conn, "second");
    /* In two pieces, so that packets are cut at any place. */
    size_t cut = 1 + data[1] % size;
    const struct {
        const uint8_t *at;
        size_t len;
    } pieces[] = {{data + 1, cut - 1}, {data + cut, size - cut}};
    for (size_t i = 0; i < 2 && e.conn && !e.closed; i++) {
        if (send(server, pieces[i].at, pieces[i].len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            break;
        vici_conn_io(e.conn);
    }
    close(server);
    for (int i = 0; i < 3 && e.conn; i++)
        vici_conn_io(e.conn);
    demand(!e.conn || e.closed);
    vici_conn_free(e.conn);
}

/* Reads the input as a report of the administrator's IKE daemon, as either list. */
static void views(const uint8_t *data, size_t size)
{
    struct system_view v = {0};
    char text[200];
    struct system_ts ts;
    system_read_sa(&v, data, size);
    system_read_conn(&v, data, size);
    for (size_t i = 0; i < v.children; i++)
        demand(v.child[i].local_tss <= SYSTEM_TS && v.child[i].remote_tss <= SYSTEM_TS);
    system_view_free(&v);
    snprintf(text, sizeof text, "%.*s", (int)(size < 150 ? size : 150), (const char *)data);
    if (system_read_ts(text, &ts))
        demand(ts.bits <= btns_addr_bits(&ts.net));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    if (data[0] % 2 == 0) {
        message(data + 1, size - 1);
        find(data + 1, size - 1, is_whole(data + 1, size - 1));
        views(data + 1, size - 1);
    } else if (size >= 3 && size < 100000) {
        stream(data + 1, size - 1);
    }
    return 0;
}
