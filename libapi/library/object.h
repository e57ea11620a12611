/* The two opaque objects of <btns/ipsec.h>, and what every function of the library shares. */
#ifndef BTNS_LIBAPI_LIBRARY_OBJECT_H
#define BTNS_LIBAPI_LIBRARY_OBJECT_H

#include "libapi/btns/ipsec.h"
#include "libapi/library/attr_list.h"

#define EXPORT __attribute__((visibility("default")))

struct ipsec_policy {
    struct list list; /* BTNS_API_POLICY_TYPE first, then what was set */
};

struct ipsec_channel_info {
    struct list list;
    bool of_socket; /* what is latched, which nobody may change */
};

/*
 * Sets errno and the thread's reason. Returns -1. Words are kept only where there is memory for
 * them.
 */
int fail(int error, const char *words, ...) __attribute__((format(printf, 2, 3)));
/* Like fail() for a return value of -errno of a function that says no more. 0 stays 0. */
int finish(int rc, const char *call);

/* A channel info of a socket, from well-formed attributes. NULL: no memory. */
ipsec_channel_info_t *channel_of_socket(const void *list, size_t len);
/* Adds who the channel info is about to a question. 0, -ENODATA: nobody, or -ENOMEM. */
int channel_peer(struct list *who, const ipsec_channel_info_t *ci);
/*
 * [btnsd] Which peer is this socket latched to? attrs: of the question, which say the other end
 * where the socket itself does not. call: for words.
 */
int channel_with(const char *call, int fd, const void *attrs, size_t len,
                 ipsec_channel_info_t **ci);
/* Is nothing but a protected channel as good as the policy asks? */
bool policy_asks_protection(const ipsec_policy_t *p);
/* Does the channel info say who? */
bool channel_names_peer(const ipsec_channel_info_t *ci);

#endif
