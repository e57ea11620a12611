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
    bool addressed; /* there is an address, of IPv4 or IPv6 */
    bool loopback;
    bool nameserver; /* of resolv.conf */
    bool chosen;     /* the address has a port */
    bool probed;     /* ... and it is one that only a search for routes connects to */
    bool within;     /* libc itself makes the call, in a program that has the shim */
    bool further;    /* a later message of sendmmsg() has an address, or one has control data */
    bool shut;       /* btnsd has shut the socket: libbtns has set a policy, and asks next */
    bool limited;  /* the kernel sends only datagrams that a guard protects, as libbtns has asked */
    bool fastopen; /* MSG_FASTOPEN */
    bool keyless;  /* the TCP-MD5 key is empty, so the call removes the key */
};

enum deed {
    DEED_GO_ON,   /* the kernel carries it out, as the program made it */
    DEED_CONNECT, /* the supervisor connects the socket, without a question */
    DEED_PROBE,  /* the same, and the socket is shut for sending: getaddrinfo() wants the route only
                  */
    DEED_ASK,    /* btnsd is asked; then the supervisor connects or sends, or the call fails */
    DEED_BIND,   /* the supervisor binds the socket, to the address that it has read */
    DEED_SEND,   /* the supervisor sends the datagram, to the address that it has read */
    DEED_HEAR,   /* the supervisor binds the socket and asks btnsd; until then the socket receives
                    nothing */
    DEED_LISTEN, /* btnsd is asked; then the supervisor calls listen(), or the call fails */
    DEED_ADMIT,  /* btnsd is asked, unless it was before; then the kernel carries out accept() */
    DEED_FAIL,
};

struct decision {
    enum deed deed;
    int error;
    const char *why; /* a sentence for the person, once in a process; NULL: none */
};

struct decision judge(const struct call_facts *f);

#endif
