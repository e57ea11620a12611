/* Reads facts about the process that asks, from /proc, and about the socket that it passed. */
#include "btnsd/plan/facts.h"

#include "btnsd/xfrm/xfrm.h"

#include "libapi/wire/service.h"
#include "libapi/wire/source_route.h"
#include "libapi/wire/wire.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool facts_program(pid_t pid, char *path, size_t size)
{
    static const char deleted[] = " (deleted)";
    char link[32];
    snprintf(link, sizeof link, "/proc/%d/exe", pid);
    ssize_t n = readlink(link, path, size - 1);
    if (n <= 0 || (size_t)n >= size - 1)
        return false;
    path[n] = '\0';
    /* A program that a package update replaced stays under its rules. */
    size_t len = (size_t)n, tail = sizeof deleted - 1;
    if (len > tail && !strcmp(path + len - tail, deleted))
        path[len - tail] = '\0';
    return path[0] == '/';
}

/* Reads a whole file of the process in /proc; false if it is unreadable or too long. */
static bool read_process_facts(pid_t pid, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, size - 1, f) : 0;
    bool whole = f && !ferror(f) && n < size - 1;
    if (f)
        fclose(f);
    text[n] = '\0';
    return whole;
}

bool facts_groups(pid_t pid, gid_t *gid, size_t max, size_t *n)
{
    static char text[16384];
    if (!read_process_facts(pid, "status", text, sizeof text))
        return false;
    const char *at = strstr(text, "\nGroups:"), *end = at ? strchr(at + 1, '\n') : NULL;
    if (!end)
        return false;
    for (at += strlen("\nGroups:");;) {
        char *behind;
        at += strspn(at, " \t");
        if (at >= end)
            return true;
        unsigned long number = strtoul(at, &behind, 10);
        if (behind == at || *n == max)
            return false;
        gid[(*n)++] = (gid_t)number;
        at = behind;
    }
}

/* cgroups(7): "0::/path" is the unified hierarchy's line. */
bool facts_cgroup(pid_t pid, char *path, size_t size)
{
    static const char *const lines[] = {"\n0::", ":name=systemd:"};
    static char text[16384] = "\n";
    if (!read_process_facts(pid, "cgroup", text + 1, sizeof text - 1))
        return false;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *at = strstr(text, lines[i]);
        if (!at)
            continue;
        at += strlen(lines[i]);
        size_t len = strcspn(at, "\n");
        if (at[0] != '/' || len >= size)
            return false;
        snprintf(path, size, "%.*s", (int)len, at);
        return true;
    }
    path[0] = '\0';
    return !text[1]; /* no hierarchy is mounted */
}

/*
 * Gets the effective ids from the owner of the process's files in /proc, which is quick to read. If
 * the process has changed its ids, or its program is not readable for everybody, root owns these
 * files (proc(5)): then the ids are read from its status.
 */
bool facts_real_ids(pid_t pid, uid_t *uid, gid_t *gid)
{
    static char text[16384];
    const char *u =
        read_process_facts(pid, "status", text, sizeof text) ? strstr(text, "\nUid:") : NULL;
    const char *g = u ? strstr(u, "\nGid:") : NULL;
    return g && sscanf(u, "\nUid: %u", uid) == 1 && sscanf(g, "\nGid: %u", gid) == 1;
}

bool facts_ids(pid_t pid, uid_t expected, uid_t *uid, gid_t *gid)
{
    static char text[16384];
    char path[32];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%d", pid);
    if (stat(path, &st))
        return false;
    *uid = st.st_uid;
    *gid = st.st_gid;
    if (st.st_uid == expected)
        return true;
    const char *u =
        read_process_facts(pid, "status", text, sizeof text) ? strstr(text, "\nUid:") : NULL;
    const char *g = u ? strstr(u, "\nGid:") : NULL;
    return g && sscanf(u, "\nUid: %*u %u", uid) == 1 && sscanf(g, "\nGid: %*u %u", gid) == 1;
}

/* proc(5): the state and the start time, in clock ticks since the boot, behind the name. */
bool facts_process_lives(pid_t pid, uint64_t ms)
{
    char stat[1024], state;
    unsigned long long start;
    struct timespec now;
    if (!read_process_facts(pid, "stat", stat, sizeof stat))
        return false;
    const char *rest = strrchr(stat, ')'); /* a name may contain anything */
    if (!rest || sscanf(rest,
                        ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                        "%*s %*s %llu",
                        &state, &start) != 2)
        return false;
    clock_gettime(CLOCK_BOOTTIME, &now);
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t age =
        (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 - start * 1000 / ticks;
    return state != 'Z' && state != 'X' && age + 1000 >= ms; /* the clocks are not exact */
}

static int get_facts_option(int fd, int level, int option, void *value, socklen_t len)
{
    socklen_t got = len;
    return getsockopt(fd, level, option, value, &got) || got != len ? -1 : 0;
}

bool facts_peer(int fd, struct btns_addr *peer)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    return !getpeername(fd, (struct sockaddr *)&ss, &len) &&
           btns_addr_from_sa(peer, (const struct sockaddr *)&ss, len);
}

bool facts_listens(int fd)
{
    int listens = 0;
    return !get_facts_option(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, sizeof listens) && listens;
}

static void only_tcp_facts(const struct socket_facts *f, struct err *err)
{
    err_set(err, "only TCP can be protected (this socket's protocol is %d)", f->number);
}

static void only_transport_facts(const struct socket_facts *f, struct err *err)
{
    err_set(err, "only TCP and UDP can be protected (this socket's protocol is %d)", f->number);
}

bool facts_beyond_protection(const struct socket_facts *f, struct err *err)
{
    if (f->number != f->protocol)
        only_tcp_facts(f, err);
    else if (f->routed)
        err_set(err, "the socket has a source route (IP_OPTIONS), by which its packets would leave "
                     "past their guard: do without it");
    else if (f->any_source)
        err_set(err, "the socket may send from addresses of other hosts (IP_TRANSPARENT), which no "
                     "guard is for: do without that option");
    return f->number != f->protocol || f->routed || f->any_source;
}

int facts_socket(int fd, struct socket_facts *f, struct err *err)
{
    int rc = facts_transport(fd, f, err);
    if (rc || !protocol_is_datagrams(f->protocol))
        return rc;
    only_tcp_facts(f, err);
    return -EPROTONOSUPPORT;
}

/* A datagram socket may be connected again at any time. */
static int read_facts_state(int fd, struct socket_facts *f)
{
    socklen_t len = sizeof f->state;
    f->state = TCP_CLOSE;
    return protocol_is_datagrams(f->protocol)
               ? 0
               : getsockopt(fd, IPPROTO_TCP, TCP_INFO, &f->state, &len);
}

bool facts_may_bind(const struct btns_addr *local)
{
    struct sockaddr_storage ss;
    struct btns_addr any_port = *local;
    any_port.port = 0;
    socklen_t len = btns_addr_to_sa(&any_port, local->family, &ss);
    int fd = socket(local->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool may = fd < 0 || !bind(fd, (struct sockaddr *)&ss, len) || errno != EADDRNOTAVAIL;
    if (fd >= 0)
        close(fd);
    return may;
}

static bool facts_source_routed(int fd)
{
    unsigned char options[MAX_IPOPTLEN];
    socklen_t len = sizeof options;
    return !getsockopt(fd, IPPROTO_IP, IP_OPTIONS, options, &len) && has_source_route(options, len);
}

/*
 * IPV6_TRANSPARENT sets the same option. IP_FREEBIND does not count: chronyd, for one, sets it on
 * each of its sockets. A connected TCP socket has one source address, which is bound before btnsd
 * is asked.
 */
static bool facts_any_source(int fd, const struct socket_facts *f)
{
    int on = 0;
    return protocol_is_datagrams(f->protocol) &&
           !get_facts_option(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on) && on;
}

int facts_transport(int fd, struct socket_facts *f, struct err *err)
{
    int type = 0, v6only = 0, tos = 0;
    char device[IF_NAMESIZE] = "";
    socklen_t device_len = sizeof device;
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    struct stat st;
    memset(f, 0, sizeof *f);
    if (get_facts_option(fd, SOL_SOCKET, SO_DOMAIN, &f->family, sizeof f->family) ||
        get_facts_option(fd, SOL_SOCKET, SO_TYPE, &type, sizeof type) ||
        get_facts_option(fd, SOL_SOCKET, SO_PROTOCOL, &f->number, sizeof f->number) ||
        get_facts_option(fd, SOL_SOCKET, SO_COOKIE, &f->cookie, sizeof f->cookie)) {
        err_set(err, "what was passed is no socket");
        return -ENOTSOCK;
    }
    f->protocol = f->number == IPPROTO_MPTCP ? IPPROTO_TCP : f->number;
    if ((f->family != AF_INET && f->family != AF_INET6) || !protocol_known(f->protocol) ||
        type != (protocol_is_datagrams(f->protocol) ? SOCK_DGRAM : SOCK_STREAM)) {
        only_transport_facts(f, err);
        return -EPROTONOSUPPORT;
    }
    if (f->family == AF_INET6 &&
        !get_facts_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only))
        f->v6only = v6only != 0;
    if (read_facts_state(fd, f) || fstat(fd, &st)) {
        err_set(err, "the socket's state cannot be read");
        return -EINVAL;
    }
    f->owner = st.st_uid;
    f->routed = facts_source_routed(fd);
    f->any_source = facts_any_source(fd, f);
    get_facts_option(fd, SOL_SOCKET, SO_MARK, &f->mark, sizeof f->mark);
    /* these marks are btnsd's own; rules and routes look only at the others */
    f->mark &= ~BTNS_POLICY_MARKS;
    if (!getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &device_len) && device[0])
        f->ifindex = (int)if_nametoindex(device);
    if (!get_facts_option(fd, f->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
                          f->family == AF_INET ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos))
        f->tos = (uint8_t)tos;
    if (getsockname(fd, (struct sockaddr *)&ss, &len) ||
        !btns_addr_from_sa(&f->local, (struct sockaddr *)&ss, len)) {
        err_set(err, "the socket's address cannot be read");
        return -EINVAL;
    }
    return 0;
}
