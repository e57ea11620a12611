/*
 * The list of waits is a fixed array without locks. A place's word contains a turn number, so a
 * thread can only end the wait that it has found, not a later one in the same place. To end a wait,
 * another thread makes its channel readable; the waiting thread polls the channel. The last of the
 * two to finish closes it.
 */
#include "shim/wait.h"

#include "shim/channel.h"
#include "shim/raw.h"
#include "shim/sock.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

enum { PLACES = 1024 };

enum state { FREE, WAITING, ENDING, ENDED, LEFT };

struct place {
    uint64_t word; /* turn, errno and state: see wait_word() */
    uint64_t socket;
    uint64_t channel_cookie;
    int channel;
};

static struct place places[PLACES];
static unsigned taken;

static __thread struct wait now
    __attribute__((tls_model("initial-exec"))) = {.place = -1, .channel = -1};

static uint64_t wait_word(uint32_t turn, int error, enum state s)
{
    return (uint64_t)turn << 32 | (uint64_t)error << 8 | (uint64_t)s;
}

static enum state wait_state(uint64_t word)
{
    return (enum state)(word & 0xff);
}

static int wait_error(uint64_t word)
{
    return (int)(word >> 8 & 0xffffff);
}

static uint32_t wait_turn(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static bool change_wait_state(struct place *p, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(&p->word, &from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

bool wait_any(void)
{
    return __atomic_load_n(&taken, __ATOMIC_SEQ_CST) != 0;
}

/*
 * Takes a free place for the wait. The place is filled in while its state is LEFT, so that no other
 * thread looks at it.
 */
static void take_wait_place(struct wait *w, uint64_t socket)
{
    for (int i = 0; socket && i < PLACES; i++) {
        struct place *p = &places[i];
        uint64_t word = __atomic_load_n(&p->word, __ATOMIC_SEQ_CST);
        uint32_t turn = wait_turn(word) + 1;
        if (wait_state(word) != FREE || !change_wait_state(p, word, wait_word(turn, 0, LEFT)))
            continue;
        p->socket = socket;
        p->channel = w->channel;
        p->channel_cookie = w->channel_cookie;
        __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&p->word, wait_word(turn, 0, WAITING), __ATOMIC_SEQ_CST);
        w->place = i;
        w->turn = turn;
        return;
    }
    w->place = -1;
}

static void free_wait_place(struct place *p, uint32_t turn)
{
    __atomic_store_n(&p->word, wait_word(turn, 0, FREE), __ATOMIC_SEQ_CST);
    __atomic_sub_fetch(&taken, 1, __ATOMIC_SEQ_CST);
}

/* Returns true if the caller has to close the channel. */
static bool leave_wait_place(const struct wait *w, int *error)
{
    if (w->place < 0)
        return true;
    struct place *p = &places[w->place];
    uint64_t word = __atomic_load_n(&p->word, __ATOMIC_SEQ_CST);
    do {
        if (wait_turn(word) != w->turn || wait_state(word) == FREE)
            return false; /* the process was forked during this wait */
    } while (!__atomic_compare_exchange_n(&p->word, &word, wait_word(w->turn, 0, LEFT), false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    *error = wait_error(word);
    if (wait_state(word) == ENDING)
        return false;
    free_wait_place(p, w->turn);
    return true;
}

static void close_wait_channel(int channel, uint64_t cookie)
{
    if (channel >= 0 && sock_cookie(channel) == cookie)
        channel_close(channel);
}

static void give_up_own_waits(struct wait *w)
{
    int error;
    if (w->channel >= 0 && leave_wait_place(w, &error))
        close_wait_channel(w->channel, w->channel_cookie);
    w->channel = -1;
}

static bool is_wait_on_own_stack(void)
{
    stack_t alternate;
    return sigaltstack(NULL, &alternate) < 0 || !(alternate.ss_flags & SS_ONSTACK);
}

/*
 * Has the code that waited been left by longjmp()? A signal handler's frames lie below those of the
 * interrupted code, unless it runs on its own stack.
 */
static bool is_wait_abandoned(const struct wait *w, uintptr_t frame)
{
    return w->channel >= 0 && frame >= w->frame && is_wait_on_own_stack();
}

/* The destructor of this key ends the wait of a thread that is cancelled while it waits. */
static pthread_key_t key;
static bool has_key;

/*
 * pthread_setspecific() allocates for keys from this number on, which a signal handler must not do.
 */
enum { KEYS_AT_HAND = 32 };

static void on_waiting_thread_end(void *arg)
{
    give_up_own_waits(arg);
}

__attribute__((constructor)) static void make_wait_key(void)
{
    has_key = pthread_key_create(&key, on_waiting_thread_end) == 0 && key < KEYS_AT_HAND;
}

static void expect_waiting_thread_end(void)
{
    if (has_key)
        pthread_setspecific(key, now.channel >= 0 ? &now : NULL);
}

struct wait wait_begin(uint64_t cookie, int channel, uintptr_t frame)
{
    struct wait before = now;
    if (is_wait_abandoned(&before, frame))
        give_up_own_waits(&before);
    struct wait w = {.channel = channel, .channel_cookie = sock_cookie(channel), .frame = frame};
    take_wait_place(&w, cookie);
    now = w;
    expect_waiting_thread_end();
    return before;
}

bool wait_has_channel(void)
{
    return sock_cookie(now.channel) == now.channel_cookie;
}

int wait_end(struct wait before, bool keep)
{
    int error = 0;
    struct wait w = now;
    bool own = leave_wait_place(&w, &error);
    now = before;
    expect_waiting_thread_end();
    if (own && (error || !keep))
        close_wait_channel(w.channel, w.channel_cookie);
    return error;
}

static bool end_wait(struct place *p, uint64_t word, int error)
{
    uint64_t ending = wait_word(wait_turn(word), error, ENDING);
    if (!change_wait_state(p, word, ending))
        return false;
    if (sock_cookie(p->channel) == p->channel_cookie)
        RAW(shutdown, p->channel, SHUT_RDWR);
    if (!change_wait_state(p, ending, wait_word(wait_turn(word), error, ENDED))) {
        close_wait_channel(p->channel,
                           p->channel_cookie); /* the waiting thread has left meanwhile */
        free_wait_place(p, wait_turn(word));
    }
    return true;
}

bool wait_give_up(uint64_t cookie, int error)
{
    bool any = false;
    for (int i = 0; cookie && i < PLACES; i++) {
        struct place *p = &places[i];
        uint64_t word = __atomic_load_n(&p->word, __ATOMIC_SEQ_CST);
        if (wait_state(word) == WAITING && p->socket == cookie)
            any |= end_wait(p, word, error);
    }
    return any;
}

void wait_forked(void)
{
    for (int i = 0; wait_any() && i < PLACES; i++) {
        struct place *p = &places[i];
        uint64_t word = __atomic_load_n(&p->word, __ATOMIC_SEQ_CST);
        if (wait_state(word) == FREE)
            continue;
        close_wait_channel(p->channel, p->channel_cookie);
        free_wait_place(p, wait_turn(word));
    }
    __atomic_store_n(&taken, 0, __ATOMIC_SEQ_CST);
}
