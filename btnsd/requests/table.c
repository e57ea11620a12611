/* The table of requests: who may make each, and the function that answers it. */
#include "btnsd/requests/table.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/accept_scan.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/gate.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#define ROOT    GATE_ROOT
#define SOCKET  GATE_SOCKET
#define HERE    GATE_HERE
#define OPENER  GATE_OPENER
#define PROCESS GATE_PROCESS
#define MEMORY  GATE_MEMORY
#define CHANNEL GATE_CHANNEL
#define SHARED  GATE_SHARED
#define LONGER  0x100u /* a text or attributes follow */
#define LISTS   0x200u /* the answer depends on the messages received so far */

/* Which kind of answer a refused request gets. */
enum answer { ANSWER_NONE, ANSWER_VERDICT, ANSWER_END, ANSWER_API };

/* Offsets of addresses in a message */
#define LOCAL   offsetof(struct btns_flow, local)
#define REMOTE  offsetof(struct btns_flow, remote)
#define ASKED   offsetof(struct btns_explain, remote)
#define PEER    offsetof(struct btns_forget, addr)
#define PINNED  offsetof(struct btns_pin, addr)
#define SCANNED offsetof(struct btns_keyscan, addr)

/* Requests of libbtns: attributes follow, and the socket that they are about is attached. */
#define API(name, more, handler)                                                                   \
    [BTNS_API_##                                                                                   \
        name] = {sizeof(struct btns_hdr), LONGER | SOCKET | (more), ANSWER_API, handler, {0, 0}}

static const struct {
    size_t len;
    unsigned needs; /* facts of gate.h; and LONGER */
    enum answer answer;
    bool (*handler)(struct btnsd *d, struct request *r);
    size_t address[2]; /* 0: none */
} table[BTNS_API_LAST + 1] = {
    [BTNS_REQ_CONNECT] =
        {sizeof(struct btns_flow), SOCKET, ANSWER_VERDICT, on_connect, {LOCAL, REMOTE}},
    [BTNS_REQ_LISTEN] =
        {sizeof(struct btns_flow), SOCKET, ANSWER_VERDICT, on_listen, {LOCAL, REMOTE}},
    [BTNS_MSG_CONNECTING] =
        {sizeof(struct btns_flow), HERE | SHARED, ANSWER_NONE, on_connecting, {LOCAL, REMOTE}},
    [BTNS_MSG_ACCEPTED] =
        {sizeof(struct btns_flow), HERE | SHARED, ANSWER_NONE, on_accepted, {LOCAL, REMOTE}},
    [BTNS_REQ_ACCEPTED] =
        {sizeof(struct btns_flow), SOCKET, ANSWER_VERDICT, on_may_accept, {LOCAL, REMOTE}},
    [BTNS_MSG_RING] = {sizeof(struct btns_hdr), HERE | MEMORY, ANSWER_NONE, on_ring, {0, 0}},
    [BTNS_REQ_CONNECT_FAILURE] =
        {sizeof(struct btns_flow), LISTS, ANSWER_VERDICT, on_connect_failure, {LOCAL, REMOTE}},
    [BTNS_REQ_EXPLAIN] =
        {sizeof(struct btns_explain), HERE, ANSWER_VERDICT, on_explain, {ASKED, 0}},
    [BTNS_REQ_POLICY] =
        {sizeof(struct btns_hdr), LONGER | OPENER, ANSWER_NONE, on_policy_run, {0, 0}},
    [BTNS_REQ_STATUS] = {sizeof(struct btns_hdr), LISTS, ANSWER_END, on_status, {0, 0}},
    [BTNS_REQ_LATCHES] = {sizeof(struct btns_hdr), LISTS, ANSWER_END, on_latches, {0, 0}},
    [BTNS_REQ_PEERS] = {sizeof(struct btns_hdr), 0, ANSWER_END, on_peers, {0, 0}},
    [BTNS_REQ_RELOAD] = {sizeof(struct btns_hdr), ROOT | LISTS, ANSWER_END, on_reload, {0, 0}},
    [BTNS_REQ_CANDIDATES] =
        {sizeof(struct btns_candidates), HERE, ANSWER_END, on_explain_rules, {ASKED, 0}},
    [BTNS_REQ_WATCH] = {sizeof(struct btns_watch), LISTS, ANSWER_END, on_watch, {0, 0}},
    [BTNS_REQ_TRY] =
        {sizeof(struct btns_try), ROOT | SOCKET, ANSWER_VERDICT, on_connect_try, {LOCAL, REMOTE}},
    [BTNS_REQ_NOLATCH] = {sizeof(struct btns_nolatch), ROOT, ANSWER_END, on_nolatch, {0, 0}},
    [BTNS_REQ_PIN] = {sizeof(struct btns_pin), ROOT, ANSWER_END, on_pin, {PINNED, 0}},
    [BTNS_REQ_FORGET] = {sizeof(struct btns_forget), ROOT, ANSWER_END, on_forget, {PEER, 0}},
    [BTNS_REQ_POLICY_ADD] =
        {sizeof(struct btns_policy_add), LONGER | OPENER, ANSWER_END, on_policy_add, {0, 0}},
    [BTNS_REQ_POLICY_REMOVE] =
        {sizeof(struct btns_policy_name), OPENER, ANSWER_END, on_policy_remove, {0, 0}},
    [BTNS_REQ_POLICY_BLOCK] =
        {sizeof(struct btns_policy_name), OPENER, ANSWER_END, on_policy_block, {0, 0}},
    [BTNS_REQ_POLICY_LIST] =
        {sizeof(struct btns_policy_name), OPENER, ANSWER_END, on_policy_list, {0, 0}},
    [BTNS_REQ_SPEAK] = {sizeof(struct btns_hdr), OPENER | PROCESS, ANSWER_END, on_speak, {0, 0}},
    [BTNS_MSG_CHANNEL] = {sizeof(struct btns_hdr), CHANNEL, ANSWER_NONE, on_handed_over, {0, 0}},
    [BTNS_REQ_IMPORT] = {sizeof(struct btns_import), ROOT | MEMORY, ANSWER_END, on_import, {0, 0}},
    [BTNS_REQ_ROTATE] = {sizeof(struct btns_hdr), ROOT, ANSWER_END, on_rotate, {0, 0}},
    [BTNS_REQ_KEYSCAN] = {sizeof(struct btns_keyscan), ROOT, ANSWER_END, on_keyscan, {SCANNED, 0}},
    API(SET_POLICY, 0, on_api_set_policy),
    API(SET_PEER, 0, on_api_set_peer),
    API(GET_POLICY, 0, on_api_get_policy),
    API(CONNECT, 0, on_api_connect),
    API(LISTEN, 0, on_api_listen),
    API(INQUIRE, LISTS, on_api_inquire),
    API(WATCH, 0, on_api_watch),
};
#undef API

/* Is the address empty or canonical? Addresses are compared octet by octet. */
static bool is_request_address(const struct btns_addr *a)
{
    struct sockaddr_storage ss;
    struct btns_addr again;
    socklen_t len = btns_addr_to_sa(a, a->family, &ss);
    return !a->family || (len && btns_addr_from_sa(&again, (struct sockaddr *)&ss, len) &&
                          !memcmp(a, &again, sizeof again));
}

static bool request_has_addresses(const struct request *r)
{
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        struct btns_addr a;
        size_t at = table[r->hdr->type].address[i];
        if (!at)
            continue;
        memcpy(&a, (const char *)r->hdr + at, sizeof a);
        ok &= is_request_address(&a);
    }
    return ok;
}

static struct gate_facts request_facts(const struct request *r)
{
    int type;
    socklen_t len = sizeof type;
    struct gate_facts f = {.sender = r->from.uid,
                           .opener = r->opener.uid,
                           .shared = r->shared,
                           .attached = r->fd >= 0,
                           .client = r->client_netns};
    if (f.attached && table[r->hdr->type].needs & PROCESS) {
        f.kin = kinship_of(r->fd, &r->from);
    } else if (f.attached) {
        f.is_socket = !getsockopt(r->fd, SOL_SOCKET, SO_TYPE, &type, &len);
        f.socket = netns_of_socket(r->fd);
    }
    if (r->speaker.pid) { /* the process may have run another program since REQ_SPEAK */
        f.spoken = true;
        f.kin = kinship_of(r->process, &r->speaker);
    }
    return f;
}

/*
 * A program in another network namespace is treated as without btnsd: connections to loopback
 * addresses and those that only prefer protection go on. See outcome_without() of the shim.
 */
static void refuse_request_flow(struct btnsd *d, struct request *r, const char *text, int error)
{
    struct btns_flow q = {.hdr = *r->hdr};
    enum btns_verdict v = BTNS_V_DENIED;
    if (r->len >= sizeof q && r->hdr->type != BTNS_REQ_EXPLAIN)
        memcpy(&q, r->hdr, sizeof q);
    const struct btns_addr *where = q.remote.family ? &q.remote : &q.local;
    if (error == ENETDOWN && btns_addr_is_loopback(where))
        v = BTNS_V_CLEAR;
    else if (error == ENETDOWN && q.flags & BTNS_F_PREFER)
        v = BTNS_V_UNPROTECTED;
    answer_claimed(d, r->client, &q, v, v == BTNS_V_DENIED ? error : 0, 0, text);
}

static bool refuse_request(struct btnsd *d, struct request *r, enum gate g)
{
    int error;
    const char *text = gate_text(g, &error);
    if (client_is_waiting(r->client))
        return false; /* the client's next answer must be the one it waits for */
    switch (g == GATE_ROOT_ONLY ? ANSWER_END : table[r->hdr->type].answer) {
    case ANSWER_VERDICT:
        refuse_request_flow(d, r, text, error);
        break;
    case ANSWER_END:
        answer_end(r->client, r->hdr, error, text);
        break;
    case ANSWER_API:
        api_answer(r->client, r->hdr, error, text);
        break;
    case ANSWER_NONE:
        break;
    }
    return true;
}

/* The user whose rules decide about the request. */
static uid_t request_subject(const struct request *r)
{
    struct btns_candidates q;
    struct btns_policy_name p;
    uint32_t uid = BTNS_UID_OWN;
    switch (r->hdr->type) {
    case BTNS_REQ_CANDIDATES:
        memcpy(&q, r->hdr, sizeof q);
        uid = q.uid;
        break;
    case BTNS_REQ_POLICY_REMOVE:
    case BTNS_REQ_POLICY_BLOCK:
    case BTNS_REQ_POLICY_LIST:
        memcpy(&p, r->hdr, sizeof p);
        uid = p.uid;
        break;
    default:
        break;
    }
    return r->from.uid || uid == BTNS_UID_OWN ? r->from.uid : uid;
}

/* True: the user's stored policies are being read, and the request is handled when that is done. */
static bool is_early_request(struct btnsd *d, struct request *r)
{
    r->about = request_subject(r);
    struct user *u = users_find(&d->users, r->about);
    if (u && u->unread)
        user_need(&d->users, u);
    r->early = u && u->reading && r->fd < 0;
    return r->early;
}

/*
 * Nobody knows which process fills a ring. A process that root started and that now runs as another
 * user is not root any more, whatever it writes there; other users' ids change only with privilege.
 */
static void check_ring_writer(struct request *r)
{
    static pid_t pid;
    static uint64_t when;
    static struct ucred found;
    uint64_t now = loop_now();
    if (!r->shared || r->from.uid)
        return;
    if (pid != r->from.pid || when != now) {
        found = r->from;
        if (!facts_real_ids(r->from.pid, &found.uid, &found.gid))
            found = r->from;
        pid = r->from.pid;
        when = now;
    }
    r->from = found;
}

/*
 * The shim and the commands come from the same build as btnsd. A program that was linked with
 * libbtns may be older than an upgrade: its version number is raised only where attributes cannot
 * say what is new, and btnsd understands every version up to its own.
 */
static bool is_request_understood(const struct request *r)
{
    if (!api_is_type(r->hdr->type))
        return r->hdr->version == BTNS_WIRE_VERSION;
    return r->hdr->version >= 1 && r->hdr->version <= BTNS_API_VERSION && r->len <= BTNS_API_MAX &&
           attrs_sound(r->hdr + 1, r->len - sizeof *r->hdr);
}

/* Most messages that found room on a full link are read within this time. */
#define FULL_MS 1000

/*
 * Makes the latches of connections that programs have accepted so far: at once for the list of
 * latches, which asks the kernel for all connections anyway, and for a reload, which reviews the
 * latches made under the old rules.
 */
static void scan_accepted_first(struct btnsd *d, unsigned type)
{
    server_look(d->server);
    if (type == BTNS_REQ_LATCHES || type == BTNS_REQ_RELOAD)
        accept_scan_now(d);
    else
        accept_scan_soon(d);
}

bool request_dispatch(void *arg, struct request *r)
{
    struct btnsd *d = arg;
    unsigned type = r->hdr->type;
    if (type > BTNS_API_LAST || !table[type].handler || !is_request_understood(r))
        return false;
    bool longer = table[type].needs & LONGER;
    if (r->len < table[type].len || (!longer && r->len != table[type].len))
        return false;
    if (!client_is_waiting(r->client))
        *client_about(r->client) = (struct btns_about){.requestor = r->from.uid};
    check_ring_writer(r);
    const struct gate_facts facts = request_facts(r);
    enum gate g = gate_decide(table[type].needs, &facts);
    if (g == GATE_CLOSE || !request_has_addresses(r))
        return false;
    if (g == GATE_PASS && api_is_type(type) && api_refuses(r->client, r->hdr, r->len))
        return true;
    if (g == GATE_PASS && is_early_request(arg, r))
        return true;
    if (client_was_full(r->client))
        accept_scan_expect(d, r, FULL_MS);
    if (g == GATE_PASS && table[type].needs & LISTS)
        scan_accepted_first(d, type);
    return g == GATE_PASS ? table[type].handler(arg, r) : refuse_request(arg, r, g);
}
