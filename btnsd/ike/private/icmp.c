/* The child SA for ICMP errors, one in each key connection (latch/keying/icmp_child.h). */
#include "btnsd/ike/private/state.h"

struct ike_task *ike_icmp(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                          void *arg)
{
    const struct ike_entry e = {
        .local = s->local, .remote = s->remote, .key = s->key, .cert = s->cert};
    struct ike_conn *c = k->loaded ? conn_find(k, &e) : NULL;
    struct ike_task *t = c && c->in_reqid ? task_new(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->conn = c;
    c->tasks++;
    snprintf(t->name, sizeof t->name, "%s", c->name);
    snprintf(t->child, sizeof t->child, "%s", ICMP_CHILD);
    return task_start(k, t, &task_initiate);
}

void ike_icmp_end(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key)
{
    for (struct ike_conn *c = NULL; (c = conn_at(k, local, remote, key, c));) {
        struct vici_msg m;
        vici_init(&m);
        vici_kv(&m, "child", ICMP_CHILD);
        vici_kv(&m, "ike", c->name);
        vici_kv(&m, "timeout", "-1");
        control_command(k, "terminate", &m);
    }
}
