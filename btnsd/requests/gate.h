/*
 * Checks, before any handler runs, that a request comes from a sender who may make it. A message
 * and its descriptor prove nothing; each request lists which facts must be true of its sender and
 * socket. Takes facts and returns a verdict. Pure.
 */
#ifndef BTNS_REQUESTS_GATE_H
#define BTNS_REQUESTS_GATE_H

#include "btnsd/base/netns.h"
#include "btnsd/plan/kinship.h"

#include <stdbool.h>
#include <sys/types.h>

/* The facts that a request needs to be true. */
#define GATE_ROOT   0x1u  /* root sent it, over a connection that root opened */
#define GATE_SOCKET 0x2u  /* a socket of this network namespace is attached; else nothing may be */
#define GATE_HERE   0x4u  /* the sender's end of the connection is in this network namespace */
#define GATE_OPENER 0x8u  /* the user who sent it also opened the connection */
#define GATE_MEMORY 0x10u /* a file is attached, which must be memory: the handler checks that */
#define GATE_SHARED 0x20u /* it may come in memory that a program shares with btnsd */
/* a pidfd is attached, of a process that the sender may speak for: see kinship.h */
#define GATE_PROCESS 0x40u
#define GATE_CHANNEL 0x80u /* a connection is attached: the handler checks whose it is */

/* Facts about a message, all from the kernel. */
struct gate_facts {
    uid_t sender, opener; /* uids of the message and of the connection */
    bool attached;        /* a descriptor came with it */
    bool is_socket;
    bool shared;       /* it was in shared memory */
    enum netns socket; /* the namespace of the descriptor */
    enum netns client; /* the namespace of the sender's end of the connection */
    bool spoken;       /* the sender speaks for another process */
    enum kinship kin;  /* of that process, or of the attached pidfd's, to the sender */
};

enum gate {
    GATE_PASS,
    GATE_CLOSE,      /* no honest client does this */
    GATE_ROOT_ONLY,  /* only root may make this request */
    GATE_NO_SOCKET,  /* the attached descriptor is no socket */
    GATE_ELSEWHERE,  /* the request is about another network namespace */
    GATE_UNKNOWABLE, /* the kernel does not tell the network namespace */
    GATE_NO_PROCESS, /* the attached descriptor is no pidfd, or its process has ended */
    GATE_STRANGER,   /* the sender may not speak for that process */
};

/* Root's requests count only on a connection that root opened. */
bool gate_is_root(uid_t sender, uid_t opener);
enum gate gate_decide(unsigned needs, const struct gate_facts *f);
/* The message for the client, and its errno. Not to be used for GATE_PASS and GATE_CLOSE. */
const char *gate_text(enum gate g, int *error);

#endif
