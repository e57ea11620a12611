/* The two opaque objects of <btns/ipsec.h>, and functions that the whole library uses. */
#ifndef BTNS_LIBAPI_LIBRARY_OBJECT_H
#define BTNS_LIBAPI_LIBRARY_OBJECT_H

#include "libapi/btns/ipsec.h"
#include "libapi/library/attr_list.h"

#define EXPORT __attribute__((visibility("default")))

struct ipsec_policy {
    struct list list; /* begins with BTNS_API_POLICY_TYPE */
};

struct ipsec_channel_info {
    struct list list;
    bool of_socket; /* describes a real socket, so it cannot be changed */
};

/*
 * Sets errno and this thread's reason. Returns -1. The reason is lost if there is no memory for it.
 */
int thread_fail(int error, const char *words, ...) __attribute__((format(printf, 2, 3)));
/* thread_fail() for a function's result that is -errno without a reason. 0 stays 0. */
int thread_finish(int rc, const char *call);

/* Makes a socket's channel info from well-formed attributes. NULL: no memory. */
ipsec_channel_info_t *channel_info_from_attrs(const void *list, size_t len);
/*
 * Adds the peer that the channel info names to a question. Returns 0, -ENODATA (it names none) or
 * -ENOMEM.
 */
int socket_channel_peer(struct list *who, const ipsec_channel_info_t *ci);
/*
 * [btnsd] Which peer is this socket latched to? `attrs` belong to the question: they name the other
 * end if the socket is not connected. `call` names the function in the reason.
 */
int socket_channel_with(const char *call, int fd, const void *attrs, size_t len,
                        ipsec_channel_info_t **ci);
/* Does the policy accept only a protected channel? */
bool check_policy_asks_protection(const ipsec_policy_t *p);
/* Does the channel info name a peer? */
bool channel_names_peer(const ipsec_channel_info_t *ci);

#endif
