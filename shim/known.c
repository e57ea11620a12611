/*
 * For each low descriptor number, one word says which kind of socket() made it, or which listener
 * it is. The word is valid until the number is closed; connect() clears the mark of a fresh socket.
 * So a warm connect() and a warm accept() need only one system call, for the connection's cookie.
 *
 * A socket must never be taken for fresh by mistake: a cached verdict is valid only for sockets of
 * this network namespace that are not bound to an address. A number can get another socket only
 * after it was closed, and every way to close one is intercepted except those that no preloaded
 * library sees (system calls made by the program's own instructions, io_uring). A number in another
 * descriptor table means another socket: after vfork(), unshare(CLONE_FILES) and the like all words
 * are dropped. They are also dropped after setns() and unshare(), because new sockets may belong to
 * another namespace. A socket may have several numbers (dup(), fork()): when a socket is bound by a
 * number without a word, it may be any of the fresh ones, so all fresh marks are dropped; fork()
 * drops them in both processes. For a datagram socket with several numbers, the verdicts cached
 * under its name are used only after its source address was compared.
 */
#include "shim/known.h"

#include "shim/calls.h"
#include "shim/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <netinet/in.h>

enum { NUMBERS = 16384, KIND_BITS = 3, PROTOCOL_BITS = 16, COOKIE_BITS = 40 };

/* Stands for the protocol when socket() did not make this socket at this number. */
enum { ELSEWHERE = 0 };

enum kind { NOTHING, FRESH, OTHER, DATAGRAMS, LISTENER, STREAM };

/* Each word: kind, protocol, and a count that differs with every change. */
static uint64_t words[NUMBERS];
/* For listeners: the cookie, and above it the lowest bits of the word's count. */
static uint64_t cookies[NUMBERS];
static uint64_t changes;
/* Fresh marks with a lower count are invalid: the socket may be shared. */
static uint64_t oldest_fresh;
static unsigned highest; /* no number from this one on has a word */
static bool given_up;

static bool is_known_number(int fd)
{
    return fd >= 0 && fd < NUMBERS && !__atomic_load_n(&given_up, __ATOMIC_RELAXED);
}

static uint64_t known_word_count(uint64_t word)
{
    return word >> (KIND_BITS + PROTOCOL_BITS);
}

static enum kind known_kind(uint64_t word)
{
    return (enum kind)(word & ((1u << KIND_BITS) - 1));
}

static int known_protocol(uint64_t word)
{
    return (int)(word >> KIND_BITS & ((1u << PROTOCOL_BITS) - 1));
}

static uint64_t new_known_word(enum kind kind, int protocol)
{
    uint64_t count = __atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST);
    return count << (KIND_BITS + PROTOCOL_BITS) | (uint64_t)protocol << KIND_BITS | kind;
}

static void raise_highest_known(int fd)
{
    unsigned now = __atomic_load_n(&highest, __ATOMIC_SEQ_CST), wanted = (unsigned)fd + 1;
    while (now < wanted && !__atomic_compare_exchange_n(&highest, &now, wanted, false,
                                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
}

static void store_known_word(int fd, uint64_t word)
{
    raise_highest_known(fd);
    __atomic_store_n(&words[fd], word, __ATOMIC_SEQ_CST);
}

void known_made(int fd, int domain, int type, int protocol)
{
    bool ip = domain == AF_INET || domain == AF_INET6;
    bool stream = (type & 0xf) == SOCK_STREAM;
    if (!is_known_number(fd))
        return;
    if (ip && stream && protocol >= 0 && protocol < 1 << PROTOCOL_BITS)
        store_known_word(fd, new_known_word(FRESH, protocol ? protocol : IPPROTO_TCP));
    else if (ip && (type & 0xf) == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
        store_known_word(fd, new_known_word(DATAGRAMS, IPPROTO_UDP));
    else
        store_known_word(fd, new_known_word(ip ? NOTHING : OTHER, 0));
}

static enum kind known_kind_when_used(int protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP ? STREAM : NOTHING;
}

int known_take_fresh(int fd)
{
    uint64_t word = is_known_number(fd) ? __atomic_load_n(&words[fd], __ATOMIC_SEQ_CST) : 0;
    if (known_kind(word) != FRESH ||
        !__atomic_compare_exchange_n(&words[fd], &word,
                                     new_known_word(known_kind_when_used(known_protocol(word)), 0),
                                     false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return 0;
    bool holds = known_word_count(word) >= __atomic_load_n(&oldest_fresh, __ATOMIC_SEQ_CST);
    return holds && is_known_number(fd) ? known_protocol(word) : 0;
}

uint64_t known_mark(int fd)
{
    return is_known_number(fd) ? __atomic_load_n(&words[fd], __ATOMIC_SEQ_CST) : 0;
}

static void note_known_kind(int fd, uint64_t mark, enum kind kind, int protocol)
{
    if (!is_known_number(fd))
        return;
    raise_highest_known(fd);
    __atomic_compare_exchange_n(&words[fd], &mark, new_known_word(kind, protocol), false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void known_other(int fd, uint64_t mark)
{
    note_known_kind(fd, mark, OTHER, 0);
}

bool known_is_other(int fd)
{
    return known_kind(known_mark(fd)) == OTHER;
}

/* Threads may lose each other's steps; then the check comes some calls later. */
bool known_is_doubtful(int fd)
{
    static uint8_t calls[NUMBERS];
    uint8_t *n = &calls[fd % NUMBERS], now = __atomic_load_n(n, __ATOMIC_RELAXED);
    __atomic_store_n(n, (uint8_t)(now + 1), __ATOMIC_RELAXED);
    return now % KNOWN_DOUBT == KNOWN_DOUBT - 1;
}

void known_streams(int fd, uint64_t mark)
{
    note_known_kind(fd, mark, STREAM, 0);
}

bool known_is_stream(int fd)
{
    enum kind kind = known_kind(known_mark(fd));
    return kind == STREAM || kind == LISTENER;
}

/* The name is valid until the number is closed or the socket's address changes. */
uint32_t known_datagrams(int fd)
{
    uint64_t word = known_mark(fd);
    uint32_t name = (uint32_t)known_word_count(word);
    return known_kind(word) != DATAGRAMS ? 0 : name ? name : 1;
}

void known_has_datagrams(int fd, uint64_t mark)
{
    note_known_kind(fd, mark, DATAGRAMS, ELSEWHERE);
}

static bool is_known_word_shared(uint64_t word)
{
    return known_protocol(word) == ELSEWHERE ||
           known_word_count(word) < __atomic_load_n(&oldest_fresh, __ATOMIC_SEQ_CST);
}

bool known_is_shared(int fd)
{
    return is_known_word_shared(known_mark(fd));
}

static uint64_t label_known_number(uint64_t cookie, uint64_t word)
{
    return cookie | known_word_count(word) << COOKIE_BITS;
}

uint64_t known_listener(int fd)
{
    uint64_t word = known_mark(fd);
    if (known_kind(word) != LISTENER)
        return 0;
    uint64_t cookie = __atomic_load_n(&cookies[fd], __ATOMIC_SEQ_CST);
    uint64_t bare = cookie & ((1ull << COOKIE_BITS) - 1);
    return label_known_number(bare, word) == cookie ? bare : 0;
}

/*
 * A number without a word may get another socket unseen, so the cookie is compared again after the
 * word is written.
 */
void known_listens(int fd, uint64_t cookie)
{
    uint64_t mark = known_mark(fd);
    bool may = known_kind(mark) == NOTHING || known_kind(mark) == STREAM;
    if (!is_known_number(fd) || !may || cookie >> COOKIE_BITS)
        return;
    uint64_t word = new_known_word(LISTENER, 0);
    raise_highest_known(fd);
    __atomic_store_n(&cookies[fd], label_known_number(cookie, word), __ATOMIC_SEQ_CST);
    __atomic_compare_exchange_n(&words[fd], &mark, word, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    if (sock_cookie(fd) != cookie)
        known_forget((unsigned)fd, (unsigned)fd);
}

void known_forget(unsigned first, unsigned last)
{
    unsigned end = __atomic_load_n(&highest, __ATOMIC_SEQ_CST);
    for (unsigned fd = first; fd < end && fd <= last; fd++)
        if (known_kind(__atomic_load_n(&words[fd], __ATOMIC_RELAXED)) != NOTHING)
            __atomic_store_n(&words[fd], new_known_word(NOTHING, 0), __ATOMIC_SEQ_CST);
}

void known_bound(int fd)
{
    switch (known_kind(known_mark(fd))) {
    case FRESH:
        known_take_fresh(fd);
        break;
    case NOTHING:
        known_forget_fresh();
        break;
    case DATAGRAMS:
        known_moved(fd);
        break;
    case OTHER:
    case LISTENER:
    case STREAM:
        break;
    }
}

void known_moved(int fd)
{
    uint64_t word = known_mark(fd);
    if (known_kind(word) == DATAGRAMS)
        note_known_kind(fd, word, DATAGRAMS, is_known_word_shared(word) ? ELSEWHERE : IPPROTO_UDP);
}

void known_forget_fresh(void)
{
    uint64_t count = __atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&oldest_fresh, count, __ATOMIC_SEQ_CST);
}

void known_give_up(void)
{
    __atomic_store_n(&given_up, true, __ATOMIC_SEQ_CST);
}
