/*
 * The interfaces between the parts of this fuzzer: btnsd's state, its clients, the kernel, charon.
 */
#ifndef BTNS_TEST_FUZZ_REQUEST_PLAYED_H
#define BTNS_TEST_FUZZ_REQUEST_PLAYED_H

#include "btnsd/requests/table.h"

#include <stdio.h>
#include <stdlib.h>

static inline void fail(const char *what)
{
    fprintf(stderr, "not so: %s\n", what);
    abort();
}
#define demand(condition) ((condition) ? (void)0 : fail(#condition))

extern struct btnsd d;

/* ---- clients.c ---- */

#define CLIENTS 6 /* of root, root, a user, him; him elsewhere; root on a connection of his */
struct client {
    uid_t uid, opener;
    enum netns netns;
    void (*gone)(void *arg);
    void *arg;
    unsigned answers;
    bool list_over;
    struct list *lists;
    uint32_t id;
    struct btns_about about;
};
extern struct client client[CLIENTS];

void send_lists(void);
void hang_up(struct client *c);

/* ---- sockets.c: those that come with messages ---- */

/*
 * TCP over IPv4, over IPv6, bound; UDP; TCP that is not bound; TCP of another network namespace;
 * and TCP over IPv4, connected
 */
extern int sockets[6];

void sockets_make(void);
uint64_t cookie_of(int fd);
uid_t owner_of(uint64_t cookie);
/* Has the owner of the socket announced it, or has a client passed it? */
bool somebody_may_act(uint64_t cookie);

/* ---- kernel.c ---- */

size_t spd_size(void);
struct btns_addr own_address(int family);

/* ---- charon.c: its exchanges with peers ---- */

/* Ends the newest exchange, with this result. */
void exchange_end(unsigned how);
bool exchanges_none(void);

/* ---- known_peers.c ---- */

void known_peers_clear(void);

/* ---- policies.c ---- */

struct rules *policy_in_force(struct err *err);
void finish_reading(void);

/* ---- messages.c ---- */

/* Sends a message of these octets in the way that `how` says. */
void message_step(struct client *c, unsigned how, const uint8_t *body, size_t len);
/*
 * Unless `raw`, corrects the fields without which hardly any message would get past the first
 * checks.
 */
void make_right(struct btns_hdr *h, size_t len, int with, bool raw);

/* ---- kernel_events.c ---- */

void sa_event(unsigned how);
void mirror_event(unsigned how);

#endif
