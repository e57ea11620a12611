/*
 * Finds NAT rules and BPF programs that send this host's own packets to another destination than
 * the program asked for.
 */
#include "btnsd/xfrm/translators.h"

#include "libapi/wire/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- nftables ---- */

struct chains {
    struct nft_chain *chain; /* base chains */
    size_t n, room;
    struct nft_chain said; /* the last reported one; each is reported only once */
    translator_found *found;
    void *arg;
    bool out_of_memory;
};

static int take_translator_chain(const struct nlmsghdr *nlh, void *arg)
{
    struct chains *all = arg;
    struct nft_chain c;
    if (!nft_chain_decode(nlh, &c) || !c.base)
        return MNL_CB_OK;
    struct nft_chain *more = array_grow(all->chain, &all->room, all->n + 1, sizeof *more);
    all->out_of_memory |= !more;
    if (more) {
        all->chain = more;
        all->chain[all->n++] = c;
    }
    return MNL_CB_OK;
}

static bool same_translator_table(const struct nft_chain *a, const struct nft_chain *b)
{
    return a->family == b->family && !strcmp(a->table, b->table);
}

/*
 * May a packet that this host sends reach the rule? A chain that is not a base chain may be jumped
 * to from any chain of its table.
 */
static bool is_translator_chain_reached(const struct chains *all, const struct nft_chain *rule)
{
    bool reached = false;
    for (size_t i = 0; i < all->n; i++) {
        const struct nft_chain *c = &all->chain[i];
        if (!same_translator_table(c, rule))
            continue;
        if (!strcmp(c->chain, rule->chain))
            return c->output;
        reached |= c->output;
    }
    return reached;
}

static int take_translator_rule(const struct nlmsghdr *nlh, void *arg)
{
    struct chains *all = arg;
    struct nft_chain c;
    char text[TRANSLATOR_TEXT];
    if (!nft_rule_translates(nlh, &c) || !is_translator_chain_reached(all, &c) ||
        (same_translator_table(&all->said, &c) && !strcmp(all->said.chain, c.chain)))
        return MNL_CB_OK;
    all->said = c;
    snprintf(text, sizeof text, "nftables: %s %.100s %.100s",
             c.family == NFPROTO_IPV4   ? "ip"
             : c.family == NFPROTO_IPV6 ? "ip6"
                                        : "inet",
             c.table, c.chain);
    all->found(all->arg, text);
    return MNL_CB_OK;
}

static int dump_nft_translators(struct mnl_socket *s, int type, mnl_cb_t cb, void *arg)
{
    char buf[32768];
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
    unsigned seq = (unsigned)time(NULL);
    nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
    nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    nlh->nlmsg_seq = seq;
    struct nfgenmsg *head = mnl_nlmsg_put_extra_header(nlh, sizeof *head);
    head->nfgen_family = NFPROTO_UNSPEC;
    head->version = NFNETLINK_V0;
    if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
        return -errno;
    for (int rc = MNL_CB_OK; rc > MNL_CB_STOP;) {
        ssize_t n = mnl_socket_recvfrom(s, buf, sizeof buf);
        rc = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(s), cb, arg);
        if (rc < 0)
            return -errno;
    }
    return 0;
}

int translators_nftables(translator_found *found, void *arg)
{
    struct chains all = {.found = found, .arg = arg};
    struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    if (!s)
        return errno == EPROTONOSUPPORT ? 0 : -errno;
    int rc = mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) ? -errno : 0;
    if (!rc)
        rc = dump_nft_translators(s, NFT_MSG_GETCHAIN, take_translator_chain, &all);
    if (!rc && all.out_of_memory)
        rc = -ENOMEM;
    if (!rc && all.n)
        rc = dump_nft_translators(s, NFT_MSG_GETRULE, take_translator_rule, &all);
    mnl_socket_close(s);
    free(all.chain);
    return rc == -EINVAL || rc == -EOPNOTSUPP ? 0 : rc; /* the kernel has no nftables */
}

/* ---- BPF programs of control groups ---- */

#define CGROUPS_MAX 4096
#define DEPTH_MAX   16

struct groups {
    translator_found *found;
    void *arg;
    unsigned seen;
    int rc;
};

/* How many programs of that type the group itself has; -errno. */
static int count_group_translators(int group, enum bpf_attach_type type)
{
    union bpf_attr attr;
    uint32_t id[64];
    memset(&attr, 0, sizeof attr);
    attr.query.target_fd = (uint32_t)group;
    attr.query.attach_type = type;
    attr.query.prog_ids = (uint64_t)(uintptr_t)id;
    attr.query.prog_cnt = sizeof id / sizeof *id;
    if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof attr) && errno != ENOSPC)
        return -errno;
    return (int)attr.query.prog_cnt;
}

static void find_group_translators(struct groups *g, int fd, const char *path)
{
    static const struct {
        enum bpf_attach_type type;
        const char *name;
    } types[] = {{BPF_CGROUP_INET4_CONNECT, "connect4"},
                 {BPF_CGROUP_INET6_CONNECT, "connect6"},
                 {BPF_CGROUP_UDP4_SENDMSG, "sendmsg4"},
                 {BPF_CGROUP_UDP6_SENDMSG, "sendmsg6"}};
    char text[TRANSLATOR_TEXT];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int n = count_group_translators(fd, types[i].type);
        if (n < 0 && n != -EINVAL && !g->rc)
            g->rc = n;
        if (n <= 0)
            continue;
        snprintf(text, sizeof text, "BPF: %s of control group %.180s", types[i].name, path);
        g->found(g->arg, text);
    }
}

static void walk_translator_groups(struct groups *g, int fd, const char *path, unsigned depth)
{
    char below[512];
    const struct dirent *e;
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return;
    }
    find_group_translators(g, fd, path);
    while (depth < DEPTH_MAX && (e = readdir(d)) && g->seen < CGROUPS_MAX) {
        if (e->d_type != DT_DIR || e->d_name[0] == '.')
            continue;
        int next = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        g->seen++;
        if (next >= 0)
            walk_translator_groups(g, next, below, depth + 1);
    }
    closedir(d);
}

int translators_bpf(const char *cgroups, translator_found *found, void *arg)
{
    struct groups g = {.found = found, .arg = arg};
    int fd = open(cgroups, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    walk_translator_groups(&g, fd, cgroups, 0);
    if (g.seen == CGROUPS_MAX)
        return -E2BIG;
    return g.rc == -ENOSYS || g.rc == -EBADF ? 0 : g.rc; /* no BPF, or no cgroup v2 there */
}
