/* The child SA for ICMP errors, one in each key connection (latch/keying/icmp_child.h). */
#include "btnsd/ike/private/state.h"

#include <string.h>

/* "IKE { ... child-sas { CHILD-NUMBER { ... } ... } }" */
bool ike_carries_services(const void *list_sa, size_t len)
{
    enum { CHILDREN = 2, CHILD = 3 };
    struct vici_reader r;
    struct vici_item it;
    unsigned depth = 0;
    bool in_children = false;
    vici_reader_init(&r, list_sa, len);
    while (vici_next(&r, &it) > VICI_END) {
        depth += it.type == VICI_SECTION;
        if (it.type == VICI_SECTION && depth == CHILDREN)
            in_children = !strcmp(it.name, "child-sas");
        if (it.type == VICI_SECTION && depth == CHILD && in_children &&
            strncmp(it.name, ICMP_CHILD "-", sizeof ICMP_CHILD))
            return true;
        depth -= it.type == VICI_SECTION_END;
    }
    return false;
}

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
