/*
 * The peers that see our old key, in a file of this boot: a restarted btnsd shows them the same
 * one, as what they have latched would end otherwise. Each line: our address, theirs, their key.
 */
#include "btnsd/base/boot.h"
#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/ike/private/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEERS_MOST 4096
#define HEAD       "boot "

struct old_peer {
    struct btns_addr local, remote;
    struct btns_key key;
};

static bool read_peer(const char *line, struct old_peer *p)
{
    char local[64], remote[64], key[64];
    return sscanf(line, "%63s %63s %63s", local, remote, key) == 3 &&
           btns_addr_parse(&p->local, local) && btns_addr_parse(&p->remote, remote) &&
           btns_key_parse(&p->key, key);
}

static bool is_of_this_boot(const char *line)
{
    char id[BOOT_ID], want[sizeof HEAD + BOOT_ID + 1];
    if (!boot_id(id))
        return false;
    snprintf(want, sizeof want, HEAD "%s\n", id);
    return !strcmp(line, want);
}

void old_peers_read(struct ike *k)
{
    char line[256];
    FILE *f = k->old_path ? fopen(k->old_path, "re") : NULL;
    if (!f)
        return;
    k->old_peer = calloc(PEERS_MOST, sizeof *k->old_peer);
    if (k->old_peer && fgets(line, sizeof line, f) && is_of_this_boot(line))
        while (k->old_peers < PEERS_MOST && fgets(line, sizeof line, f) &&
               read_peer(line, &k->old_peer[k->old_peers]))
            k->old_peers++;
    fclose(f);
}

static void write_peer(FILE *f, const struct btns_addr *local, const struct btns_addr *remote,
                       const struct btns_key *key)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], text[BTNS_KEY_STR];
    fprintf(f, "%s %s %s\n", btns_addr_ip_str(local, from), btns_addr_ip_str(remote, to),
            btns_key_str(key, text));
}

static int write_all(FILE *f, void *arg)
{
    char id[BOOT_ID];
    const struct ike *k = arg;
    if (!boot_id(id))
        return -EIO;
    fprintf(f, HEAD "%s\n", id);
    for (size_t i = 0; i < k->old_peers; i++)
        write_peer(f, &k->old_peer[i].local, &k->old_peer[i].remote, &k->old_peer[i].key);
    for (const struct ike_conn *c = k->conns; c; c = c->next)
        if (conn_is_outdated(k, c))
            write_peer(f, &c->local, &c->remote, &c->key);
    return 0;
}

void old_peers_write(const struct ike *k)
{
    if (k->old_path && !ike_old_key_needed(k)) {
        unlink(k->old_path);
        return;
    }
    int rc = k->old_path ? file_print(k->old_path, 0600, write_all, (void *)(uintptr_t)k) : 0;
    if (rc)
        log_warning("%s: %s (a restart will end what is latched to the old host key)", k->old_path,
                    strerror(-rc));
}

static void drop(struct ike *k, size_t i)
{
    k->old_peer[i] = k->old_peer[--k->old_peers];
}

bool old_peers_take(struct ike *k, const struct ike_entry *e)
{
    for (size_t i = 0; i < k->old_peers; i++) {
        const struct old_peer *p = &k->old_peer[i];
        if (btns_key_equal(&p->key, &e->key) && btns_addr_ip_equal(&p->remote, &e->remote) &&
            btns_addr_ip_equal(&p->local, &e->local)) {
            drop(k, i);
            return true;
        }
    }
    return false;
}

bool old_peers_settle(struct ike *k)
{
    const size_t before = k->old_peers;
    for (size_t i = before; i-- > 0;)
        if (!k->ops->latched(k->arg, &k->old_peer[i].key))
            drop(k, i);
    return k->old_peers != before;
}
