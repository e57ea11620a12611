/* btnsctl keyscan: asks hosts for their keys, and writes lines that peers import takes. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/said.h"
#include "btnsd/ike/peers/peers_text.h"
#include "libapi/client/conversation.h"
#include "libapi/tool/json.h"

#include <netdb.h>
#include <string.h>
#include <time.h>

struct scanning {
    const struct ctl *c;
    struct json json;
    const char *host; /* as it was given */
    unsigned silent;
};

static void write_key(struct scanning *s, const struct btns_addr *addr, const struct btns_key *key)
{
    char text[BTNS_KEY_STR], ip[BTNS_ADDR_STR];
    struct peer p = {.key = *key, .addr = {*addr}, .addrs = 1, .trust = BTNS_T_LEAP};
    p.first_seen = p.last_seen = (uint64_t)time(NULL);
    if (!s->c->json) {
        printf("# %s\n", s->host);
        peer_print(stdout, &p);
        return;
    }
    json_open_record(&s->json, NULL);
    json_string(&s->json, "host", s->host);
    json_string(&s->json, "address", btns_addr_ip_str(addr, ip));
    json_string(&s->json, "key", btns_key_str(key, text));
    json_close(&s->json, '}');
}

/* Without a key from the host, the next one is asked. 0, or the exit status. */
static int scan_address(struct scanning *s, const struct btns_addr *addr, struct err *err)
{
    union btns_reply r;
    char ip[BTNS_ADDR_STR];
    struct btns_key key;
    struct btns_keyscan m = {.addr = *addr};
    m.addr.port = 0;
    int rc = ask_one(s->c->socket, &m.hdr, sizeof m, BTNS_REQ_KEYSCAN, BTNS_REP_END, &r, err);
    if (!rc && btns_key_parse(&key, r.end.text)) {
        write_key(s, &m.addr, &key);
        return CTL_OK;
    }
    if (rc && r.hdr.type != BTNS_REP_END) /* btnsd itself does not answer */
        return ctl_exit(rc);
    struct err why = *err;
    err_set(err, "keyscan: %.200s (%s) gave no key: %s", s->host, btns_addr_ip_str(addr, ip),
            rc ? why.text : "btnsd's answer has none");
    if (ctl_exit(rc) == CTL_DENIED)
        return CTL_DENIED;
    ctl_say_error(s->c, CTL_FAILED, err->text);
    *err = (struct err){""};
    s->silent++;
    return CTL_OK;
}

static int scan_host(struct scanning *s, struct err *err)
{
    struct btns_addr a;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (btns_addr_parse(&a, s->host))
        return scan_address(s, &a, err);
    int gai = getaddrinfo(s->host, NULL, &hints, &found), status = CTL_OK;
    if (gai) {
        err_set(err, "keyscan: %.200s: %s", s->host, gai_strerror(gai));
        ctl_say_error(s->c, CTL_FAILED, err->text);
        *err = (struct err){""};
        s->silent++;
        return CTL_OK;
    }
    for (const struct addrinfo *i = found; i && status == CTL_OK; i = i->ai_next)
        if (btns_addr_from_sa(&a, i->ai_addr, i->ai_addrlen))
            status = scan_address(s, &a, err);
    freeaddrinfo(found);
    return status;
}

int ctl_keyscan(const struct ctl *c, struct err *err)
{
    struct scanning s = {.c = c, .json = {.to = stdout}};
    int status = CTL_OK;
    if (c->json)
        json_begin_list(&s.json);
    for (int i = 0; i < c->n && status == CTL_OK; i++) {
        s.host = c->args[i];
        status = scan_host(&s, err);
    }
    if (c->json && status == CTL_OK)
        json_close(&s.json, ']');
    return status != CTL_OK ? status : s.silent ? CTL_FAILED : CTL_OK;
}
