/*
 * This host gets a new address, or has some by a local route: cached verdicts end, packets from the
 * new address to guarded services are held, and a connection that was made from it before that is
 * reset, although its message had not been read. In a network namespace of its own. TAP.
 */
#include "btnsd/running/new_addresses.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/server/epoch.h"
#include "btnsd/xfrm/addresses.h"
#include "test/unit/addr.h"
#include "test/unit/server/server_talk.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>

#define PORT 8000

static struct btnsd d;
static struct guard guard = {.all = &d.guards, .service = {IPPROTO_TCP, PORT}};
static int connection; /* the connection that the unread message is about */

static void run(const char *command)
{
    check(!system(command), "%s", command);
}

static struct latch *make_latch(void)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(connection, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    struct latch *l = registry_find(d.latches, cookie, getuid());
    if (l)
        return l;
    l = registry_add(d.latches, cookie, getuid(), true);
    l->pid = getpid();
    l->protocol = IPPROTO_TCP;
    l->remote = guard.remote;
    l->remote.port = PORT;
    l->state = BTNS_S_ESTABLISHED;
    latch_set_guard(l, &guard);
    return l;
}

/* The program's message that it connects under a cached verdict. */
static bool on_request(void *arg, struct request *r)
{
    (void)arg, (void)r;
    make_latch();
    return true;
}

static unsigned entries(const char *from, unsigned priority)
{
    char command[160];
    unsigned n = ~0u;
    snprintf(command, sizeof command,
             "ip -o xfrm policy | grep '^src %s/' | grep -c 'priority %u '", from, priority);
    FILE *f = popen(command, "re");
    if (!f || fscanf(f, "%u", &n) != 1)
        check(false, "%s", command);
    if (f)
        pclose(f);
    return n;
}

static bool epoch_moved(void)
{
    uint64_t before = epoch_now(d.epoch);
    new_addresses_follow(&d);
    return epoch_now(d.epoch) != before;
}

static void test_entries(void)
{
    check(!epoch_moved(), "nothing has changed: verdicts stay");
    run("ip route add 10.2.0.0/16 dev lo");
    check(epoch_moved(), "a new route ends verdicts");
    run("ip addr add 10.1.1.2/24 dev lo && ip addr add fd01::2/64 dev lo nodad");
    check(!entries("10.1.1.2", PRIO_OTHER_SOURCE), "a new address has no entry yet");
    check(epoch_moved(), "a new address ends verdicts");
    check(entries("10.1.1.2", PRIO_OTHER_SOURCE) == 1, "what leaves from it is held");
    check(entries("fd01::2", 1) > 0, "a new IPv6 address: the host's traffic with itself goes on");
    run("ip addr del 10.1.1.2/24 dev lo && ip addr del fd01::2/64 dev lo");
    check(epoch_moved(), "an address that goes ends verdicts");
    check(!entries("10.1.1.2", PRIO_OTHER_SOURCE) && !entries("fd01::2", 1),
          "and its entries go with it");
}

static unsigned of_others(const char *prefix)
{
    return entries(prefix, PRIO_OTHER_SOURCE);
}

/* A local route makes a whole prefix this host's own (AnyIP). */
static void test_prefixes(void)
{
    const struct btns_addr inside = host_addr("10.9.0.5"), outside = host_addr("10.8.0.5");
    run("ip route add local 10.9.0.0/24 dev lo && ip route add local 10.9.1.7 dev lo table 9");
    check(epoch_moved(), "a local route ends verdicts");
    check(of_others("10.9.0.0") == 1 && of_others("10.9.1.7") == 1, "its prefix has an entry");
    check(own_addresses_have(&d.guards.own, &inside) &&
              !own_addresses_have(&d.guards.own, &outside),
          "an address inside is this host's");
    const struct btns_addr anycast = host_addr("fd01::");
    run("ip -6 route add anycast fd01:: dev lo && ip -6 route add local fd09::/64 dev lo");
    new_addresses_follow(&d);
    check(own_addresses_have(&d.guards.own, &anycast), "so is an anycast address");
    unsigned more = 0;
    run("for i in $(seq 0 299); do echo route add local 10.10.$((i / 256)).$((i % 256)) dev lo; "
        "done | ip -batch -");
    new_addresses_follow(&d);
    for (size_t i = 0; i < d.guards.own.n; i++)
        more += d.guards.own.item[i].net.ip[1] == 10;
    check(d.guards.own.routes == OWN_ROUTES_MAX && more < 300 &&
              d.guards.own.left_out >= 300 - more,
          "more of them than there is room for are left out, and counted");
    run("ip route flush table local root 10.10.0.0/16 && ip route del local 10.9.0.0/24 && "
        "ip route flush table 9 && ip route add local default dev lo table 9");
    check(epoch_moved(), "a route that goes ends verdicts");
    check(!of_others("10.9.0.0") && !of_others("10.9.1.7") && !d.guards.own.left_out,
          "and its entry goes with it");
    check(!of_others("0.0.0.0"), "a transparent proxy's route makes no address this host's own");
}

static void test_connection(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    inet_pton(AF_INET, "10.1.1.9", &to.sin_addr);
    inet_pton(AF_INET, "10.1.1.3", &from.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = dial();
    connection = socket(AF_INET, SOCK_STREAM, 0);
    turn(10); /* until the server has the client */
    run("ip addr add 10.1.1.3/24 dev lo");
    check(!bind(listener, (struct sockaddr *)&to, sizeof to) && !listen(listener, 1) &&
              !bind(connection, (struct sockaddr *)&from, sizeof from) &&
              !connect(connection, (struct sockaddr *)&to, sizeof to),
          "a connection from a new address");
    struct btns_flow q = {.hdr = header(BTNS_MSG_CONNECTING, 1)};
    check(say(client, &q, sizeof q) == sizeof q, "its program says so");
    new_addresses_follow(&d);
    struct latch *l = make_latch();
    check(l->state == BTNS_S_CLOSED && l->code == BTNS_R_CONFLICT, "its latch is closed: %s",
          l->reason ? l->reason : "");
    check(send(connection, "x", 1, MSG_NOSIGNAL) < 0, "it is reset");
}

int main(void)
{
    struct err err = {""};
    char dir[100];
    if (unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    run("ip link set lo up && ip addr add 10.1.1.1/24 dev lo && ip addr add 10.1.1.9/24 dev lo");
    scratch(dir, sizeof dir);
    snprintf(socket_path, sizeof socket_path, "%s/socket", dir);
    d.loop = d.guards.loop = loop = loop_new();
    d.epoch = epoch_new();
    d.latches = registry_new();
    d.xfrm = d.guards.xfrm = xfrm_open(&err);
    d.sockets = d.guards.sockets = sockdiag_open(IPPROTO_TCP, &err);
    d.addresses = addresses_open(&err);
    d.server = server_new(d.loop, socket_path, on_request, &d, &err);
    check(d.xfrm && d.sockets && d.addresses && d.server, "parts %s", err.text);
    pairs_init(&d.guards.pairs, 0);
    guard.local = host_addr("10.1.1.1");
    guard.remote = host_addr("10.1.1.9");
    new_addresses_follow(&d);
    other_sources_readdress(&d.guards);
    check(!other_sources_hold(&guard) && entries("10.1.1.1", PRIO_OTHER_SOURCE) == 1, "a guard");
    test_entries();
    test_prefixes();
    test_connection();
    server_free(d.server);
    scratch_remove(dir);
    return check_end();
}
