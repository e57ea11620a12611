/*
 * Drives btnsd/xfrm from a shell: a sub-command for each function of xfrm.h, a line for each
 * result.
 */
#include "btnsd/xfrm/neighbour.h"
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct err err;

static int fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, err.text[0] ? err.text : strerror(-error));
    return error == -ENOENT ? 4 : 1;
}

/* "ADDRESS[/BITS][,PORT]"; "-" is no address at all. */
static void parse_end(const char *text, struct btns_addr *a, uint8_t *bits)
{
    char buf[128];
    memset(a, 0, sizeof *a);
    snprintf(buf, sizeof buf, "%s", text);
    char *port = strchr(buf, ','), *slash = strchr(buf, '/');
    if (port)
        *port++ = '\0';
    if (slash)
        *slash++ = '\0';
    if (strcmp(buf, "-") != 0 && !btns_addr_parse(a, buf)) {
        fprintf(stderr, "bad address %s\n", buf);
        exit(2);
    }
    if (bits)
        *bits = (uint8_t)(slash ? strtoul(slash, NULL, 10) : btns_addr_bits(a));
    a->port = (uint16_t)(port ? strtoul(port, NULL, 10) : 0);
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 0);
}

static const char *const actions[] = {"allow", "block", "esp", "other"};

static void print_spd(const char *what, const struct spd_entry *e)
{
    char local[BTNS_ADDR_STR], remote[BTNS_ADDR_STR];

    printf("%s %s %s/%u,%u %s/%u,%u proto %u priority %u %s reqid %u spi 0x%08x%s\n", what,
           e->dir == SPD_OUT ? "out" : "in", btns_addr_ip_str(&e->local, local), e->local_bits,
           e->local.port, btns_addr_ip_str(&e->remote, remote), e->remote_bits, e->remote.port,
           e->protocol, e->priority, actions[e->action], e->reqid, e->spi, e->ours ? " ours" : "");
}

static void print_sad(const char *what, const struct sad_entry *e)
{
    char src[BTNS_ADDR_STR], dst[BTNS_ADDR_STR];

    printf("%s %s %s spi 0x%08x reqid %u proto %u mode %u sel %u,%u,%u alg %s auth %s bits %u "
           "replay %u%s\n",
           what, btns_addr_ip_str(&e->src, src), btns_addr_ip_str(&e->dst, dst), e->spi, e->reqid,
           e->protocol, e->mode, e->sel_protocol, e->sel_sport, e->sel_dport,
           e->alg[0] ? e->alg : "-", e->auth[0] ? e->auth : "-", e->key_bits, e->replay_window,
           e->encap ? " encap" : "");
}

static void print_sock(const char *what, const struct sock_entry *e)
{
    char local[BTNS_ADDR_STR], remote[BTNS_ADDR_STR];

    printf("%s %s %s state %u uid %u inode %u expires %u cookie %" PRIx64 "\n", what,
           btns_addr_str(&e->local, local), btns_addr_str(&e->remote, remote), e->state, e->uid,
           e->inode, e->expires_ms, e->cookie);
}

/* DIR LOCAL REMOTE PRIORITY [allow|block|esp [REQID [SPI]]] */
static struct spd_entry parse_entry(int argc, char **argv)
{
    struct spd_entry e = {.dir = strcmp(argv[0], "out") == 0 ? SPD_OUT : SPD_IN, .protocol = 6};

    parse_end(argv[1], &e.local, &e.local_bits);
    parse_end(argv[2], &e.remote, &e.remote_bits);
    e.priority = number(argv[3]);
    for (unsigned i = 0; argc > 4 && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(argv[4], actions[i]) == 0)
            e.action = (enum spd_action)i;
    }
    e.reqid = argc > 5 ? number(argv[5]) : 0;
    e.spi = argc > 6 ? number(argv[6]) : 0;
    return e;
}

static int cmd_set(struct xfrm *x, int argc, char **argv)
{
    struct spd_entry e = parse_entry(argc, argv);
    int error = spd_set(x, &e, &err);
    return error ? fail("set", error) : 0;
}

static int cmd_del(struct xfrm *x, int argc, char **argv)
{
    struct spd_entry e = parse_entry(argc, argv);
    int error = spd_del(x, &e);
    return error ? fail("del", error) : 0;
}

static void dump_policy(void *arg, const struct spd_entry *e)
{
    (void)arg;
    print_spd("spd", e);
}

static void dump_state(void *arg, const struct sad_entry *e)
{
    (void)arg;
    print_sad("sad", e);
}

static int cmd_dump(struct xfrm *x, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int error = spd_dump(x, dump_policy, NULL);
    if (!error)
        error = sad_dump(x, dump_state, NULL);
    return error ? fail("dump", error) : 0;
}

static void print_event(void *arg, const struct xfrm_event *ev)
{
    static const char *const names[] = {
        [XFRM_EV_SA_NEW] = "sa-new",     [XFRM_EV_SA_GONE] = "sa-gone",
        [XFRM_EV_SA_FLUSH] = "sa-flush", [XFRM_EV_SPD_CHANGE] = "spd-change",
        [XFRM_EV_LOST] = "lost",         [XFRM_EV_MAPPING] = "mapping",
        [XFRM_EV_ACQUIRE] = "acquire",
    };
    const char *name = names[ev->type];

    (void)arg;
    if (ev->type == XFRM_EV_SA_NEW || ev->type == XFRM_EV_SA_GONE)
        print_sad(name, &ev->sa);
    else if (ev->type == XFRM_EV_SPD_CHANGE && ev->spd_valid)
        print_spd(ev->spd_gone ? "spd-gone" : "spd-new", &ev->spd);
    else
        puts(name);
}

static void print_own(void *arg, const struct xfrm_event *ev)
{
    (void)arg;
    if (ev->own)
        printf("own ");
    print_event(NULL, ev);
}

/* Waits until fd is readable or the deadline (CLOCK_MONOTONIC, milliseconds) has passed. */
static bool tool_wait_until(int fd, int64_t deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left = deadline - (now.tv_sec * 1000 + now.tv_nsec / 1000000);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return left > 0 && poll(&p, 1, (int)left) > 0;
}

static int64_t deadline_after(const char *ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000 + (int64_t)number(ms);
}

/*
 * MILLISECONDS: prints the events; "listening" on standard output means that none is missed from
 * then on.
 */
static int cmd_events(struct xfrm *x, int argc, char **argv)
{
    int64_t deadline = deadline_after(argv[0]);
    int error = 0;

    puts("listening");
    if (argc > 1) /* a pause, for overflowing the buffer */
        poll(NULL, 0, (int)number(argv[1]));
    while (!error && tool_wait_until(xfrm_event_fd(x), deadline))
        error = xfrm_events(x, print_own, NULL);
    return error ? fail("events", error) : 0;
}

/* Installs and deletes an entry while it listens for events. */
static int cmd_own(struct xfrm *x, int argc, char **argv)
{
    struct spd_entry e = parse_entry(argc, argv);
    int error = spd_set(x, &e, &err);
    if (!error)
        error = spd_del(x, &e);
    if (!error)
        error = xfrm_events(x, print_own, NULL);
    return error ? fail("own", error) : 0;
}

/* SRC DST REQID [SPI] */
static int cmd_larval(struct xfrm *x, int argc, char **argv)
{
    struct btns_addr src, dst;

    parse_end(argv[0], &src, NULL);
    parse_end(argv[1], &dst, NULL);
    const struct larval l = {
        .src = &src, .dst = &dst, .reqid = number(argv[2]), .spi = argc > 3 ? number(argv[3]) : 0};
    int error = sad_drop_larval(x, &l);
    return error ? fail("larval", error) : 0;
}

/* SRC DST SPI */
static int cmd_delsa(struct xfrm *x, int argc, char **argv)
{
    struct sad_entry e = {.spi = number(argv[2]), .protocol = IPPROTO_ESP};

    (void)argc;
    parse_end(argv[0], &e.src, NULL);
    parse_end(argv[1], &e.dst, NULL);
    int error = sad_del(x, &e);
    return error ? fail("delsa", error) : 0;
}

/* AEAD KEY_BITS */
static int cmd_probe(struct xfrm *x, int argc, char **argv)
{
    (void)argc;
    int error = xfrm_probe(x, argv[0], number(argv[1]));
    return error ? fail("probe", error) : 0;
}

static void dump_socket(void *arg, const struct sock_entry *e)
{
    print_sock(arg, e);
}

static int cmd_connections(struct sockdiag *d, int argc, char **argv)
{
    struct btns_addr local, remote;

    (void)argc;
    parse_end(argv[0], &local, NULL);
    parse_end(argv[1], &remote, NULL);
    int error = sockdiag_connections(d, &local, &remote, dump_socket, "tcp");
    return error ? fail("connections", error) : 0;
}

static int cmd_listeners(struct sockdiag *d, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int error = sockdiag_listeners(d, dump_socket, "listener");
    return error ? fail("listeners", error) : 0;
}

static int cmd_destroyed(struct sockdiag *d, int argc, char **argv)
{
    int64_t deadline = deadline_after(argv[0]);
    int error = 0;

    (void)argc;
    puts("listening");
    while (tool_wait_until(sockdiag_event_fd(d), deadline)) {
        error = sockdiag_events(d, dump_socket, "destroyed");
        if (error && error != -ENOBUFS)
            return fail("destroyed", error);
        if (error)
            puts("lost");
    }
    return 0;
}

static int cmd_route(int argc, char **argv)
{
    struct btns_addr remote;
    struct route r, again;
    char local[BTNS_ADDR_STR];

    parse_end(argv[0], &remote, NULL);
    const struct route_query q = {
        .remote = remote,
        .protocol = remote.port ? IPPROTO_TCP : 0,
        .mark = argc > 1 ? number(argv[1]) : 0,
        .ifindex = argc > 2 ? (int)number(argv[2]) : 0,
        .uid = argc > 3 ? number(argv[3]) : 0,
        .tos = argc > 4 ? (uint8_t)number(argv[4]) : 0,
    };
    int error = route_lookup(&q, &r);
    /* The socket is reused, but not after an error. */
    if (route_lookup(&q, &again) != error || !btns_addr_ip_equal(&r.local, &again.local))
        return fail("the second answer", -EPROTO);
    if (error)
        return fail("route", error);
    printf("route %s scope %u%s%s\n", btns_addr_ip_str(&r.local, local), r.local.scope,
           r.to_self ? " to-self" : "", r.multicast ? " multicast" : "");
    return 0;
}

static int cmd_hold(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int error = sysctl_larval_drop_off(&err);
    return error ? fail("hold", error) : 0;
}

static int cmd_neighbour(int argc, char **argv)
{
    static const char *const names[] = {[NEIGHBOUR_UNKNOWN] = "unknown",
                                        [NEIGHBOUR_ASKED] = "asked",
                                        [NEIGHBOUR_FAILED] = "failed",
                                        [NEIGHBOUR_KNOWN] = "known"};
    struct btns_addr a;
    uint8_t bits;
    (void)argc;
    parse_end(argv[0], &a, &bits);
    puts(names[neighbour_state(&a)]);
    return 0;
}

static int cmd_probing(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int error = sysctl_tcp_probing_on(&err);
    return error ? fail("probing", error) : 0;
}

static const struct command {
    const char *name;
    int least;
    int (*with_xfrm)(struct xfrm *x, int argc, char **argv);
    int (*with_sockdiag)(struct sockdiag *d, int argc, char **argv);
    int (*alone)(int argc, char **argv);
} commands[] = {
    {"set", 5, cmd_set, NULL, NULL},
    {"del", 4, cmd_del, NULL, NULL},
    {"dump", 0, cmd_dump, NULL, NULL},
    {"events", 1, cmd_events, NULL, NULL},
    {"own", 5, cmd_own, NULL, NULL},
    {"larval", 3, cmd_larval, NULL, NULL},
    {"delsa", 3, cmd_delsa, NULL, NULL},
    {"probe", 2, cmd_probe, NULL, NULL},
    {"listeners", 0, NULL, cmd_listeners, NULL},
    {"connections", 2, NULL, cmd_connections, NULL},
    {"destroyed", 1, NULL, cmd_destroyed, NULL},
    {"route", 1, NULL, NULL, cmd_route},
    {"hold", 0, NULL, NULL, cmd_hold},
    {"neighbour", 1, NULL, NULL, cmd_neighbour},
    {"probing", 0, NULL, NULL, cmd_probing},
};

static int run(const struct command *c, int argc, char **argv)
{
    int status = 1;

    if (c->alone)
        return c->alone(argc, argv);
    struct xfrm *x = c->with_xfrm ? xfrm_open(&err) : NULL;
    struct sockdiag *d = c->with_sockdiag ? sockdiag_open(IPPROTO_TCP, &err) : NULL;
    if (x)
        status = c->with_xfrm(x, argc, argv);
    else if (d)
        status = c->with_sockdiag(d, argc, argv);
    else
        fail("open", -EIO);
    xfrm_close(x);
    sockdiag_close(d);
    return status;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].least)
            return run(&commands[i], argc - 2, argv + 2);
    }
    fputs("usage: xfrm_tool", stderr);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(stderr, "%c%s", i ? '|' : ' ', commands[i].name);
    fputs(" ...\n", stderr);
    return 2;
}
