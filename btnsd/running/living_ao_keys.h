/*
 * Living connections that are signed by TCP-AO: when the rule's key file changes, they get its new
 * keys, and the peer is asked to sign with the next key (RNextKeyID, RFC 5925), just as the peer
 * asks this host. They keep the old keys, because nothing tells when the last segment signed with
 * one has come.
 */
#ifndef BTNS_RUNNING_LIVING_AO_KEYS_H
#define BTNS_RUNNING_LIVING_AO_KEYS_H

#include "btnsd/state/daemon.h"

/* Records that a connection of process pid of this user to this peer has the keys of `key`. */
struct living_keys_of {
    uint64_t cookie;
    pid_t pid;
    uid_t uid;
    struct btns_addr remote;
};
void living_keys_note(struct btnsd *d, const struct living_keys_of *of, const struct sign_key *key);
/* The socket is gone. */
void living_keys_gone(struct btnsd *d, uint64_t cookie);
/* New rules are in force. */
void living_keys_review(struct btnsd *d);
void living_keys_end(struct btnsd *d);

#endif
