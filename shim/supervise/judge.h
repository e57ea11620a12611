/* Judges one call of the program: facts in, decision out. */
#ifndef BTNS_SHIM_SUPERVISE_JUDGE_H
#define BTNS_SHIM_SUPERVISE_JUDGE_H

#include <stdbool.h>

enum call_kind {
    KIND_SOCKET,
    KIND_CONNECT,
    KIND_LISTEN,
    KIND_ACCEPT,
    KIND_BIND,
    KIND_SEND,
    KIND_UNSIGN
};

/* The call and its socket; of socket(), the socket that would be made. */
struct call_facts {
    enum call_kind kind;
    bool require;
    bool foreign; /* of a program of another word size */
    int family, type, protocol;
    bool idle;      /* neither connected, connecting nor listening */
    bool addressed; /* there is an address, of IPv4 or IPv6 */
    bool permitted; /* a loopback address, or a name server of resolv.conf */
    bool chosen;    /* the address has a port */
    bool probed;    /* ... and it is one that only a search for routes connects to */
    bool shut;      /* btnsd has shut the socket: libbtns has set a policy, and asks next */
    bool limited;   /* the kernel sends nothing from it but what a guard protects: libbtns asked */
    bool fastopen;  /* MSG_FASTOPEN */
    bool keyless;   /* a key of TCP-MD5 that has no octets: it is removed */
};

enum deed {
    DEED_GO_ON,   /* the kernel carries it out, as the program made it */
    DEED_CONNECT, /* the supervisor connects the socket, without a question */
    DEED_PROBE,   /* the same, and nothing can be sent by it: getaddrinfo() wants the route only */
    DEED_ASK,     /* btnsd is asked; then the supervisor connects, or the call fails */
    DEED_BIND,    /* the supervisor binds the socket, to the address that it has read */
    DEED_SEND,    /* the supervisor sends the datagram, to the address that it has read */
    DEED_LISTEN,  /* btnsd is asked; then the supervisor calls listen(), or the call fails */
    DEED_ADMIT,   /* btnsd is asked if it was not about this listener; then accept() goes on */
    DEED_FAIL,
};

struct decision {
    enum deed deed;
    int error;
    const char *why; /* said to the person, once a process; NULL: nothing is said */
};

struct decision judge(const struct call_facts *f);

#endif
