/*
 * btnsctl peers: lists the known peers, and pins and names them; calls the files of its other
 * verbs.
 */
#include "btnsd/ctl/line/own_messages.h"
#include "btnsd/ctl/list.h"
#include "libapi/tool/choice.h"
#include "libapi/tool/text.h"

#include "libapi/wire/inner_address.h"
#include "libapi/wire/key_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum column { KEY, ADDRESS, NAME, TRUST, FIRST_SEEN, LAST_SEEN, INNER, IN_WORDS };
static const char *const headings[] = {"KEY",        "ADDRESS",   "NAME", "TRUST",
                                       "FIRST SEEN", "LAST SEEN", NULL};
static const char *const all_headings[] = {"KEY",           "ADDRESS",    "NAME",
                                           "TRUST",         "FIRST SEEN", "LAST SEEN",
                                           "INNER ADDRESS", "IN WORDS",   NULL};

static const char *peer_trust_name(uint32_t trust)
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

static int add_peer_row(struct table *t, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    const struct btns_key key = btns_key_of(p->key, false);
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR], first[TEXT_TIME], last[TEXT_TIME],
        inner[INNER_ADDRESS_STR], words[BTNS_KEY_WORDS];
    char note[sizeof p->file + 32] = "";
    const char *const cells[TABLE_COLUMNS] = {
        [KEY] = btns_key_str(&key, text),
        [ADDRESS] = p->addr.family ? btns_addr_ip_str(&p->addr, ip) : "-",
        [NAME] = *p->name ? p->name : "-",
        [TRUST] = p->revoked    ? "revoked"
                  : p->no_latch ? "no latch"
                                : peer_trust_name(p->trust),
        [FIRST_SEEN] = text_time(p->first_seen, first),
        [LAST_SEEN] = text_time(p->last_seen, last),
        [INNER] = inner_address_str(&key, inner), /* this and the next with -v */
        [IN_WORDS] = btns_key_words(&key, words),
    };
    if (*p->file)
        snprintf(note, sizeof note, "in %s:%" PRIu64, p->file, p->line);
    return table_add(t, cells, note);
}

static void peer_json(struct json *j, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    const struct btns_key key = btns_key_of(p->key, false);
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR], words[BTNS_KEY_WORDS], inner[INNER_ADDRESS_STR];
    json_string(j, "key", btns_key_str(&key, text));
    json_string(j, "words", btns_key_words(&key, words));
    json_string(j, "inner_address", inner_address_str(&key, inner));
    json_string(j, "address", p->addr.family ? btns_addr_ip_str(&p->addr, ip) : NULL);
    json_string_or_null(j, "name", p->name);
    json_string(j, "trust", peer_trust_name(p->trust));
    json_string(j, "latch", p->no_latch ? "no" : "yes"); /* the old word for no_latch */
    json_bool(j, "no_latch", p->no_latch);
    json_bool(j, "revoked", p->revoked);
    json_string_or_null(j, "file", p->file);
    json_number_or_null(j, "line", p->line);
    json_number_or_null(j, "first_seen", p->first_seen);
    json_number_or_null(j, "last_seen", p->last_seen);
}

static bool take_pinned_peer_name(struct btns_pin *m, const char *name)
{
    if (!btns_peer_name_ok(name))
        return false;
    memcpy(m->name, name, strlen(name) + 1);
    return true;
}

static bool take_pinned_peer_key(struct btns_pin *m, const char *text)
{
    struct btns_key key;
    m->has_key = btns_key_parse(&key, text);
    if (m->has_key)
        memcpy(m->key, key.raw, sizeof m->key);
    return m->has_key;
}

static int wrong_peer_name(const char *name, struct err *err)
{
    err_set(err, "peers: '%.80s' is no name: up to 63 of A-Z a-z 0-9 . _ + -", name);
    return CTL_USAGE;
}

static int ask_before_pinning_peer(const struct ctl *c, struct btns_pin *m, const char *request,
                                   struct err *err)
{
    union btns_reply r;
    int rc = ask_one(c->socket, &m->hdr, sizeof *m, BTNS_REQ_PIN, BTNS_REP_END, &r, err);
    return rc ? ctl_exit(rc) : ctl_say_done(c, request, c->args[0], "");
}

static int pin_peer(const struct ctl *c, struct err *err)
{
    const char *const *a = c->args;
    struct btns_pin m = {0};
    if (!take_pinned_peer_key(&m, a[0]) || !btns_addr_parse(&m.addr, a[1])) {
        err_set(err, "peers pin: give a key (ed25519:...) and its address, not '%.80s %.80s'", a[0],
                a[1]);
        return CTL_USAGE;
    }
    if (c->n == 3 && !take_pinned_peer_name(&m, a[2]))
        return wrong_peer_name(a[2], err);
    return ask_before_pinning_peer(c, &m, "peers pin", err);
}

static int name_peer(const struct ctl *c, struct err *err)
{
    const char *const *a = c->args;
    struct btns_pin m = {0};
    if (!take_pinned_peer_name(&m, a[0]))
        return wrong_peer_name(a[0], err);
    if (!take_pinned_peer_key(&m, a[1]) && !btns_addr_parse(&m.addr, a[1])) {
        err_set(err, "peers name: '%.80s' is neither a key (ed25519:...) nor an address", a[1]);
        return CTL_USAGE;
    }
    return ask_before_pinning_peer(c, &m, "peers name", err);
}

/* The verbs, which follow "btnsctl peers". */
static const struct verb {
    const char *name, *usage;
    int least, most; /* number of arguments */
    int (*run)(const struct ctl *c, struct err *err);
} verbs[] = {
    {"pin", "KEY ADDRESS [NAME]", 2, 3, pin_peer},  {"name", "NAME KEY|ADDRESS", 2, 2, name_peer},
    {"forget", "PEER", 1, 1, ctl_forget},           {"no-latch", "KEY on|off", 2, 2, ctl_nolatch},
    {"export", "[--self]", 0, 0, ctl_peers_export}, {"import", "FILE|-", 1, 1, ctl_peers_import},
    {"add", "KEY ADDRESS [NAME]", 2, 3, pin_peer}, /* the old word for pin */
};

void ctl_peers_forms(void)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        printf("  btnsctl peers %s %s%s\n", verbs[i].name, verbs[i].usage,
               verbs[i].run == pin_peer && i ? " (the old word for pin)" : "");
    putchar('\n');
}

static int refuse_self_as_peer(struct err *err)
{
    err_set(err, "--self is for peers export alone");
    return CTL_USAGE;
}

static int change_peer(const struct ctl *c, struct err *err)
{
    char request[32];
    struct ctl rest = *c;
    const struct choices known = CHOICES(verbs, sizeof verbs / sizeof *verbs, "command", "peers ");
    int i = choice_find(&known, c->args[0], err);
    if (i < 0)
        return CTL_USAGE;
    const struct verb *v = &verbs[i];
    if (c->self && v->run != ctl_peers_export)
        return refuse_self_as_peer(err);
    rest.request = request;
    rest.args++;
    rest.n--;
    if (rest.n < v->least || rest.n > v->most) {
        err_set(err, "usage: btnsctl peers %s %s", v->name, v->usage);
        return CTL_USAGE;
    }
    snprintf(request, sizeof request, "peers %s", v->name);
    return v->run(&rest, err);
}

int ctl_peers(const struct ctl *c, struct err *err)
{
    if (c->n)
        return change_peer(c, err);
    if (c->self)
        return refuse_self_as_peer(err);
    const struct list peers = {.ask = BTNS_REQ_PEERS,
                               .record = BTNS_REP_PEER,
                               .headings = c->verbose ? all_headings : headings,
                               .add = add_peer_row,
                               .json = peer_json};
    return list_show(&peers, c, err);
}
