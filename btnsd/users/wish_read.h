/*
 * Parses the policy that a program sets on a socket, from the attributes of a BTNS_API_* message.
 * Pure.
 */
#ifndef BTNS_USERS_WISH_READ_H
#define BTNS_USERS_WISH_READ_H

#include "btnsd/rules/model/wish.h"

#include <stddef.h>

/*
 * Sets everything of w but the expected peer, from a policy's attributes. 0, or -errno with err:
 * -EINVAL, a wrong length or value; -ENOENT, no such suite or peer's name; -EOPNOTSUPP, an
 * attribute that this btnsd does not know, which must not be ignored.
 */
int wish_read_policy(struct wish *w, const void *list, size_t size, wish_key_named *named,
                     const void *arg, struct err *err);
/* Sets the expected peer. -ENODATA: the attributes name no key; -EOPNOTSUPP: not an Ed25519 key. */
int wish_read_peer(struct wish *w, const void *list, size_t size, struct err *err);
/* Does the wish bypass protection, which needs privilege? */
bool wish_asks_bypass(const void *list, size_t size);

#endif
