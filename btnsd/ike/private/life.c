/* Makes the key manager, and ends it with all its tasks, connections and charon. */
#include "btnsd/ike/charon/charon_run.h"
#include "btnsd/ike/private/state.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static void free_ike_user_counts(struct ike *k)
{
    count_by_user_free(k->asked);
    count_by_user_free(k->strangers);
    count_by_user_free(k->closing);
}

struct ike *ike_new(struct loop *l, const struct charon_paths *paths, const struct hostkey *host,
                    const struct ike_ops *ops, void *arg)
{
    struct ike *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->asked = count_by_user_new(LIMIT_EXCHANGES);
    k->strangers = count_by_user_new(LIMIT_STRANGERS);
    k->closing = count_by_user_new(LIMIT_CLOSES);
    if (!k->asked || !k->strangers || !k->closing) {
        free_ike_user_counts(k);
        free(k);
        return NULL;
    }
    ike_ports_init(&k->ports);
    k->loop = l;
    k->paths = *paths;
    k->host = host;
    k->ops = ops;
    k->arg = arg;
    snprintf(k->socket, sizeof k->socket, "%s/%s", paths->run, CHARON_SOCKET);
    return k;
}

void ike_free(struct ike *k)
{
    if (!k)
        return;
    loop_cancel(k->loop, &k->start);
    loop_cancel(k->loop, &k->sweep);
    loop_cancel(k->loop, &k->retire);
    loop_cancel(k->loop, &k->tick);
    loop_cancel(k->loop, &k->lost);
    closes_drop(k);
    while (k->tasks)
        task_free(k->tasks);
    control_close(k);
    while (k->conns)
        conn_free(k, k->conns);
    hash_table_free(&k->by_end);
    hash_table_free(&k->by_key);
    hash_table_free(&k->by_name);
    authorities_free(k);
    ike_end_charon(k);
    ike_ports_release(&k->ports);
    free_ike_user_counts(k);
    free(k->old_peer);
    OPENSSL_cleanse(&k->old, sizeof k->old);
    free(k);
}
