/*
 * The header that every message between btnsd and a client begins with, and the list of messages;
 * see PROTOCOL.md.
 */
#ifndef BTNS_LIBAPI_WIRE_HEADER_H
#define BTNS_LIBAPI_WIRE_HEADER_H

#include <stdint.h>

/*
 * AF_UNIX SOCK_SEQPACKET, one message a packet, host byte order (both ends are on one host), fixed
 * layouts without padding. Every message starts with struct btns_hdr. btnsd refuses a message whose
 * length is not exactly that of its type, or whose version differs, and closes the connection.
 */
#define BTNS_SOCKET       "/run/btns/btnsd.sock"
#define BTNS_WIRE_VERSION 1
#define BTNS_TEXT_MAX     512  /* a reason, NUL-terminated */
#define BTNS_WRONG_MAX    2048 /* several reasons, a line each */
#define BTNS_NAME_MAX     64   /* a rule, suite or program name, NUL-terminated */
#define BTNS_PATH_MAX     1024 /* a path, NUL-terminated */
#define BTNS_WORDS_MAX    208  /* a policy's description for people, NUL-terminated */
#define BTNS_POLICY_MAX   65536
#define BTNS_MSG_MAX      (BTNS_POLICY_MAX + 64)

enum btns_type {
    /* requests of a program's shim */
    BTNS_REQ_CONNECT = 1, /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_REQ_LISTEN,      /* struct btns_flow, socket attached; answered by BTNS_REP_VERDICT */
    BTNS_MSG_CONNECTING,  /* struct btns_flow, one way: a warm connect() is about to be made */
    BTNS_MSG_ACCEPTED,    /* struct btns_flow, one way: accept() returned this connection */
    /* struct btns_flow: why did an allowed connect() fail? BTNS_REP_VERDICT */
    BTNS_REQ_CONNECT_FAILURE,
    /* requests of commands that people run */
    BTNS_REQ_EXPLAIN, /* struct btns_explain; answered by BTNS_REP_VERDICT; changes nothing */
    BTNS_REQ_POLICY,  /* struct btns_hdr, then the policy's text; answered by BTNS_REP_POLICY */
    BTNS_REQ_STATUS,  /* struct btns_hdr; answered by BTNS_REP_STATUS */
    BTNS_REQ_LATCHES, /* struct btns_hdr; answered by any number of BTNS_REP_LATCH, BTNS_REP_END */
    BTNS_REQ_PEERS,   /* struct btns_hdr; answered by any number of BTNS_REP_PEER, BTNS_REP_END */
    BTNS_REQ_RELOAD,  /* struct btns_hdr; answered by BTNS_REP_END; root only */
    BTNS_REQ_FORGET,  /* struct btns_forget; answered by BTNS_REP_END; root only */
    /*
     * struct btns_candidates; answered by any number of BTNS_REP_CANDIDATE, then BTNS_REP_VERDICT;
     * or BTNS_REP_END: refused; changes nothing
     */
    BTNS_REQ_CANDIDATES,
    BTNS_REQ_WATCH, /* struct btns_watch; answered by BTNS_REP_EVENTs until it closes */
    /*
     * struct btns_try, socket attached: BTNS_REQ_CONNECT as if another program asked; root only;
     * answered by BTNS_REP_VERDICT
     */
    BTNS_REQ_TRY,
    BTNS_REQ_NOLATCH,       /* struct btns_nolatch; answered by BTNS_REP_END; root only */
    BTNS_REQ_POLICY_ADD,    /* struct btns_policy_add, then the policy's text; BTNS_REP_END */
    BTNS_REQ_POLICY_REMOVE, /* struct btns_policy_name; answered by BTNS_REP_END */
    BTNS_REQ_POLICY_BLOCK,  /* struct btns_policy_name; answered by BTNS_REP_END */
    /*
     * struct btns_policy_name (no name); answered by any number of BTNS_REP_POLICY_ITEM,
     * BTNS_REP_END
     */
    BTNS_REQ_POLICY_LIST,
    BTNS_REQ_PIN, /* struct btns_pin; answered by BTNS_REP_END; root only */
    /*
     * struct btns_flow, socket attached: may a connection be accepted that came in before its
     * listener had a verdict? BTNS_REP_VERDICT
     */
    BTNS_REQ_ACCEPTED,
    /*
     * struct btns_hdr, a struct btns_ring attached, one way: from now on the sender may put one-way
     * messages there
     */
    BTNS_MSG_RING,
    /*
     * struct btns_hdr, a pidfd attached: further requests on this connection are made in the name
     * of that process; answered by BTNS_REP_END
     */
    BTNS_REQ_SPEAK,
    /*
     * struct btns_hdr, one end of a socket pair attached, one way: the sender's other end becomes a
     * connection like those made to the path
     */
    BTNS_MSG_CHANNEL,
    /*
     * struct btns_import, a sealed memfd with known_peers' lines attached; answered by
     * BTNS_REP_END, whose text says what was added; root only
     */
    BTNS_REQ_IMPORT,
    /*
     * struct btns_keyscan; answered by BTNS_REP_END, whose text is the key that the host claims;
     * root only
     */
    BTNS_REQ_KEYSCAN,
    /* struct btns_hdr; answered by BTNS_REP_END, whose text says the new host key; root only */
    BTNS_REQ_ROTATE,
    BTNS_REQ_LAST = BTNS_REQ_ROTATE,

    /*
     * requests of libbtns, whose layout never changes: a header, then attributes (attrs.h). Each
     * has a socket attached and is answered by BTNS_API_ANSWER. PROTOCOL.md lists the attributes.
     */
    BTNS_API_SET_POLICY = 32, /* what the program asks for on this socket */
    BTNS_API_SET_PEER,        /* the only peer allowed at its other end */
    BTNS_API_GET_POLICY,
    BTNS_API_CONNECT, /* before connect() of a socket with a policy or an expected peer */
    BTNS_API_LISTEN,  /* likewise, before listen() */
    BTNS_API_INQUIRE, /* what is this socket latched to? */
    BTNS_API_WATCH,   /* BTNS_API_EVENTs until it closes */
    BTNS_API_LAST = BTNS_API_WATCH,

    BTNS_REP_VERDICT = 64,
    BTNS_REP_POLICY,
    BTNS_REP_STATUS,
    BTNS_REP_LATCH,
    BTNS_REP_PEER,
    BTNS_REP_END,
    BTNS_REP_CANDIDATE,
    BTNS_REP_EVENT,
    BTNS_REP_POLICY_ITEM,

    BTNS_API_ANSWER = 96,
    BTNS_API_EVENT,
};

/*
 * btnsd's bits in the mark of a socket with its own policy: a stream socket is shut until btnsd has
 * been asked about it; a datagram socket is limited to what guards protect. libbtns and the
 * supervisor look for these bits.
 */
#define BTNS_SHUT_MARK      0x4000u
#define BTNS_UNGUARDED_MARK 0x8000u
#define BTNS_POLICY_MARKS   (BTNS_SHUT_MARK | BTNS_UNGUARDED_MARK)

struct btns_hdr {
    uint16_t version; /* BTNS_WIRE_VERSION; of BTNS_API_*: BTNS_API_VERSION (attrs.h) */
    uint16_t type;    /* enum btns_type */
    uint32_t id;      /* chosen by the client, echoed in every answer */
};

#define BTNS_UID_OWN UINT32_MAX /* the caller's own */

#endif
