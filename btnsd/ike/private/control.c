/*
 * Opens and closes the long-lived control connection to charon, and reads its answers and events.
 */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static void on_control_answer(void *arg, const void *body, size_t len)
{
    struct ike *k = arg;
    char why[200];
    if (k->answers)
        k->answers--;
    if (body && vici_find_str(body, len, "success", why, sizeof why) && strcmp(why, "yes")) {
        vici_find_str(body, len, "errmsg", why, sizeof why);
        if (strstr(why, "no matching"))
            log_debug("charon: %s", why); /* the IKE SA has ended by itself meanwhile */
        else
            log_warning("the IKE daemon refused a setting: %s", why);
    }
    bool first = !k->answers && !k->loaded;
    if (k->control_ops->answered(k, first) && first)
        k->ops->ready(k->arg);
}

static bool control_says_yes(const void *body, size_t len, const char *path)
{
    char text[8];
    return vici_find_str(body, len, path, text, sizeof text) && !strcmp(text, "yes");
}

/*
 * Handles ike-updown of the responder's connection: a peer has introduced itself to us, or the IKE
 * SA of an introduction has ended.
 */
static void introduction_updown(struct ike *k, const void *body, size_t len)
{
    struct btns_key key;
    struct btns_addr local, remote;
    char text[80];
    if (vici_find_str(body, len, RESPONDER ".initiator", text, sizeof text) && !strcmp(text, "yes"))
        return;
    bool up = vici_find_str(body, len, "up", text, sizeof text) && !strcmp(text, "yes");
    provisional_introduction(k, up);
    if (!up)
        return;
    if (!vici_find_str(body, len, RESPONDER ".remote-host", text, sizeof text) ||
        !btns_addr_parse(&remote, text) ||
        !vici_find_str(body, len, RESPONDER ".local-host", text, sizeof text) ||
        !btns_addr_parse(&local, text))
        return;
    if (ike_claimed_key(k, body, len, RESPONDER ".remote-id", &key))
        k->ops->introduced(k->arg, &local, &remote, &key);
}

/* Reply to our introduction; it tells us which key answered. */
static void introduction_answered(struct ike *k, const char *name, const void *body, size_t len)
{
    struct ike_task *t = k->tasks;
    while (t && strcmp(t->name, name))
        t = t->next;
    if (t && !t->conn && !t->ca_pem && !t->has_claim)
        t->has_claim = ike_claimed_key(k, body, len, "*.remote-id", &t->claimed);
}

static uint32_t ike_sa_unique_id(const void *body, size_t len, const char *path)
{
    char id[16];
    return vici_find_str(body, len, path, id, sizeof id) ? (uint32_t)strtoul(id, NULL, 10) : 0;
}

static void end_unique_ike_sa(struct ike *k, uint32_t id)
{
    char text[16];
    snprintf(text, sizeof text, "%u", id);
    ike_end_sa(k, "ike-id", text);
}

/*
 * Handles ike-updown of a key connection. If the connection was removed meanwhile, the IKE SA is
 * ended, too.
 */
static void key_conn_updown(struct ike *k, const char *name, const void *body, size_t len)
{
    uint32_t id = ike_sa_unique_id(body, len, "*.uniqueid"), gone = id;
    bool up = control_says_yes(body, len, "up");
    struct ike_conn *c = conn_named(k, name);
    if (c && !up) {
        ike_sas_drop(&c->sas, id);
    } else if (c) {
        c->up = true;
        gone = ike_sas_add(&c->sas, id);
        if (gone)
            log_debug("%s has too many IKE SAs: the oldest is ended", name);
    }
    if (up && gone)
        end_unique_ike_sa(k, gone);
}

/* Finds the message's first section, whose name is that of the IKE SA's connection. */
static bool first_message_section(const void *body, size_t len, struct vici_item *it)
{
    struct vici_reader r;
    enum vici_element e;
    vici_reader_init(&r, body, len);
    do
        e = vici_next(&r, it);
    while (e != VICI_SECTION && e != VICI_END && e != VICI_BAD);
    return e == VICI_SECTION;
}

static void ike_rekey(struct ike *k, const void *body, size_t len)
{
    uint32_t was = ike_sa_unique_id(body, len, "*.old.uniqueid");
    uint32_t now = ike_sa_unique_id(body, len, "*.new.uniqueid");
    struct vici_item it;
    struct ike_conn *c = first_message_section(body, len, &it) ? conn_named(k, it.name) : NULL;
    if (c)
        ike_sas_rename(&c->sas, was, now);
}

static bool is_key_conn(const char *name)
{
    return !strncmp(name, CONN_PREFIX, strlen(CONN_PREFIX)) ||
           !strncmp(name, CERTIFIED_PREFIX, strlen(CERTIFIED_PREFIX));
}

static void ike_updown(struct ike *k, const void *body, size_t len)
{
    struct vici_item it;
    if (!first_message_section(body, len, &it))
        return;
    if (!strcmp(it.name, RESPONDER))
        introduction_updown(k, body, len);
    else if (is_key_conn(it.name))
        key_conn_updown(k, it.name, body, len);
    else if (!authorities_updown(k, body, len))
        introduction_answered(k, it.name, body, len);
}

static void child_updown(struct ike *k, const void *body, size_t len)
{
    char reqid[16], spi[16];
    if (!control_says_yes(body, len, "up"))
        return;
    const struct ike_nat nat = {
        .local = control_says_yes(body, len, "*.nat-local"),
        .remote = control_says_yes(body, len, "*.nat-remote"),
    };
    if (nat.local)
        inner_tell(k, body, len);
    if (vici_find_str(body, len, "*.child-sas.*.reqid", reqid, sizeof reqid) &&
        vici_find_str(body, len, "*.child-sas.*.spi-out", spi, sizeof spi))
        k->ops->child_up(k->arg, (uint32_t)strtoul(reqid, NULL, 10),
                         (uint32_t)strtoul(spi, NULL, 16), &nat);
}

static void on_control_event(void *arg, const char *name, const void *body, size_t len)
{
    struct ike *k = arg;
    if (!strcmp(name, "ike-updown"))
        ike_updown(k, body, len);
    else if (!strcmp(name, "child-updown"))
        child_updown(k, body, len);
    else if (!strcmp(name, "ike-rekey"))
        ike_rekey(k, body, len);
    else if (!strcmp(name, "log"))
        inner_heard(k, body, len);
}

static void on_control_closing(void *arg, const char *why)
{
    struct ike *k = arg;
    log_debug("charon's control connection closed: %s", why);
    k->dead = true;
}

void control_close(struct ike *k)
{
    if (!k->control)
        return;
    loop_unwatch(k->loop, &k->watch);
    vici_conn_free(k->control);
    k->control = NULL;
    k->answers = 0;
    k->loaded = false;
    k->dead = false;
    k->introductions = 0;
    for (struct ike_conn *c = k->conns; c; c = c->next)
        c->sas.n = 0;
}

static void on_control_io(struct watch *w, uint32_t events)
{
    struct ike *k = w->arg;
    (void)events;
    vici_conn_io(k->control);
    if (!k->dead) {
        command_rewatch(k);
        return;
    }
    control_close(k);
    k->control_ops->closed(k);
}

int control_open(struct ike *k, const struct control_ops *control_ops, struct err *err)
{
    static const struct vici_ops ops = {on_control_answer, on_control_event, on_control_closing};
    static const char *const events[] = {"ike-updown", "ike-rekey", "child-updown", "log"};
    k->control_ops = control_ops;
    k->control = vici_conn_new(k->socket, &ops, k, err);
    if (!k->control)
        return -ENOTCONN;
    int rc = loop_watch(k->loop, &k->watch, vici_conn_fd(k->control), EPOLLIN, on_control_io, k);
    if (rc) {
        vici_conn_free(k->control);
        k->control = NULL;
        err_set(err, "epoll: %s", strerror(-rc));
        return rc;
    }
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!vici_register(k->control, events[i]))
            k->answers++;
    credentials_load(k);
    return 0;
}
