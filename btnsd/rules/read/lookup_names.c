/* Looks names up in the confined child, and decodes the child's answer in btnsd. */
#include "btnsd/rules/read/lookup.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* Comes before each name's numbers or addresses, in the order of the names. */
struct answer {
    uint32_t found;
    int32_t error;
};

static int put_lookup_answer(struct policy_stream *out, struct answer head, const void *data,
                             size_t len)
{
    int rc = record_append(out, &head, sizeof head);
    return rc || !len ? rc : record_append(out, data, len);
}

static int put_number_lookup(struct policy_stream *out, bool found, uint32_t number)
{
    bool failed = !found && errno && errno != ENOENT && errno != ESRCH;
    return put_lookup_answer(out, (struct answer){.found = found, .error = failed ? errno : 0},
                             &number, found ? sizeof number : 0);
}

static int put_user_lookup(const char *name, struct policy_stream *out)
{
    errno = 0;
    const struct passwd *pw = getpwnam(name);
    return put_number_lookup(out, pw, pw ? pw->pw_uid : 0);
}

static int put_group_lookup(const char *name, struct policy_stream *out)
{
    errno = 0;
    const struct group *gr = getgrnam(name);
    return put_number_lookup(out, gr, gr ? gr->gr_gid : 0);
}

static int put_host_lookup(const char *name, struct policy_stream *out)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *first = NULL;
    struct btns_addr address[LOOKUP_ADDRESSES_MAX] = {{0}};
    struct answer head = {.error = getaddrinfo(name, NULL, &hints, &first)};
    for (struct addrinfo *i = head.error ? NULL : first; i; i = i->ai_next) {
        if (head.found == LOOKUP_ADDRESSES_MAX)
            break;
        if (btns_addr_from_sa(&address[head.found], i->ai_addr, i->ai_addrlen) &&
            !address[head.found].scope)
            head.found++;
    }
    if (!head.error)
        freeaddrinfo(first);
    return put_lookup_answer(out, head, address, head.found * sizeof *address);
}

int lookup_in_child(void *arg, struct policy_stream *out)
{
    static int (*const put_kind[])(const char *name,
                                   struct policy_stream *out) = {[LOOKUP_USER] = put_user_lookup,
                                                                 [LOOKUP_GROUP] = put_group_lookup,
                                                                 [LOOKUP_HOST] = put_host_lookup};
    const struct lookups *l = arg;
    int rc = 0;
    for (size_t i = 0; !rc && i < l->n; i++)
        rc = put_kind[l->item[i].kind](l->item[i].name, out);
    return rc;
}

/* ---- decoding, in btnsd */

static bool take_answer_octets(const struct policy_stream *in, size_t *at, void *to, size_t len)
{
    if (in->len - *at < len)
        return false;
    if (len)
        memcpy(to, in->data + *at, len);
    *at += len;
    return true;
}

static bool is_plain_name(const struct btns_addr *a)
{
    struct btns_addr again;
    struct sockaddr_storage ss;
    socklen_t len = btns_addr_to_sa(a, a->family, &ss);
    return a->family && len && !a->port && !a->scope &&
           btns_addr_from_sa(&again, (struct sockaddr *)&ss, len) &&
           !memcmp(a, &again, sizeof again);
}

static bool take_lookup_addresses(const struct policy_stream *in, size_t *at, struct lookup *l,
                                  struct btns_addr *to)
{
    bool good =
        l->found <= LOOKUP_ADDRESSES_MAX && take_answer_octets(in, at, to, l->found * sizeof *to);
    for (unsigned i = 0; good && i < l->found; i++)
        good = is_plain_name(&to[i]);
    l->address = to;
    return good;
}

int lookup_take(struct lookups *l, const struct policy_stream *in)
{
    size_t at = 0, addresses = 0;
    l->address = calloc(in->len / sizeof *l->address + 1, sizeof *l->address);
    if (!l->address)
        return -ENOMEM;
    for (struct lookup *i = l->item; i < l->item + l->n; i++) {
        struct answer head;
        if (!take_answer_octets(in, &at, &head, sizeof head))
            return -EBADMSG;
        i->found = head.found;
        i->error = head.error;
        bool host = i->kind == LOOKUP_HOST;
        if (host ? !take_lookup_addresses(in, &at, i, l->address + addresses)
                 : i->found > 1 ||
                       !take_answer_octets(in, &at, &i->number, i->found * sizeof i->number))
            return -EBADMSG;
        addresses += host ? i->found : 0;
    }
    return at == in->len ? 0 : -EBADMSG;
}
