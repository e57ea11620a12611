/* Sends one request to btnsd and accepts only a well-formed answer. */
#include "libapi/client/conversation.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_SECONDS 10
#define SOCKET_SECONDS 65 /* requests about a socket: longer than any profile's time limit */

/* The shape of each answer: its exact length, and where its strings are. */
static const struct shape {
    uint16_t type;
    size_t size;
    struct {
        size_t at, size;
    } text[12];
} shapes[] = {
#define TEXT(s, field)                                                                             \
    {                                                                                              \
        offsetof(struct s, field), sizeof((struct s *)0)->field                                    \
    }
    {BTNS_REP_VERDICT,
     sizeof(struct btns_verdict_msg),
     {TEXT(btns_verdict_msg, text), TEXT(btns_verdict_msg, about.service)}},
    {BTNS_REP_POLICY,
     sizeof(struct btns_policy_msg),
     {TEXT(btns_policy_msg, text), TEXT(btns_policy_msg, about.service)}},
    {BTNS_REP_STATUS,
     sizeof(struct btns_status_msg),
     {TEXT(btns_status_msg, refused), TEXT(btns_status_msg, version), TEXT(btns_status_msg, system),
      TEXT(btns_status_msg, in_force), TEXT(btns_status_msg, wrong)}},
    {BTNS_REP_LATCH,
     sizeof(struct btns_latch_msg),
     {TEXT(btns_latch_msg, program), TEXT(btns_latch_msg, suite), TEXT(btns_latch_msg, rule),
      TEXT(btns_latch_msg, reason), TEXT(btns_latch_msg, name), TEXT(btns_latch_msg, subject),
      TEXT(btns_latch_msg, authority)}},
    {BTNS_REP_PEER,
     sizeof(struct btns_peer_msg),
     {TEXT(btns_peer_msg, name), TEXT(btns_peer_msg, file)}},
    {BTNS_REP_END,
     sizeof(struct btns_end_msg),
     {TEXT(btns_end_msg, text), TEXT(btns_end_msg, about.service)}},
    {BTNS_REP_CANDIDATE,
     sizeof(struct btns_candidate_msg),
     {TEXT(btns_candidate_msg, rule), TEXT(btns_candidate_msg, program),
      TEXT(btns_candidate_msg, file), TEXT(btns_candidate_msg, author),
      TEXT(btns_candidate_msg, action), TEXT(btns_candidate_msg, profile),
      TEXT(btns_candidate_msg, suite), TEXT(btns_candidate_msg, identity),
      TEXT(btns_candidate_msg, why), TEXT(btns_candidate_msg, rank),
      TEXT(btns_candidate_msg, vendor), TEXT(btns_candidate_msg, description)}},
    {BTNS_REP_EVENT,
     sizeof(struct btns_event_msg),
     {TEXT(btns_event_msg, program), TEXT(btns_event_msg, suite), TEXT(btns_event_msg, rule),
      TEXT(btns_event_msg, text)}},
    {BTNS_REP_POLICY_ITEM,
     sizeof(struct btns_policy_item),
     {TEXT(btns_policy_item, name), TEXT(btns_policy_item, vendor),
      TEXT(btns_policy_item, description)}},
#undef TEXT
};

struct conversation {
    int fd;
    uint32_t id;
    enum btns_type type; /* the type of the request */
    const char *path;
};

const char *ask_socket(void)
{
    const char *path = getenv("BTNS_SOCKET_PATH");
    return path && *path ? path : BTNS_SOCKET;
}

/*
 * The sentence for a failed connect() to btnsd's socket, for a person who may not know that socket;
 * the refusal is not btnsd's.
 */
static int refuse_absent(int error, const char *path, struct err *err)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        err_set(err, "btnsd is not running (no %s): systemctl start btnsd, or run btnsd as root",
                path);
        break;
    case ECONNREFUSED:
        err_set(err,
                "btnsd is not running (nobody listens on %s): systemctl start btnsd, "
                "or run btnsd as root",
                path);
        break;
    case EACCES:
    case EPERM:
        err_set(err, "you may not speak to btnsd: no permission to use %s", path);
        break;
    case EAGAIN:
        err_set(err, "btnsd at %s takes no connection: it is overloaded or stuck", path);
        break;
    default:
        err_set(err, "cannot connect to btnsd at %s: %s", path, strerror(error));
    }
    return -ENOTCONN;
}

static int open_conversation(struct conversation *c, const char *path, struct err *err)
{
    static uint32_t last_id; /* several threads may ask */
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_SECONDS};

    c->fd = -1;
    c->path = path;
    c->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    if (strlen(path) >= sizeof un.sun_path) {
        err_set(err, "the socket's path is longer than %zu bytes: %s", sizeof un.sun_path - 1,
                path);
        return -ENAMETOOLONG;
    }
    memcpy(un.sun_path, path, strlen(path));
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
        setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience)) {
        int error = errno;
        err_set(err, "cannot make a socket: %s", strerror(error));
        return -error;
    }
    if (connect(c->fd, (const struct sockaddr *)&un, sizeof un))
        return refuse_absent(errno, path, err);
    return 0;
}

static void close_conversation(struct conversation *c)
{
    if (c->fd >= 0)
        close(c->fd);
}

/* Sends the request. with: a socket to pass along, or -1. */
static int send_question(struct conversation *c, struct btns_hdr *msg, size_t len,
                         enum btns_type type, int with, struct err *err)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {msg, len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    c->type = type;
    *msg = (struct btns_hdr){.version = BTNS_WIRE_VERSION, .type = (uint16_t)type, .id = c->id};
    if (with >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        control.align = (struct cmsghdr){CMSG_LEN(sizeof with), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.align), &with, sizeof with);
    }
    ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
    if (n == (ssize_t)len)
        return 0;
    int error = n < 0 ? errno : EMSGSIZE;
    err_set(err, "cannot send to btnsd at %s: %s", c->path, strerror(error));
    return -error;
}

static const struct shape *shape_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return NULL;
}

static int refuse_answer(const struct conversation *c, const char *what, struct err *err)
{
    err_set(err,
            "btnsd at %s gave an answer that is no answer (%s): is it of the same release as "
            "this program? Restart btnsd after an upgrade",
            c->path, what);
    return -EPROTO;
}

/*
 * The part of an answer that names the requestor and the request; NULL: this type of answer has
 * none.
 */
static const struct btns_about *about_of(const union btns_reply *r)
{
    switch (r->hdr.type) {
    case BTNS_REP_VERDICT:
        return &r->verdict.about;
    case BTNS_REP_POLICY:
        return &r->policy.about;
    case BTNS_REP_END:
        return &r->end.about;
    default:
        return NULL;
    }
}

/* Is the answer about our request? BTNS_REP_END names no request. */
static bool is_about(const struct conversation *c, const union btns_reply *r)
{
    const struct btns_about *about = about_of(r);
    return !about || !about->outcome ||
           (about->outcome < BTNS_OUTCOMES && about->request == c->type);
}

static int check_answer(const struct conversation *c, union btns_reply *r, size_t len,
                        struct err *err)
{
    if (len < sizeof r->hdr)
        return refuse_answer(c, "shorter than a header", err);
    if (r->hdr.version != BTNS_WIRE_VERSION) {
        err_set(err,
                "btnsd at %s speaks version %u of its protocol, this program version %d: restart "
                "btnsd after an upgrade",
                c->path, r->hdr.version, BTNS_WIRE_VERSION);
        return -EPROTO;
    }
    const struct shape *shape = shape_of(r->hdr.type);
    if (!shape)
        return refuse_answer(c, "of no known type", err);
    if (len != shape->size)
        return refuse_answer(c, "of the wrong length", err);
    if (r->hdr.id != c->id || !is_about(c, r))
        return refuse_answer(c, "to another question", err);
    for (size_t i = 0; i < sizeof shape->text / sizeof *shape->text && shape->text[i].size; i++)
        ((char *)r)[shape->text[i].at + shape->text[i].size - 1] = '\0';
    return 0;
}

/*
 * Receives and checks one message. MSG_TRUNC returns the true length even of a message that does
 * not fit.
 */
static int receive_answer(const struct conversation *c, union btns_reply *r, struct err *err)
{
    ssize_t n = recv(c->fd, r, sizeof *r, MSG_TRUNC);
    if (n > 0)
        return check_answer(c, r, (size_t)n, err);
    int error = n < 0 ? errno : ECONNRESET;
    if (error == EAGAIN) {
        err_set(err, "btnsd at %s did not answer within %d s", c->path, ANSWER_SECONDS);
        return -ETIMEDOUT;
    }
    if (error == ECONNRESET)
        err_set(err,
                "btnsd at %s closed the connection without an answer: is it of the same release as "
                "this program? Its log says why",
                c->path);
    else
        err_set(err, "cannot read btnsd's answer: %s", strerror(error));
    return -error;
}

/* Returns 0, or the -errno and text of the refusal in a BTNS_REP_END. */
static int end_of_answer(const struct btns_end_msg *end, struct err *err)
{
    if (!end->error)
        return 0;
    int error = end->error <= INT16_MAX ? (int)end->error : EPROTO;
    err_set(err, "%s", *end->text ? end->text : strerror(error));
    return -error;
}

static int ask_for_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                       enum btns_type want, int with, union btns_reply *reply, struct err *err)
{
    const struct timeval patience = {.tv_sec = SOCKET_SECONDS};
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    if (!ret && with >= 0)
        setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!ret)
        ret = send_question(&c, msg, len, type, with, err);
    if (!ret)
        ret = receive_answer(&c, reply, err);
    if (!ret && reply->hdr.type == BTNS_REP_END)
        ret = end_of_answer(&reply->end, err);
    if (!ret && reply->hdr.type != want)
        ret = refuse_answer(&c, "of the wrong type", err);
    close_conversation(&c);
    return ret;
}

int ask_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
            enum btns_type want, union btns_reply *reply, struct err *err)
{
    return ask_for_one(path, msg, len, type, want, -1, reply, err);
}

int ask_with_socket(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                    enum btns_type want, int with, union btns_reply *reply, struct err *err)
{
    return ask_for_one(path, msg, len, type, want, with, reply, err);
}

#define SLICE 50 /* milliseconds until the asker is looked at again */

/* Waits for an answer for as long as it is wanted. */
static int wait_for_answer(const struct conversation *c, const struct ask_name *name,
                           struct err *err)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    for (int64_t left = name->limit; left > 0; left -= SLICE) {
        if (poll(&p, 1, left < SLICE ? (int)left : SLICE) == 1)
            return 0;
        if (!name->wanted(name->arg)) {
            if (poll(&p, 1, 0) == 1) /* it came just before, and may be why nobody waits */
                return 0;
            err_set(err, "the program does not wait any more");
            return -EINTR;
        }
    }
    err_set(err, "btnsd did not answer in time (%s)", c->path);
    return -ETIMEDOUT;
}

static int speak_for(struct conversation *c, int process, union btns_reply *reply, struct err *err)
{
    struct btns_hdr msg;
    int ret = send_question(c, &msg, sizeof msg, BTNS_REQ_SPEAK, process, err);
    if (!ret)
        ret = receive_answer(c, reply, err);
    if (!ret && reply->hdr.type != BTNS_REP_END)
        ret = refuse_answer(c, "of the wrong type", err);
    return ret ? ret : end_of_answer(&reply->end, err);
}

static int receive_verdict(const struct conversation *c, const struct ask_name *name,
                           union btns_reply *reply, struct err *err)
{
    int ret = wait_for_answer(c, name, err);
    if (!ret)
        ret = receive_answer(c, reply, err);
    if (!ret && reply->hdr.type == BTNS_REP_END)
        ret = end_of_answer(&reply->end, err);
    if (!ret && reply->hdr.type != BTNS_REP_VERDICT)
        ret = refuse_answer(c, "of the wrong type", err);
    return ret;
}

int ask_in_name(const char *path, struct btns_flow *msg, enum btns_type type,
                const struct ask_name *name, union btns_reply *reply, struct ask_outcome *outcome,
                struct err *err)
{
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    outcome->fd = -1;
    if (!ret)
        ret = speak_for(&c, name->process, reply, err);
    if (!ret)
        ret = send_question(&c, &msg->hdr, sizeof *msg, type, name->socket, err);
    if (!ret)
        ret = receive_verdict(&c, name, reply, err);
    if (!ret && (reply->verdict.flags & BTNS_VF_LARVAL))
        *outcome = (struct ask_outcome){c.fd, c.id, type};
    else
        close_conversation(&c);
    return ret;
}

int ask_for_outcome(const char *path, struct ask_outcome *outcome, const struct ask_name *name,
                    union btns_reply *reply, struct err *err)
{
    struct conversation c = {outcome->fd, outcome->id, outcome->type, path};
    int ret = receive_verdict(&c, name, reply, err);
    close_conversation(&c);
    outcome->fd = -1;
    return ret;
}

static int receive_list(const struct conversation *c, enum btns_type want, enum btns_type last,
                        union btns_reply *end, ask_each *each, void *arg, struct err *err)
{
    union btns_reply r;
    for (unsigned n = 0; n <= ASK_RECORDS_MAX; n++) {
        int ret = receive_answer(c, &r, err);
        if (ret == -ECONNRESET && n)
            err_set(err, "the list broke off after %u entries: btnsd closed the connection", n);
        if (ret)
            return ret;
        if (r.hdr.type == last)
            *end = r;
        if (r.hdr.type == BTNS_REP_END)
            ret = end_of_answer(&r.end, err);
        if (ret || r.hdr.type == last)
            return ret;
        if (r.hdr.type != want)
            return refuse_answer(c, "of the wrong type", err);
        ret = each(arg, &r, err);
        if (ret)
            return ret;
    }
    return refuse_answer(c, "a list without an end", err);
}

int ask_records(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                enum btns_type want, enum btns_type last, union btns_reply *end, ask_each *each,
                void *arg, struct err *err)
{
    struct conversation c;
    int ret = open_conversation(&c, path, err);
    if (!ret)
        ret = send_question(&c, msg, len, type, -1, err);
    if (!ret)
        ret = receive_list(&c, want, last, end, each, arg, err);
    close_conversation(&c);
    return ret;
}

int ask_list(const char *path, enum btns_type type, enum btns_type want, ask_each *each, void *arg,
             struct err *err)
{
    struct btns_hdr msg;
    union btns_reply end;
    return ask_records(path, &msg, sizeof msg, type, want, BTNS_REP_END, &end, each, arg, err);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

/* Blocks SIGINT and SIGTERM, except while ppoll() waits for the next answer. */
static void hold_signals(sigset_t *before)
{
    const struct sigaction act = {.sa_handler = interrupt};
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, before);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

int ask_stream(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
               enum btns_type want, ask_each *each, void *arg, struct err *err)
{
    struct conversation c;
    union btns_reply r;
    sigset_t before;
    int ret = open_conversation(&c, path, err);
    if (!ret)
        ret = send_question(&c, msg, len, type, -1, err);
    hold_signals(&before);
    for (struct pollfd p = {c.fd, POLLIN, 0}; !ret && !interrupted;) {
        if (ppoll(&p, 1, NULL, &before) < 0)
            continue;
        ret = receive_answer(&c, &r, err);
        if (ret == -ECONNRESET)
            err_set(err, "btnsd at %s has ended", path);
        if (!ret && r.hdr.type == BTNS_REP_END)
            ret = end_of_answer(&r.end, err);
        else if (!ret)
            ret = r.hdr.type == want ? each(arg, &r, err)
                                     : refuse_answer(&c, "of the wrong type", err);
    }
    close_conversation(&c);
    return ret;
}
