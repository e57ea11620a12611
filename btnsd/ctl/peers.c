/* btnsctl peers: lists known peers with their keys and addresses, names them, adds them. */
#include "btnsd/ctl/list.h"
#include "libapi/tool/text.h"

#include "libapi/wire/key.h"

#include <string.h>

enum column { KEY, ADDRESS, NAME, TRUST, FIRST_SEEN, LAST_SEEN };
static const char *const headings[] = {"KEY",        "ADDRESS",   "NAME", "TRUST",
                                       "FIRST SEEN", "LAST SEEN", NULL};

static const char *trust_name(uint32_t trust)
{
    switch (trust) {
    case BTNS_T_LEAP:
        return "leap-of-faith";
    case BTNS_T_PINNED:
        return "pinned";
    default:
        return "?";
    }
}

static int add_row(struct table *t, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    const struct btns_key key = btns_key_of(p->key, false);
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR], first[TEXT_TIME], last[TEXT_TIME];
    const char *const cells[TABLE_COLUMNS] = {
        [KEY] = btns_key_str(&key, text),
        [ADDRESS] = p->addr.family ? btns_addr_ip_str(&p->addr, ip) : "-",
        [NAME] = *p->name ? p->name : "-",
        [TRUST] = p->no_latch ? "no latch" : trust_name(p->trust),
        [FIRST_SEEN] = text_time(p->first_seen, first),
        [LAST_SEEN] = text_time(p->last_seen, last),
    };
    return table_add(t, cells, "");
}

static void json(struct json *j, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    const struct btns_key key = btns_key_of(p->key, false);
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR];
    json_string(j, "key", btns_key_str(&key, text));
    json_string(j, "address", p->addr.family ? btns_addr_ip_str(&p->addr, ip) : NULL);
    json_string_or_null(j, "name", p->name);
    json_string(j, "trust", trust_name(p->trust));
    json_string(j, "latch", p->no_latch ? "no" : "yes");
    json_number_or_null(j, "first_seen", p->first_seen);
    json_number_or_null(j, "last_seen", p->last_seen);
}

static int wrong_target(const char *text, struct err *err)
{
    err_set(err, "peers: %s", text);
    return CTL_USAGE;
}

static bool take_name(struct btns_pin *m, const char *name)
{
    if (!btns_peer_name_ok(name))
        return false;
    memcpy(m->name, name, strlen(name) + 1);
    return true;
}

static bool take_key(struct btns_pin *m, const char *text)
{
    struct btns_key key;
    m->has_key = btns_key_parse(&key, text);
    if (m->has_key)
        memcpy(m->key, key.raw, sizeof m->key);
    return m->has_key;
}

/* peers name NAME KEY|ADDRESS, peers add KEY ADDRESS [NAME] */
static int change_peer(const struct ctl *c, struct err *err)
{
    struct btns_pin m = {0};
    union btns_reply r;
    const char *const *a = c->args + 1;
    if (c->json)
        return wrong_target("only the list can be had as JSON", err);
    if (!strcmp(c->args[0], "name")) {
        if (c->n != 3)
            return wrong_target("name NAME KEY|ADDRESS", err);
        if (!take_name(&m, a[0]))
            return wrong_target("a name has up to 63 of A-Z a-z 0-9 . _ + -", err);
        if (!take_key(&m, a[1]) && !btns_addr_parse(&m.addr, a[1]))
            return wrong_target("give a key (ed25519:...) or an address", err);
    } else if (!strcmp(c->args[0], "add")) {
        if (c->n != 3 && c->n != 4)
            return wrong_target("add KEY ADDRESS [NAME]", err);
        if (!take_key(&m, a[0]) || !btns_addr_parse(&m.addr, a[1]))
            return wrong_target("give a key (ed25519:...) and its address", err);
        if (c->n == 4 && !take_name(&m, a[2]))
            return wrong_target("a name has up to 63 of A-Z a-z 0-9 . _ + -", err);
    } else {
        return wrong_target("add KEY ADDRESS [NAME], name NAME KEY|ADDRESS, or nothing more", err);
    }
    return ctl_exit(ask_one(c->socket, &m.hdr, sizeof m, BTNS_REQ_PIN, BTNS_REP_END, &r, err));
}

int ctl_peers(const struct ctl *c, struct err *err)
{
    if (c->n)
        return change_peer(c, err);
    static const struct list peers = {.ask = BTNS_REQ_PEERS,
                                      .record = BTNS_REP_PEER,
                                      .headings = headings,
                                      .add = add_row,
                                      .json = json};
    return list_show(&peers, c, err);
}
