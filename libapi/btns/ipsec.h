/* clang-format off */
/*
 * <btns/ipsec.h>: who is at the other end of this socket, and is it the same peer as last time? Manual: ipsec-api(7).
 *
 * It has all functions of draft-komu-btns-api-00 with their names and signatures ("draft 2.1.1" below is its section);
 * what the draft leaves open is filled in, and additions are marked "added". Link with `pkg-config --libs btns`; the
 * functions that need OpenSSL are in libbtns-openssl.so (`pkg-config --libs btns-openssl`).
 *
 * Conventions, for every function unless it says otherwise:
 * - 0 is success. -1 is failure, with errno set; ipsec_get_reason() then explains it to a person. Output arguments are
 *   set on success only. Functions that return a pointer return NULL for failure.
 * - ipsec_cmp_*(): 0 equal, 1 different, -1 with errno. A caller must treat what could not be compared as not equal.
 * - The caller owns what a function allocates: objects are freed with their ipsec_free_*(), attribute values with
 *   free() (or ipsec_free_attr(), from languages whose free() is another one).
 * - An object may be used by one thread at a time; different objects may be used at once. No function changes its const
 *   arguments. Objects hold no descriptor, and fork() copies them. No function may be called from a signal handler.
 * - The library writes no output, installs no signal handler or atexit() function, starts no thread, and keeps no
 *   descriptor between calls: a call that needs btnsd opens one, close-on-exec and above 2, and closes it. So any
 *   thread and any child of fork() may call.
 * - EINVAL: a pointer that must not be NULL is NULL, a length is wrong, or a value is not one of those listed. ENOMEM:
 *   no memory. Any function that takes `fd`: EBADF; ENOTSOCK; EAFNOSUPPORT, neither IPv4 nor IPv6; EPROTONOSUPPORT,
 *   neither TCP nor UDP. Any function that needs btnsd (marked [btnsd]): ENETDOWN, btnsd does not run or answer, or
 *   belongs to another network namespace; EPROTO, it does not understand this library; EMFILE, ENFILE. These are not
 *   repeated below.
 * - Attribute values of 4 octets are uint32_t, those of 8 are uint64_t, in the host's byte order and at any alignment.
 *   Texts are UTF-8; their length does not count a NUL, but a text that is read has a NUL behind it.
 */
#ifndef BTNS_LIBAPI_BTNS_IPSEC_H
#define BTNS_LIBAPI_BTNS_IPSEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IPSEC_API_VERSION 1u
/* added: the API version of the loaded library; at least the IPSEC_API_VERSION that the program was compiled with. */
uint32_t ipsec_api_version(void);

/* Draft 2.1.1, figure 2, and 2.2.1, figure 8 (the draft has the two words of each typedef in the wrong order). */
typedef struct ipsec_policy ipsec_policy_t;
typedef struct ipsec_channel_info ipsec_channel_info_t;

/* ---------------------------------------------------------------- policies: what a program asks for */

/* Draft table 1: what the rules say; attributes can only make it stricter. */
#define IPSEC_DEFAULT_POLICY 0u

/* A new policy object, or NULL: EINVAL (type), ENOMEM. It has no effect until it is attached (draft 2.1.3). */
ipsec_policy_t *ipsec_create_policy(uint32_t type);
ipsec_policy_t *ipsec_new_policy(uint32_t type); /* the name that the draft's examples use */
int ipsec_free_policy(ipsec_policy_t *policy);   /* 0; NULL is allowed */

/* Draft table 2: 4 octets, 0 or 1. With either of its two attributes set, the socket is protected or its calls fail. */
enum ipsec_policy_attr {
    /* 1: a key that nobody vouches for is accepted, if rules accept it; 0: refused (EPERM). Default: as rules say */
    IPSEC_BTNS_STANDALONE = 1,
    /*
     * 1: a key that nobody vouches for is accepted only together with TLS that is bound to the channel: the channel
     * counts as authenticated (IPSEC_CHANNEL_AUTH == IPSEC_AUTH_TLS_BOUND) only after ipsec_openssl_to_channel_info(),
     * which fails unless the TLS peer is verified and confirms the channel.
     */
    IPSEC_BTNS_CHANNEL_BINDING = 2,

    /* added */
    IPSEC_POLICY_ACTION = 0x101,  /* 4: enum ipsec_action */
    IPSEC_POLICY_PROFILE = 0x102, /* text: a profile's name (abstract API: policyName) */
    IPSEC_POLICY_SUITE = 0x103,   /* text: e.g. "aes256gcm16" */
    IPSEC_POLICY_KEY_BITS = 0x104, /* 4: least number of key bits; 0: integrity without encryption will do */
    IPSEC_POLICY_IDENTITY = 0x105, /* 4: enum ipsec_identity */
    IPSEC_POLICY_PEER = 0x106, /* text: the only peers allowed: "ed25519:BASE64", or names of known_peers, separated by commas */
    IPSEC_POLICY_TIMEOUT = 0x107,  /* 4: milliseconds a call waits for protection; 0: as rules say */
    IPSEC_POLICY_TLS_BINDING = 0x108 /* 4: enum ipsec_tls_binding */
};

enum ipsec_action {
    IPSEC_ACTION_DEFAULT = 0, /* as rules say */
    IPSEC_ACTION_PROTECT = 1, /* protected or not at all */
    IPSEC_ACTION_PREFER = 2,  /* protected if possible, unless a rule demands protection */
    IPSEC_ACTION_BYPASS = 3   /* EPERM when attached: only rules and btns-run --bypass can allow that */
};
enum ipsec_identity {
    IPSEC_IDENTITY_DEFAULT = 0,
    IPSEC_IDENTITY_ANY_KEY = 1,   /* any peer that proves a key; a different one each time is accepted */
    IPSEC_IDENTITY_KNOWN_KEY = 2, /* the key first seen at an address, and only that key from then on */
    IPSEC_IDENTITY_NAMED = 3,     /* those of IPSEC_POLICY_PEER */
    IPSEC_IDENTITY_CERTIFICATE = 4
};
enum ipsec_tls_binding {
    IPSEC_TLS_END_POINT = 0, /* tls-server-end-point (RFC 5929): equal for all connections to that certificate */
    IPSEC_TLS_EXPORTER = 1   /* tls-exporter (RFC 9266): of this one connection */
};

/*
 * Draft 2.1.2, figure 4. get allocates *attr_val. Errors: ENOPROTOOPT, no such attribute; ENODATA (get), it has not
 * been set; EINVAL (set), wrong length or value. Whether the rules allow the value is decided when the policy is
 * attached.
 */
int ipsec_get_policy_attr(const ipsec_policy_t *policy, uint32_t attr_type, uint32_t *attr_len,
                          void **attr_val);
int ipsec_set_policy_attr(ipsec_policy_t *policy, uint32_t attr_type, uint32_t attr_len,
                          const void *attr_val);
int ipsec_cmp_policy(ipsec_policy_t *p1, ipsec_policy_t *p2);       /* draft 2.1.5, figure 7 */
int ipsec_dup_policy(ipsec_policy_t *p, ipsec_policy_t **p_dup);    /* ENOMEM */

/*
 * Draft 2.1.3, figure 5. [btnsd] set: before connect() or listen(), any number of times; the last call counts. A
 * listener's policy applies to all connections that it accepts. policy NULL removes the policy. From then on the socket
 * is shut until btnsd has been asked about it: where neither libbtns is linked nor the shim preloaded, so that
 * connect() goes to the kernel unseen, connect() fails with EPERM (use ipsec_connect()), and a listener gets no
 * connections (use ipsec_listen()). On a UDP socket: before connect(), or before the first datagram. The socket stays
 * limited: btnsd is asked about each sendto(), sendmsg() and sendmmsg() with an address, and without protection the
 * kernel sends nothing for calls that bypass the library. A server calls bind(), then ipsec_listen(), or listen() if
 * libbtns is linked. Errors: EISCONN, the socket is connected, connecting or listening already; EPERM,
 * IPSEC_ACTION_BYPASS; ENOENT, no such suite or peer name; EOPNOTSUPP, this btnsd does not know an attribute; ENOSPC,
 * this user's sockets have too many policies. What the rule for the peer does not allow is reported by connect() or
 * listen(): EPERM, EOPNOTSUPP, ENOENT (a profile). get: ENODATA, no policy is attached.
 */
int ipsec_set_socket_policy(int fd, const ipsec_policy_t *policy);
int ipsec_get_socket_policy(int fd, ipsec_policy_t **policy);

/*
 * Draft 2.1.4, figure 6: for the next ipsec_sendmsg() or ipsec_recvmsg() of this thread with this msghdr (or for
 * sendmsg(), sendmmsg() and recvmsg(), if libbtns is linked). TCP: the call checks the channel first, and fails before
 * a byte is sent. A datagram to send: btnsd is asked about its destination, msg_name or the socket's peer, and protects
 * the datagram as the policy asks; otherwise the call fails and nothing is sent. If the call may not wait (O_NONBLOCK,
 * MSG_DONTWAIT), the kernel holds the datagram until it is protected. The message's policy takes precedence over the
 * socket's; a peer that only one of the two names counts. To receive: a datagram that is protected less than the policy
 * asks is dropped, see ipsec_recvmsg(). Nothing that msg points to is touched. policy NULL removes the policy. Each
 * thread remembers the 8 msghdrs that were set last, by address. get: ENODATA, no policy is set.
 */
int ipsec_set_msg_policy(const struct msghdr *msg, const ipsec_policy_t *policy);
int ipsec_get_msg_policy(const struct msghdr *msg, ipsec_policy_t **policy);

/* ---------------------------------------------------------------- channel infos: the peer and the protection */

/* Draft 2.2.1, figure 9. A new, empty object; NULL: ENOMEM. free: 0; NULL is allowed. */
ipsec_channel_info_t *ipsec_create_channel_info(void);
int ipsec_free_channel_info(ipsec_channel_info_t *ci);

/* Draft table 3 (empty there). ID: part of the peer's identity: compared, exported, can be set. Others: read-only. */
enum ipsec_channel_attr {
    /* latch: draft-ietf-btns-connection-latching-02, section 2 */
    IPSEC_CHANNEL_STATE = 0x1001,       /* 4: enum ipsec_state */
    IPSEC_CHANNEL_REASON_CODE = 0x1002, /* 4: enum ipsec_reason; 0: no failure */
    IPSEC_CHANNEL_REASON = 0x1003,      /* text, for a person */
    IPSEC_CHANNEL_LATCHED_AT = 0x1004,  /* 8: seconds since 1970 */
    IPSEC_CHANNEL_RULE = 0x1005,        /* text: "name (file:line)" of the rule that decided */
    IPSEC_CHANNEL_PROFILE = 0x1006,     /* text: the rule's profile (abstract API: policyName); ENODATA if nothing is protected */
    /* protection (L3; abstract API 7) */
    IPSEC_CHANNEL_CONFIDENTIAL = 0x1101,  /* 4: 0 or 1 (privacyProtected) */
    IPSEC_CHANNEL_INTEGRITY = 0x1102,     /* 4: 0 or 1 (integrityProtected) */
    IPSEC_CHANNEL_PROTOCOL = 0x1103,      /* 4: IPPROTO_ESP, or 0: in the clear */
    IPSEC_CHANNEL_MODE = 0x1104,          /* 4: 0 transport, 1 tunnel (tunnelMode), 2 BEET */
    IPSEC_CHANNEL_SUITE = 0x1105,         /* text: "aes256gcm16" */
    IPSEC_CHANNEL_KEY_BITS = 0x1106,      /* 4: of the cipher, without salt */
    IPSEC_CHANNEL_ICV_BITS = 0x1107,      /* 4 */
    IPSEC_CHANNEL_REPLAY_WINDOW = 0x1108, /* 4: packets; 0: replays are not noticed */
    IPSEC_CHANNEL_REQID = 0x1109,         /* 4: the kernel's name of (own key, peer key, suite), this boot */
    IPSEC_CHANNEL_SPI_OUT = 0x110a,       /* 4: of what is sent now */
    IPSEC_CHANNEL_SPIS_IN = 0x110b,       /* 4 * n, n >= 1: the SPIs that are accepted now */
    /* ends */
    IPSEC_CHANNEL_TRANSPORT = 0x1201,      /* 4: IPPROTO_TCP, IPPROTO_UDP */
    IPSEC_CHANNEL_LOCAL_ADDRESS = 0x1202,  /* struct sockaddr_in or sockaddr_in6, with the port */
    IPSEC_CHANNEL_REMOTE_ADDRESS = 0x1203, /* likewise */
    IPSEC_CHANNEL_NAT = 0x1204,            /* 4: bits: 1, this end is translated; 2, the other end is (L10); 0: none */
    IPSEC_CHANNEL_NAT_LOCAL = 0x1205,      /* sockaddr: own address and ESP's UDP port */
    IPSEC_CHANNEL_NAT_OUTER = 0x1206,      /* sockaddr: the peer's outer address, as this host sees it */
    IPSEC_CHANNEL_NAT_INNER = 0x1207,      /* sockaddr: the peer's own address, as the peer reports it; port 0; ENODATA without NAT */
    /* who (L9; abstract API 8, iToken) */
    IPSEC_CHANNEL_PEER_KEY = 0x1301,      /* ID. 32 octets: Ed25519 public key, or SHA-256 of a certificate's key */
    IPSEC_CHANNEL_PEER_KEY_TYPE = 0x1302, /* ID. 4: enum ipsec_key_type; set it before the key (default Ed25519) */
    IPSEC_CHANNEL_PEER_ID = 0x1303,       /* text: "ed25519:BASE64" (pubKeyID) */
    IPSEC_CHANNEL_PEER_NAME = 0x1304,     /* text: of known_peers */
    IPSEC_CHANNEL_LOCAL_KEY = 0x1305,     /* 32 octets: this host's (remote_iToken) */
    IPSEC_CHANNEL_AUTH = 0x1306,          /* 4: enum ipsec_auth (authenticationMethod) */
    IPSEC_CHANNEL_FIRST_SEEN = 0x1307,    /* 8: seconds since 1970 when this key was first proved */
    IPSEC_CHANNEL_CERTIFICATE = 0x1308,   /* DER: the peer's */
    IPSEC_CHANNEL_TRUST_ANCHOR = 0x1309,  /* DER: of the authority that vouched for it */
    IPSEC_CHANNEL_CERTIFICATE_DN = 0x130a, /* text (certificateDN) */
    IPSEC_CHANNEL_AUTHORITY_DN = 0x130b,   /* text (certificateAuthorityDN) */
    /* binding: both ends compute the same octets, and no two pairs of keys have the same */
    IPSEC_CHANNEL_BINDING = 0x1401,      /* 32 octets: SHA-256 over both keys (RFC 5056; see ipsec-api(7)) */
    IPSEC_CHANNEL_TLS_END_POINT = 0x1402, /* ID. tls-server-end-point: 32, 48 or 64 octets */
    IPSEC_CHANNEL_TLS_EXPORTER = 0x1403,  /* 32 octets: tls-exporter; never compared or exported */
    IPSEC_CHANNEL_TLS_BOUND = 0x1404,     /* 4: enum ipsec_tls_bound: how TLS and the channel were found to belong together */
    /* for logs and people: the format may change, and contains no secret */
    IPSEC_CHANNEL_AUDIT = 0x1501,      /* text (auditString) */
    IPSEC_CHANNEL_INFORMATION = 0x1502 /* text (informationString) */
};

enum ipsec_state { /* the names of both drafts: BROKEN is a Failed latch that may recover, CLOSED one that never does */
    IPSEC_STATE_LISTENER = 1,
    IPSEC_STATE_LARVAL,
    IPSEC_STATE_ESTABLISHED,
    IPSEC_STATE_BROKEN,
    IPSEC_STATE_CLEAR, /* no latch: in the clear, as a rule allows */
    IPSEC_STATE_CLOSED
};
enum ipsec_reason { /* the order of btnsd's own list; later versions may add values at the end */
    IPSEC_REASON_NONE = 0, IPSEC_REASON_IDENTITY, IPSEC_REASON_WEAKER, IPSEC_REASON_OVERRIDDEN,
    IPSEC_REASON_PEER_GONE, IPSEC_REASON_MANAGER, IPSEC_REASON_RULE, IPSEC_REASON_CONFLICT,
    IPSEC_REASON_NO_LATCH, IPSEC_REASON_OFF, IPSEC_REASON_RESTARTED, IPSEC_REASON_RESOURCES,
    IPSEC_REASON_UNPROTECTED, IPSEC_REASON_ENDED, IPSEC_REASON_BYPASSED,
    IPSEC_REASON_REVOKED
};
enum ipsec_key_type { IPSEC_KEY_ED25519 = 1, IPSEC_KEY_SPKI_SHA256 = 2, IPSEC_KEY_MANUAL = 3 };
enum ipsec_auth { /* abstract API, section 8 */
    IPSEC_AUTH_NONE = 0,
    IPSEC_AUTH_BTNS = 1,         /* the key was proved, and is seen for the first time */
    IPSEC_AUTH_LEAP_OF_FAITH = 2, /* the key was proved and seen before, but nobody has vouched for it */
    IPSEC_AUTH_PRESHARED_KEY = 3,
    IPSEC_AUTH_GROUP_KEY = 4,
    IPSEC_AUTH_XAUTH = 5,
    IPSEC_AUTH_EAP = 6,
    IPSEC_AUTH_PKIX_TRUSTED = 7,
    IPSEC_AUTH_PKIX_INLINE = 8,
    IPSEC_AUTH_PKIX_OFFLINE = 9,
    IPSEC_AUTH_PINNED_KEY = 0x100, /* added: the administrator vouches for the key */
    IPSEC_AUTH_TLS_BOUND = 0x101   /* added: a verified TLS peer vouches for it */
};
enum ipsec_tls_bound {
    IPSEC_TLS_BOUND_NOT = 0,
    IPSEC_TLS_BOUND_STORED = 1,    /* equal to the value of last time (draft); the first time proves nothing */
    IPSEC_TLS_BOUND_CERTIFICATE = 2, /* the TLS certificate names the key (URI "ipsec-key:ed25519:BASE64") */
    IPSEC_TLS_BOUND_HANDSHAKE = 3  /* both ends told each other in the handshake which channel they see (ipsec_tls_offer()) */
};

/*
 * Draft 2.2.2, figure 10 and table 4. Errors: ENOPROTOOPT, no such attribute; ENODATA (get), this channel does not have
 * it; EROFS (set), the attribute is not marked ID, or ci came from a socket; EINVAL (set), wrong length.
 */
int ipsec_set_channel_attr(ipsec_channel_info_t *ci, uint32_t attr_type, uint32_t attr_len,
                           const void *attr_val);
int ipsec_get_channel_attr(const ipsec_channel_info_t *ci, uint32_t attr_type, uint32_t *attr_len,
                           void **attr_val);

/*
 * Draft 2.2.3, figure 11. [btnsd] set: before connect() or listen(): allow only the peer that ci describes. If another
 * peer is there, connect() fails with EPERM and nothing was sent. ci NULL removes the condition. Errors: as
 * ipsec_set_socket_policy(), and ENODATA, ci names no peer; EOPNOTSUPP, its key is not an Ed25519 key. get: what the
 * socket is latched to (connected, accepted), or LISTENER. It never waits. A connection in the clear is
 * IPSEC_STATE_CLEAR, not an error; one that btnsd ended is CLOSED, with the reason. Errors: ENOTCONN, the socket is
 * neither connected nor listening.
 */
int ipsec_set_socket_channel_info(int fd, const ipsec_channel_info_t *ci);
int ipsec_get_socket_channel_info(int fd, ipsec_channel_info_t **ci);

/*
 * Draft 2.2.4, figure 12. set: as ipsec_set_msg_policy(); the sending or receiving call then fails with ENOKEY if
 * another peer is at the other end. ENODATA: ci names no peer. get: after ipsec_sendmsg() or ipsec_recvmsg() with this
 * msghdr by this thread: the peer that the message went to or came from. ENODATA: there was no such call, or nothing
 * was set for the msghdr, so that the peer was not looked up. EAGAIN: the sender of this datagram cannot be determined.
 * The answer is never a guess: btnsd remembers the last 256 guards of datagrams that ended since it started; see
 * ipsec_msg(3). IPSEC_REASON_ENDED with IPSEC_STATE_ESTABLISHED: the datagram was protected as stated, by a guard that
 * has ended since.
 */
int ipsec_set_msg_channel_info(const struct msghdr *msg, const ipsec_channel_info_t *ci);
int ipsec_get_msg_channel_info(const struct msghdr *msg, ipsec_channel_info_t **ci);

/*
 * Draft 2.2.5, figure 13. Equal means the same peer, by the ID attributes that both have; -1 with ENODATA if they have
 * none in common. Protection, addresses and times are not compared.
 */
int ipsec_cmp_channel_info(const ipsec_channel_info_t *ci1, const ipsec_channel_info_t *ci2);
int ipsec_dup_channel_info(const ipsec_channel_info_t *ci, ipsec_channel_info_t **ci_dup);

/*
 * added. A line of printable ASCII without blanks, "btns1:...", of at most IPSEC_EXPORT_MAX octets with its NUL: the ID
 * attributes and FIRST_SEEN. Whoever can write to the place where the program keeps the line decides which peer it
 * trusts. Errors: ENODATA, no peer in it; import: EINVAL, not such a line; ENOTSUP, a later version's line. Free an
 * imported object with ipsec_free_channel_info(), the text with free().
 */
#define IPSEC_EXPORT_MAX 512
int ipsec_export_channel_info(const ipsec_channel_info_t *ci, char **text);
int ipsec_import_channel_info(const char *text, ipsec_channel_info_t **ci);
/* added: 0 if ci is at least as good as the policy asks (state, quality, identity); 1 if not; -1 with errno. */
int ipsec_check_channel_info(const ipsec_channel_info_t *ci, const ipsec_policy_t *policy);

/* ---------------------------------------------------------------- TLS: libbtns-openssl.so */

#if !defined OPENSSL_SSL_H && !defined HEADER_SSL_H /* for programs that include <openssl/ssl.h> */
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
#endif
/*
 * Draft 2.2.5. [btnsd] Call after the handshake: describes the one peer with whom both the TLS connection and the
 * channel of its socket (SSL_get_rfd()) are made. In `policy` (NULL: IPSEC_DEFAULT_POLICY), IPSEC_POLICY_TLS_BINDING
 * selects the binding's value; with IPSEC_BTNS_CHANNEL_BINDING the TLS peer must be verified and bound (CERTIFICATE or
 * HANDSHAKE). Errors: ENOTCONN, no handshake yet, or no socket; EKEYREJECTED, the TLS peer is not verified; EBADE, it
 * is verified but sees another IPsec channel: somebody is in between; ENOLINK, the policy asks for a binding that the
 * TLS peer does not support; ENOTSUP, this binding does not exist: TLS 1.2 without extended master secret, or a
 * certificate whose signature has no hash (Ed25519: use the exporter); ENODATA, there is no server certificate.
 */
int ipsec_openssl_to_channel_info(const SSL *ssl, const ipsec_policy_t *policy,
                                  ipsec_channel_info_t **ci);
/*
 * added. Call before SSL_new(), on client or server: from then on each end of a handshake tells the other, in the
 * handshake's own messages (TLS 1.2 and 1.3), which IPsec channel it sees, and compares. If somebody in between has a
 * channel with each end, the handshake fails (alert access_denied) before any data is sent; ipsec_get_reason() says so
 * at the end that notices. If only one end offers it, or an end has no btnsd, the handshake proceeds without it. Each
 * handshake asks btnsd once or twice. Errors: EEXIST, it was called for this SSL_CTX before; ENOTSUP, DTLS; ENOMEM.
 */
int ipsec_tls_offer(SSL_CTX *ctx);

/* ---------------------------------------------------------------- calls that see the policy (added) */

/*
 * The system's calls of these names, which obey the policy attached to the socket or the msghdr. A program that is
 * linked with libbtns or runs under btns-run need not call them: its own calls are these already. After dlopen(), from
 * ctypes, Rust and so on, call these. Errors: the system's, and for connect: EPERM, no protection, or not the expected
 * peer; EACCES, a rule discards the connection; ENETDOWN, btnsd cannot be reached. sendmsg of a datagram: as connect.
 * recvmsg of a datagram, if something is set for the msghdr: datagrams from others than the expected peer are dropped,
 * and the next one is taken; a datagram whose sender cannot be determined is dropped too, unless anybody's would be
 * accepted. EINVAL: ipsec_prepare_recv() was not called; ENOBUFS: msg_control has less than IPSEC_MSG_CONTROL octets,
 * or the program's own control messages have filled it; EDESTADDRREQ: msg_name has no room for an address, and the
 * socket is not connected. If btnsd cannot be reached, a datagram that was received already is lost.
 */
int ipsec_connect(int fd, const struct sockaddr *addr, socklen_t len);
int ipsec_listen(int fd, int backlog);
ssize_t ipsec_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t ipsec_recvmsg(int fd, struct msghdr *msg, int flags);
/*
 * Call before a UDP socket is bound: the kernel then records when each datagram arrives and to which address
 * (SO_TIMESTAMPING, IP_PKTINFO or IPV6_RECVPKTINFO), from which its sender is determined. The sender of a datagram that
 * arrived earlier stays unknown. Returns 0 for a TCP socket, which needs nothing. Make msg_control IPSEC_MSG_CONTROL
 * octets larger than you need for yourself.
 */
int ipsec_prepare_recv(int fd);
#define IPSEC_MSG_CONTROL 192

/* ---------------------------------------------------------------- the short way (added): one call a question */

/*
 * [btnsd] Who is at the other end? Writes a line for a log: "bob ed25519:..., pinned, esp transport aes256gcm16", or
 * "in the clear". At most size - 1 octets and a NUL. Errors: as ipsec_get_socket_channel_info().
 */
int ipsec_who(int fd, char *text, size_t size);
/*
 * [btnsd] Allow only this peer: "ed25519:BASE64", a name of known_peers, or a line of ipsec_export_channel_info(). Call
 * before connect() or listen(). Errors: as ipsec_set_socket_policy(), and EINVAL, none of these three.
 */
int ipsec_expect(int fd, const char *peer);
/* [btnsd] Is the connection as good as policy asks (NULL: protected)? 0, yes; 1, no: see ipsec_get_reason(); -1. */
int ipsec_check_socket(int fd, const ipsec_policy_t *policy);
/* To be told when the protection breaks: ipsec_watch(), below. */

/* ---------------------------------------------------------------- events, words (added) */

enum ipsec_event_kind {
    IPSEC_EVENT_STATE = 1, /* a latch of a watched socket has changed to .state; the first event has the present one (0: no latch) */
    IPSEC_EVENT_LOST = 2   /* some events were lost: ask for the present state */
};
/* A later version may fill more of `reserved`; a program says how much it knows by `size`. */
struct ipsec_event {
    uint32_t size; /* in: sizeof(struct ipsec_event) */
    uint32_t kind; /* enum ipsec_event_kind */
    uint32_t state, reason;
    uint64_t cookie; /* SO_COOKIE of the socket */
    uint64_t time;   /* seconds since 1970 */
    uint64_t reserved[4];
};
/*
 * [btnsd] Returns a new pollable descriptor, close-on-exec, which the caller closes, that reports on the socket `fd`
 * (which may be closed then): a TCP socket, or a connected datagram socket (else ENOTCONN). ipsec_watch_add(): watches
 * one more socket, up to 256; above that the descriptor ends. EBUSY: this user has too many watchers.
 * ipsec_read_event(): 1, one event; 0, none is waiting; -1: EPIPE, btnsd is gone: close the descriptor.
 */
int ipsec_watch(int fd);
int ipsec_watch_add(int watch, int fd);
int ipsec_read_event(int watch, struct ipsec_event *event);

/*
 * Why this thread's last failed call failed, in words for a person, with what to do; or "". That includes the program's
 * own connect(), listen() and sending calls that the shim has refused, and connect() and listen() that the supervisor
 * has refused, if libbtns is linked or ipsec_connect() and ipsec_listen() were called. Writes at most size - 1 octets
 * and a NUL. Returns the text's full length. errno is kept.
 */
size_t ipsec_get_reason(char *buf, size_t size);
const char *ipsec_reason_name(uint32_t reason); /* "identity", ...; "?" */
const char *ipsec_state_name(uint32_t state);   /* "ESTABLISHED", ... */
const char *ipsec_auth_name(uint32_t auth);
void ipsec_free_attr(void *attr_val); /* free() */

#ifdef __cplusplus
}
#endif
#endif
