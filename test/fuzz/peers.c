/*
 * Fuzzes the reading of known_peers: every accepted peer is found, and the same after writing and
 * reading the file again.
 */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/ike/peers/peers_text.h"
#include "btnsd/ike/peers/revoked.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static struct peers *read_text(const void *data, size_t size, struct err *err)
{
    char *text = malloc(size + 1);
    demand(text != NULL);
    if (size)
        memcpy(text, data, size);
    struct peers *p = peers_from_text("f", text, size, err);
    free(text);
    return p;
}

static bool same(const struct peer *a, const struct peer *b)
{
    if (!btns_key_equal(&a->key, &b->key) || a->addrs != b->addrs || a->trust != b->trust ||
        a->first_seen != b->first_seen || a->last_seen != b->last_seen)
        return false;
    for (size_t i = 0; i < a->addrs; i++)
        if (!btns_addr_equal(&a->addr[i], &b->addr[i]))
            return false;
    return true;
}

static void check_found(const struct peers *p)
{
    for (size_t i = 0; i < peers_count(p); i++) {
        const struct peer *peer = peers_at(p, i);
        demand(peers_by_key(p, &peer->key) == peer && peer->addrs <= PEER_ADDRS);
        for (size_t j = 0; j < peer->addrs; j++)
            demand(peers_by_addr(p, &peer->addr[j]) == peer);
    }
}

static void check_again(const struct peers *p)
{
    char *text = NULL;
    size_t len;
    struct err err;
    FILE *f = open_memstream(&text, &len);
    fputs(peers_header, f);
    for (size_t i = 0; i < peers_count(p); i++)
        peer_print(f, peers_at(p, i));
    fclose(f);
    struct peers *again = read_text(text, len, &err);
    demand(again && peers_count(again) == peers_count(p));
    for (size_t i = 0; i < peers_count(p); i++)
        demand(same(peers_at(p, i), peers_at(again, i)));
    peers_free(again);
    free(text);
}

/* The same octets as a list of revoked keys: each key of an accepted list is found. */
static void read_revoked(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), where[REVOKED_WHERE];
    struct err err = {""};
    demand(text != NULL);
    if (size)
        memcpy(text, data, size);
    struct revoked *r = revoked_from_text("f", text, size, &err);
    demand(r || err.text[0]);
    for (size_t i = 0; i < revoked_count(r); i++)
        demand(revoked_has(r, revoked_at(r, i), where));
    revoked_free(r);
    free(text);
}

/*
 * Merges the input, as a file of the administrator's, into the peers read from it: nothing changes.
 */
static void check_merged(struct peers *p, const uint8_t *data, size_t size)
{
    static const struct btns_key own;
    const struct peers_import how = {.own = &own};
    char *text = malloc(size + 1);
    struct err err = {""};
    size_t before = peers_count(p);
    demand(text != NULL);
    if (size)
        memcpy(text, data, size);
    demand(!peers_add_file(p, &how, "f", text, size, &err));
    demand(peers_count(p) == before);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {""};
    read_revoked(data, size);
    struct peers *p = read_text(data, size, &err);
    demand(p || err.text[0]);
    if (!p)
        return 0;
    check_found(p);
    check_again(p);
    check_merged(p, data, size);
    peers_free(p);
    return 0;
}
