/* Short commands to charon over the control connection. */
#include "btnsd/ike/private/state.h"

#include <errno.h>
#include <sys/epoll.h>

void command_rewatch(struct ike *k)
{
    uint32_t out = vici_conn_wants_write(k->control) ? EPOLLOUT : 0;
    loop_rewatch(k->loop, &k->watch, EPOLLIN | out);
}

int control_command(struct ike *k, const char *name, struct vici_msg *m)
{
    int rc = !k->control ? -ENOTCONN : vici_ok(m) ? vici_command(k->control, name, m) : -EINVAL;
    if (!rc) {
        k->answers++;
        command_rewatch(k);
    }
    vici_free(m);
    return rc;
}

int ike_load_conn(struct ike *k, const struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    config_key_conn(&m, c, k->own);
    return control_command(k, "load-conn", &m);
}

/* With force: an IKE SA whose peer no longer answers would otherwise stay for 8 s. */
void ike_end_sa(struct ike *k, const char *by, const char *what)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, by, what);
    vici_kv(&m, "force", "yes");
    vici_kv(&m, "timeout", "-1");
    control_command(k, "terminate", &m);
}
