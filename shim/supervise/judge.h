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

/* The facts about a call and its socket; for socket(), the socket that it would make. */
struct call_facts {
    enum call_kind kind;
    bool require;
    bool foreign; /* the program has another word size */
    int family, type, protocol;
    bool idle;      /* neither connected, connecting nor listening */
    bool addressed; /* there is an IPv4 or IPv6 address */
    bool permitted; /* a loopback address, or a name server that resolv.conf names */
    bool chosen;    /* the address has a port */
    bool probed;    /* ... and programs connect to that port only to learn their route */
    bool shut;      /* libbtns has set a policy and asks btnsd next: nothing is sent until then */
    bool limited;   /* libbtns has asked btnsd: the kernel sends only what a guard protects */
    bool fastopen;  /* MSG_FASTOPEN */
    bool keyless;   /* a TCP-MD5 key of length 0, which removes the key */
};

enum deed {
    DEED_GO_ON,   /* the kernel carries out the call as the program made it */
    DEED_CONNECT, /* the supervisor connects the socket without asking btnsd */
    DEED_PROBE,   /* likewise, and shuts it for sending: getaddrinfo() only wants the route */
    DEED_ASK,     /* btnsd is asked; then the supervisor connects, or the call fails */
    DEED_BIND,    /* the supervisor binds the socket to the address that it has read */
    DEED_SEND,    /* the supervisor sends the datagram to the address that it has read */
    DEED_LISTEN,  /* btnsd is asked; then the supervisor calls listen(), or the call fails */
    DEED_ADMIT,   /* btnsd is asked, unless it was before; then the kernel carries out accept() */
    DEED_FAIL,
};

struct decision {
    enum deed deed;
    int error;
    const char *why; /* a sentence for the person, once in a process; NULL: none */
};

struct decision judge(const struct call_facts *f);

#endif
