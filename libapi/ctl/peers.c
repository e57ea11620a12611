/* btnsctl peers: whose keys are known here, and at which addresses. */
#include "list.h"
#include "text.h"

#include "../key.h"

enum column { KEY, ADDRESS, TRUST, FIRST_SEEN, LAST_SEEN };
static const char *const headings[] = {"KEY", "ADDRESS", "TRUST", "FIRST SEEN", "LAST SEEN", NULL};

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

static int add(struct table *t, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    struct btns_key key;
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR], first[TEXT_TIME], last[TEXT_TIME];

    memcpy(key.raw, p->key, sizeof key.raw);
    const char *const cells[TABLE_COLUMNS] = {
        [KEY] = btns_key_str(&key, text),
        [ADDRESS] = btns_addr_ip_str(&p->addr, ip),
        [TRUST] = p->no_latch ? "no latch" : trust_name(p->trust),
        [FIRST_SEEN] = text_time(p->first_seen, first),
        [LAST_SEEN] = text_time(p->last_seen, last),
    };
    return table_add(t, cells, "");
}

static void json(struct json *j, const union btns_reply *record)
{
    const struct btns_peer_msg *p = &record->peer;
    struct btns_key key;
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR];

    memcpy(key.raw, p->key, sizeof key.raw);
    json_string(j, "key", btns_key_str(&key, text));
    json_string(j, "address", p->addr.family ? btns_addr_ip_str(&p->addr, ip) : NULL);
    json_string(j, "trust", trust_name(p->trust));
    json_string(j, "latch", p->no_latch ? "no" : "yes");
    json_number_or_null(j, "first_seen", p->first_seen);
    json_number_or_null(j, "last_seen", p->last_seen);
}

int ctl_peers(const struct ctl *c, struct err *err)
{
    static const struct list peers = {BTNS_REQ_PEERS, BTNS_REP_PEER, headings, add, json, NULL, 0};
    return list_show(&peers, c, err);
}
