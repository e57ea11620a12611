/* Checks whether this host can carry out the rules: ESP, suites, IKE (useipsec, section 8 i). */
#include "btnsd/ctl/lint/lint.h"

#include "btnsd/ctl/lint/ports.h"
#include "btnsd/ctl/translated.h"
#include "btnsd/tcp/ao.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/client/ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHARON     "/usr/lib/ipsec/charon"
#define SUITES_MAX 16

struct probed { /* 0 or an errno for each suite; -1: could not be tried */
    int suite[SUITES_MAX];
    int nat[SUITES_MAX]; /* for ESP in UDP */
};

/*
 * Tries in a new network namespace, so that the host's SAD is not changed; without root, in a new
 * user namespace as well.
 */
static void probe_host_suites(int to)
{
    struct probed p;
    struct err err;
    int flags = CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0);
    struct xfrm *x = unshare(flags) ? NULL : xfrm_open(&err);
    memset(&p, -1, sizeof p);
    for (size_t i = 0; x && suites[i].name && i < SUITES_MAX; i++) {
        p.suite[i] = -xfrm_probe(x, suites[i].kernel, suites[i].key_bits);
        p.nat[i] = -xfrm_probe_encap(x, suites[i].kernel, suites[i].key_bits);
    }
    ssize_t n = write(to, &p, sizeof p);
    _exit(n != sizeof p);
}

static bool probe_host_kernel(struct probed *p)
{
    int fd[2], status;
    if (pipe(fd))
        return false;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        probe_host_suites(fd[1]);
    close(fd[1]);
    bool good = pid > 0 && read(fd[0], p, sizeof *p) == (ssize_t)sizeof *p;
    close(fd[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return good;
}

/*
 * The first rule that protects with the suite (NULL: any); otherwise the first that prefers;
 * otherwise the number of rules.
 */
static size_t first_rule_with_hosts_suite(const struct lint *l, const char *suite)
{
    static const enum action actions[] = {ACTION_PROTECT, ACTION_PREFER};
    for (size_t a = 0; a < 2; a++)
        for (size_t i = 0; i < l->rules->n; i++) {
            const struct rule *r = &l->rules->rule[i];
            if (r->action == actions[a] && (!suite || !strcmp(r->profile->suite, suite)))
                return i;
        }
    return l->rules->n;
}

/* The first rule that needs btnsd's own IKE daemon, or the number of rules. */
static size_t first_hosts_private_rule(const struct lint *l)
{
    size_t i = 0;
    while (i < l->rules->n &&
           !(l->rules->rule[i].profile && l->rules->rule[i].profile->source.keys == KEYS_PRIVATE))
        i++;
    return i;
}

__attribute__((format(printf, 5, 6))) static void say_of_host(struct lint *l, const char *check,
                                                              size_t rule, const char *instead,
                                                              const char *form, ...)
{
    char why[256];
    va_list ap;
    va_start(ap, form);
    vsnprintf(why, sizeof why, form, ap);
    va_end(ap);
    finding_say(l, finding_check_named(l, check), rule, finding_value_node(l, rule, "action", 0),
                instead, "%s", why);
}

static void check_host_kernel(struct lint *l)
{
    struct probed p;
    bool tried = probe_host_kernel(&p);
    for (size_t i = 0; suites[i].name && i < SUITES_MAX; i++) {
        size_t rule = first_rule_with_hosts_suite(l, suites[i].name);
        if (rule == l->rules->n)
            continue;
        if (!tried || p.suite[i] < 0)
            say_of_host(
                l, "unprobed", rule, "run it as root",
                "whether this kernel has ESP with %s could not be tried: no network namespace of "
                "our own",
                suites[i].name);
        else if (p.suite[i])
            say_of_host(l, "kernel", rule,
                        "load the modules esp4, esp6 and gcm, or boot a kernel that has them",
                        "this kernel does not do ESP with %s: %s", suites[i].name,
                        strerror(p.suite[i]));
        else if (p.nat[i])
            say_of_host(
                l, "nat", rule, "boot a kernel that has it, or do without peers behind a NAT",
                "this kernel does not do ESP with %s in UDP, as a NAT on the way needs it: %s",
                suites[i].name, strerror(p.nat[i]));
    }
}

/*
 * The keys of `sign` are read even if the kernel lacks TCP-AO; connections are refused later:
 * warns.
 */
static void check_host_ao(struct lint *l)
{
    char needs[TCP_AO_NEEDS];
    int rc = tcp_ao_try();
    for (size_t i = 0; rc == -ENOPROTOOPT && i < l->rules->n; i++) {
        const struct sign_key *key = l->rules->rule[i].sign;
        if (key && key->auth == SIGN_AO)
            say_of_host(l, "ao", i, "boot such a kernel, or use auth = md5 or protect",
                        "connections of this rule will be refused: %s", tcp_ao_needs(needs));
    }
}

static void check_host_charon(struct lint *l, size_t rule)
{
    if (access(CHARON, X_OK))
        say_of_host(l, "charon", rule, "install strongswan-charon", "the IKE daemon %s: %s", CHARON,
                    strerror(errno));
}

/* The pid of btnsd's own charon, which uses the port while btnsd runs. */
static pid_t find_hosts_charon(const char *socket)
{
    struct btns_hdr msg;
    union btns_reply r;
    struct err err;
    return ask_one(socket, &msg, sizeof msg, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, &err)
               ? 0
               : (pid_t)r.status.charon_pid;
}

static void check_host_ports(struct lint *l, size_t rule, const char *socket)
{
    static const struct {
        unsigned port;
        const char *what;
    } ports[] = {{500, "IKE"}, {4500, "IKE behind NAT"}};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        pid_t charon = ports_udp_taken(ports[i].port) ? find_hosts_charon(socket) : 0;
        if (!ports_udp_taken(ports[i].port) || (charon && ports_udp_held_by(ports[i].port, charon)))
            continue;
        say_of_host(l, "ike-port", rule, "stop the other program (ss -Hulnp shows it)",
                    "UDP port %u (%s) is taken, and not by btnsd's charon", ports[i].port,
                    ports[i].what);
    }
}

static void check_host_route(struct lint *l, size_t rule)
{
    char interface[32];
    if (ports_default_tunnel(interface, sizeof interface))
        say_of_host(l, "tunnel", rule,
                    "see that the peers are reached without it, or do without one",
                    "the default route leads through the tunnel %s: IPsec within IPsec", interface);
}

/*
 * ESP takes 34 octets of a packet with AES-GCM, measured. Programs may count on IPv6's 1280 octets
 * for a whole datagram, as DNS does.
 */
#define ESP_OCTETS      34
#define DATAGRAM_OCTETS 1280
#define HEADERS         28 /* of IPv4 and UDP */

static void check_host_mtu(struct lint *l)
{
    char link[32];
    size_t i = 0;
    while (i < l->rules->n && !(l->rules->rule[i].action == ACTION_PROTECT &&
                                l->rules->rule[i].protocols & rule_protocol_bit(IPPROTO_UDP)))
        i++;
    unsigned mtu = i < l->rules->n ? ports_smallest_mtu(link, sizeof link) : 0;
    if (mtu && mtu < DATAGRAM_OCTETS + ESP_OCTETS)
        say_of_host(l, "mtu", i, "raise the link's MTU, or have the program send less at a time",
                    "link %s carries %u octets: a protected datagram of more than %u goes in "
                    "fragments, or is refused (EMSGSIZE) where the program forbids them",
                    link, mtu, mtu > ESP_OCTETS + HEADERS ? mtu - ESP_OCTETS - HEADERS : 0);
}

static void say_host_translated(void *arg, const char *text)
{
    struct lint *l = arg;
    struct lint_finding *f = finding_add(l, finding_check_named(l, "translated"), l->files, 0);
    snprintf(f->why, sizeof f->why, "%.200s " TRANSLATED_WHAT, text);
    snprintf(f->instead, sizeof f->instead, TRANSLATED_INSTEAD);
}

/* Only root may read NAT rules and BPF programs. */
static void check_host_translators(struct lint *l)
{
    char why[256];
    if (geteuid() || translated_each(say_host_translated, l, why, sizeof why))
        return;
    struct lint_finding *f = finding_add(l, finding_check_named(l, "unprobed"), l->files, 0);
    snprintf(f->why, sizeof f->why, "%s", why);
}

void lint_host(struct lint *l, const char *socket)
{
    if (!l->place)
        return;
    time(&l->probed);
    check_host_ao(l);
    size_t rule = first_rule_with_hosts_suite(l, NULL);
    if (rule == l->rules->n)
        return;
    check_host_kernel(l);
    check_host_route(l, rule);
    check_host_mtu(l);
    check_host_translators(l);
    rule = first_hosts_private_rule(l);
    if (rule == l->rules->n)
        return;
    check_host_charon(l, rule);
    check_host_ports(l, rule, socket);
}
