/* Clients on btnsd's socket: their credentials, their messages, and the answers to them. */
#ifndef BTNS_SERVER_SERVER_H
#define BTNS_SERVER_SERVER_H

#include "btnsd/base/loop.h"
#include "btnsd/base/netns.h"
#include "libapi/wire/err.h"
#include "libapi/wire/wire.h"

#include <sys/socket.h>
#include <sys/types.h>

struct server;
struct client;

/* One received message. The sender's credentials come from the kernel. */
struct request {
    struct client *client;
    struct ucred from;
    struct ucred opener;     /* who opened the connection */
    struct ucred speaker;    /* the process that sent it on behalf of .from; pid 0: .from itself */
    int process;             /* with a speaker: the pidfd of .from, which the connection owns */
    enum netns client_netns; /* namespace in which the sender's end of the connection was made */
    bool shared;             /* the message was in a ring that .from offered */
    int fd; /* attached socket, or -1; closed after the handler, unless it takes it (sets -1) */
    const struct btns_hdr *hdr;
    size_t len;
    bool early;  /* out: handle it again when server_release() names `about`; only without fd */
    uid_t about; /* out: see early */
};

/* Called with each message, at least a header long. Returns false to close the connection. */
typedef bool request_handler(void *arg, struct request *r);
struct server *server_new(struct loop *l, const char *path, request_handler *handler, void *arg,
                          struct err *err);
void server_free(struct server *s);
/*
 * hold (with the handler's arg) says whether requests must wait on connections that this user
 * opened.
 */
void server_hold(struct server *s, bool (*hold)(void *arg, uid_t uid));
/* The user's requests need not wait any longer. */
void server_release(struct server *s, uid_t uid);
/*
 * Marks, for actions that must come after every message that clients have sent, or put into their
 * rings, so far. A mark stands for the present moment. server_read_until() handles messages, in
 * each round of the loop so many of each user (SERVER_OVERTIME; all of root's), and says whether
 * all messages from before the mark have been handled. If not, call it again after SERVER_AGAIN_MS.
 */
uint64_t server_mark(struct server *s);
bool server_read_until(struct server *s, uint64_t mark);
#define SERVER_OVERTIME 512
#define SERVER_AGAIN_MS 20
/* Handles what programs have put into their rings, before something that depends on it. */
void server_look(struct server *s);
/*
 * Sends to the client, or keeps the message until the client reads again; until then the client's
 * next requests wait. A client that reads nothing for a while is closed. fd: a descriptor to
 * attach, or -1.
 */
void client_send(struct client *c, const void *msg, size_t len, int fd);
/*
 * Registers cb(arg), called when the client goes away while something waits on its behalf. cb NULL:
 * nothing waits.
 */
void client_on_gone(struct client *c, void (*cb)(void *arg), void *arg);
/*
 * A descriptor of the process with this number (see pidfd_open(2)), which the caller closes: the
 * kernel's pidfd if that process opened the connection, otherwise a pidfd by number. -1: there is
 * none.
 */
int client_peer_process(const struct client *c, pid_t pid);
/*
 * From now on, what process `by` sends on this connection counts as sent by `speaker`. The
 * connection takes over the pidfd `process` of the speaker.
 */
void client_peer_speaks(struct client *c, pid_t by, const struct ucred *speaker, int process);
bool client_is_waiting(const struct client *c);
/*
 * Have so many messages waited on the connection since the last call that it may have had no room
 * for another?
 */
bool client_was_full(struct client *c);
/*
 * The subject of the client's last request, for the answer; filled in while the request is handled.
 */
struct btns_about *client_about(struct client *c);
/* The client may leave messages unread for as long as it likes; only few are kept for it. */
void client_is_patient(struct client *c);

/*
 * An answer of any number of messages, made one by one, as fast as the client reads. Embedded in
 * its owner.
 */
struct list {
    struct list *next;
    /*
     * Writes the next message, of up to BTNS_REPLY_MAX octets, to buf; returns its length, 0: no
     * more.
     */
    size_t (*make)(struct list *l, void *buf);
    void (*free)(struct list *l); /* the list is complete, or its client is gone */
    uid_t uid;
};
#define BTNS_REPLY_MAX 4096
/* Takes over l. False: l is freed, because this user has too many unread lists. */
bool client_list(struct client *c, struct list *l, uid_t uid);

#endif
