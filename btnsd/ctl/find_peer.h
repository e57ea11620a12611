/* Finds the peer that a person means by its name, its host's name, an address or a key. */
#ifndef BTNS_CTL_FIND_PEER_H
#define BTNS_CTL_FIND_PEER_H

#include "btnsd/ctl/commands.h"
#include "libapi/wire/addr.h"
#include "libapi/wire/key.h"

#include <stddef.h>

#define FOUND_PEER_MAX 8

struct found_peer {
    bool has_key;
    struct btns_key key;
    struct btns_addr addr[FOUND_PEER_MAX]; /* unless a key was given */
    size_t n;
};

/*
 * Looks for names of known peers before host names. 0, or -errno with err, which begins with
 * `what`: -EINVAL: the text is nothing of these; -ENOENT: no peer and no host has that name.
 */
int find_peer(const struct ctl *c, const char *what, const char *text, struct found_peer *found,
              struct err *err);

#endif
