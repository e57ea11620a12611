/*
 * Filters the latches that a person wants to see: parses the options of `latches`, and checks each
 * latch.
 */
#include "btnsd/ctl/latch_filter.h"

#include "btnsd/base/hosts_file.h"
#include "btnsd/ctl/user.h"
#include "libapi/tool/choice.h"
#include "libapi/wire/key.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const struct latch_state latch_states[] = {
    {"listener", BTNS_S_LISTENER, 0},       {"larval", BTNS_S_LARVAL, 0},
    {"established", BTNS_S_ESTABLISHED, 0}, {"failed", BTNS_S_FAILED, BTNS_S_CLOSED},
    {"broken", BTNS_S_FAILED, 0},           {"closed", BTNS_S_CLOSED, 0},
    {"unprotected", BTNS_S_UNPROTECTED, 0}, {"lingering", BTNS_S_LINGERING, 0},
};
const size_t latch_states_n = sizeof latch_states / sizeof *latch_states;

static int read_filter_number(const char *option, const char *text, unsigned long most,
                              uint32_t *number, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && n && n <= most) {
        *number = (uint32_t)n;
        return 0;
    }
    err_set(err, "%s: '%.80s' is no number from 1 to %lu", option, text, most);
    return -EINVAL;
}

int latch_filter_read(const struct ctl *c, struct latch_filter *f, struct err *err)
{
    uint32_t port = 0;
    int rc = 0;
    *f = (struct latch_filter){.program = c->program, .peer = c->peer, .state = -1};
    if (c->pid)
        rc = read_filter_number("--pid", c->pid, INT32_MAX, &f->pid, err);
    if (!rc && c->port)
        rc = read_filter_number("--port", c->port, UINT16_MAX, &port, err);
    f->port = (uint16_t)port;
    f->by_user = c->user;
    if (!rc && c->user)
        rc = user_parse(c->user, &f->uid, err);
    const struct choices states = CHOICES(latch_states, latch_states_n, "state", "");
    if (!rc && c->state && (f->state = choice_find(&states, c->state, err)) < 0) {
        struct err why = *err;
        err_set(err, "--state: %s", why.text);
        rc = -EINVAL;
    }
    return rc;
}

/* Is it the key: in full, as the table shows it, or any beginning of what follows "ed25519:"? */
static bool latch_has_key(const struct btns_latch_msg *l, const char *text)
{
    const struct btns_key key = btns_key_of(l->key, l->hashed);
    char full[BTNS_KEY_STR];
    const char *colon = strchr(text, ':');
    return l->has_key && colon && colon[1] &&
           !strncmp(btns_key_str(&key, full), text, strlen(text));
}

static bool latch_has_peer(const struct btns_latch_msg *l, const char *text)
{
    struct btns_addr a;
    char ip[BTNS_ADDR_STR], asked[BTNS_ADDR_STR], host[HOSTS_FILE_NAME];
    if (btns_addr_parse(&a, text))
        return l->remote.family &&
               !strcmp(btns_addr_ip_str(&l->remote, ip), btns_addr_ip_str(&a, asked));
    return (*l->name && !strcmp(l->name, text)) || (*l->subject && !strcmp(l->subject, text)) ||
           (*l->peer && !strcmp(l->peer, text)) || latch_has_key(l, text) ||
           (l->remote.family && hosts_file_name(HOSTS_FILE, &l->remote, host) &&
            !strcmp(host, text));
}

bool latch_filter_wants(const struct latch_filter *f, const struct btns_latch_msg *l)
{
    const struct latch_state *s = f->state < 0 ? NULL : &latch_states[f->state];
    return (!f->program || !fnmatch(f->program, l->program, 0)) && (!f->pid || f->pid == l->pid) &&
           (!f->by_user || f->uid == l->uid) &&
           (!f->port || f->port == l->local.port || f->port == l->remote.port) &&
           (!f->peer || latch_has_peer(l, f->peer)) &&
           (!s || l->state == s->state || (s->or_state && l->state == s->or_state));
}
