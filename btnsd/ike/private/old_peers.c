/*
 * Keeps the list of peers that see our old host key, in a file of this boot: a restarted btnsd
 * shows them the same key, or their latches would end. Each line has our address, the peer's
 * address and the peer's key.
 */
#include "btnsd/base/boot.h"
#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/ike/private/state.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEAD "boot "

bool old_peers_add(struct ike *k, const struct old_peer *p)
{
    struct old_peer *more =
        array_grow(k->old_peer, &k->old_peer_room, k->old_peers + 1, sizeof *more);
    if (!more)
        return false;
    k->old_peer = more;
    k->old_peer[k->old_peers++] = *p;
    return true;
}

void old_peers_drop(struct ike *k, size_t i)
{
    k->old_peer[i] = k->old_peer[--k->old_peers];
}

bool old_peers_have(const struct ike *k, const struct ike_entry *e)
{
    size_t i = 0;
    while (i < k->old_peers && !(btns_key_equal(&k->old_peer[i].key, &e->key) &&
                                 btns_addr_ip_equal(&k->old_peer[i].remote, &e->remote) &&
                                 btns_addr_ip_equal(&k->old_peer[i].local, &e->local)))
        i++;
    return i < k->old_peers;
}

static bool read_peer(const char *line, struct old_peer *p)
{
    char local[64], remote[64], key[64];
    *p = (struct old_peer){0};
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
    struct old_peer p;
    FILE *f = k->old_path ? fopen(k->old_path, "re") : NULL;
    if (!f)
        return;
    if (fgets(line, sizeof line, f) && is_of_this_boot(line))
        while (fgets(line, sizeof line, f) && read_peer(line, &p) && old_peers_add(k, &p))
            ;
    fclose(f);
}

static int write_old_peers(FILE *f, void *arg)
{
    char id[BOOT_ID], from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], key[BTNS_KEY_STR];
    const struct ike *k = arg;
    if (!boot_id(id))
        return -EIO;
    fprintf(f, HEAD "%s\n", id);
    for (const struct old_peer *p = k->old_peer; p < k->old_peer + k->old_peers; p++)
        fprintf(f, "%s %s %s\n", btns_addr_ip_str(&p->local, from),
                btns_addr_ip_str(&p->remote, to), btns_key_str(&p->key, key));
    return 0;
}

void old_peers_write(struct ike *k)
{
    if (k->old_path && !k->old_peers) {
        unlink(k->old_path);
        return;
    }
    int rc = k->old_path ? file_print(k->old_path, 0600, write_old_peers, k) : 0;
    if (rc)
        log_warning("%s: %s (a restart will end what is latched to the old host key)", k->old_path,
                    strerror(-rc));
}
