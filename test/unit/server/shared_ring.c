/*
 * Memory that programs share with btnsd: the messages that btnsd accepts from it, and what a
 * hostile program can do. TAP.
 */
#include "btnsd/server/shared_ring.h"
#include "btnsd/server/rings.h"
#include "test/unit/server/server_talk.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { NUMBER = 77 };

static struct server *server;
static unsigned handled, strange;
static uint64_t last_cookie;
static unsigned nameless; /* messages about accepted connections that name no connection */
static struct ucred last_from;
static bool hold_all, early;

static bool handler(void *arg, struct request *r)
{
    struct btns_flow f;
    (void)arg;
    if (r->hdr->type == BTNS_MSG_RING)
        return client_offers_ring(r->client, r->fd, &r->from, NUMBER);
    strange += r->len != sizeof f || !r->shared;
    memcpy(&f, r->hdr, sizeof f);
    if (f.hdr.version != BTNS_WIRE_VERSION)
        return false;
    nameless += f.hdr.type == BTNS_MSG_ACCEPTED && !f.local.family && !f.remote.family;
    handled++;
    last_cookie = f.cookie;
    last_from = r->from;
    r->early = early;
    return true;
}

static bool is_held(void *arg, uid_t uid)
{
    (void)arg, (void)uid;
    return hold_all;
}

static int file(const char *kind, size_t size, unsigned seals)
{
    int fd = memfd_create(kind, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ftruncate(fd, (off_t)size) || (seals && fcntl(fd, F_ADD_SEALS, seals)))
        abort();
    return fd;
}

static void test_memory(void)
{
    char path[] = "/tmp/btns-ring-XXXXXX";
    struct btns_ring *r;
    const struct {
        int fd;
        const char *what;
    } bad[] = {
        {file("short", BTNS_RING_SIZE - 1, BTNS_RING_SEALS), "a shorter one"},
        {file("long", BTNS_RING_SIZE + 1, BTNS_RING_SEALS), "a longer one"},
        {file("open", BTNS_RING_SIZE, 0), "one without seals"},
        {file("cut", BTNS_RING_SIZE, F_SEAL_GROW | F_SEAL_SEAL), "one that can be cut"},
        {file("free", BTNS_RING_SIZE, F_SEAL_GROW | F_SEAL_SHRINK), "one that can get other seals"},
        {mkstemp(path), "a file"},
        {socket(AF_UNIX, SOCK_STREAM, 0), "a socket"},
        {-1, "no descriptor"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = shared_ring_map(bad[i].fd);
        check(!r, "refused: %s", bad[i].what);
        close(bad[i].fd);
    }
    unlink(path);
    int fd = file("ring", BTNS_RING_SIZE, BTNS_RING_SEALS);
    r = shared_ring_map(fd);
    check(r != NULL, "taken: sealed memory of the right size");
    check(ftruncate(fd, 0) && ftruncate(fd, 1 << 20), "which cannot be cut, nor made longer");
    close(fd);
    shared_ring_unmap(r);
    shared_ring_unmap(NULL);
}

static void fill(struct btns_ring *r, unsigned slot, unsigned type, uint64_t cookie)
{
    struct btns_slot *s = &r->slot[slot];
    s->flow = (struct btns_flow){.hdr = header(type, 1), .cookie = cookie};
    __atomic_store_n(&s->state, BTNS_SLOT_FULL, __ATOMIC_SEQ_CST);
}

static void test_slots(void)
{
    struct btns_flow f;
    int fd = file("ring", BTNS_RING_SIZE, BTNS_RING_SEALS);
    struct btns_ring *r = shared_ring_map(fd);
    check(!shared_ring_take(r, 0, &f), "an empty slot has no message");
    fill(r, 5, BTNS_MSG_CONNECTING, 99);
    check(shared_ring_take(r, 5, &f) && f.cookie == 99, "a full one has one");
    check(!shared_ring_take(r, 5, &f) && r->slot[5].state == BTNS_SLOT_FREE, "once");
    fill(r, 5, BTNS_MSG_CONNECTING, 99);
    r->slot[5].state = BTNS_SLOT_BUSY;
    check(!shared_ring_take(r, 5, &f) && r->slot[5].state == BTNS_SLOT_BUSY,
          "one that is being written is left alone");
    r->slot[5].state = 0xdeadbeefdeadbeefu;
    check(!shared_ring_take(r, 5, &f), "a state nobody knows is no message");
    fill(r, BTNS_RING_SLOTS - 1, BTNS_MSG_ACCEPTED, 7);
    check(shared_ring_take(r, BTNS_RING_SLOTS - 1, &f) && f.cookie == 7, "the last slot is one");
    check(!shared_ring_take(r, UINT32_MAX, &f), "no number leads out of the memory");
    close(fd);
    shared_ring_unmap(r);
}

/* A program: its link, and the memory that it has offered. */
struct program {
    int link;
    struct btns_ring *ring;
};

static struct program program(void)
{
    struct program p = {.link = dial()};
    struct btns_hdr h = header(BTNS_MSG_RING, 1);
    int fd = file("ring", BTNS_RING_SIZE, BTNS_RING_SEALS);
    p.ring = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    say_with(p.link, &h, sizeof h, fd, 1);
    close(fd);
    turn(20);
    return p;
}

static void leave(struct program *p)
{
    close(p->link);
    munmap(p->ring, BTNS_RING_SIZE);
    turn(20);
}

/* Handles everything that was sent so far. */
static void drain(void)
{
    uint64_t mark = server_mark(server);
    while (!server_read_until(server, mark))
        turn(1);
}

static void test_messages(void)
{
    struct program p = program();
    check(p.ring->reader == NUMBER, "btnsd says that it looks into a ring that is offered");
    handled = 0;
    fill(p.ring, 3, BTNS_MSG_CONNECTING, 1234);
    turn(30);
    check(handled == 1 && last_cookie == 1234, "a message is found there");
    check(last_from.pid == getpid() && last_from.uid == getuid(), "and is of who offered it");
    fill(p.ring, 4, BTNS_MSG_CONNECTING, 1235);
    drain();
    check(handled == 2, "a drain finds one at once");
    fill(p.ring, 5, BTNS_MSG_ACCEPTED, 1236);
    server_look(server);
    check(handled == 3, "and so does a look");
    turn(600);
    check(p.ring->reader == 0, "when nothing comes, btnsd stops looking, and says so");
    fill(p.ring, 6, BTNS_MSG_CONNECTING, 1237);
    drain();
    check(handled == 4, "a drain looks nevertheless");
    struct btns_flow f = {.hdr = header(BTNS_MSG_CONNECTING, 1)};
    fill(p.ring, 7, BTNS_MSG_CONNECTING, 1238);
    strange = 0;
    say(p.link, &f, sizeof f);
    turn(30);
    check(p.ring->reader == NUMBER && handled == 6 && strange == 1,
          "the next message by the link wakes it");
    fill(p.ring, 8, BTNS_MSG_CONNECTING, 1239);
    close(p.link);
    turn(20);
    check(p.ring->reader == 0 && handled == 7, "after the link's end it says so, and looks once");
    munmap(p.ring, BTNS_RING_SIZE);
}

static void count_accepted(struct program *p, uint64_t n)
{
    __atomic_add_fetch(&p->ring->accepted, n, __ATOMIC_SEQ_CST);
}

static void test_count(void)
{
    struct program p = program();
    handled = nameless = 0;
    count_accepted(&p, 1);
    turn(30);
    check(handled == 1 && nameless == 1 && last_from.pid == getpid(),
          "a program has accepted a connection: it is as if it said so");
    count_accepted(&p, 5);
    server_look(server);
    check(nameless == 2, "several count as one, and a look finds them at once");
    drain();
    turn(30);
    check(nameless == 2, "nothing is said twice");
    count_accepted(&p, (uint64_t)-6);
    drain();
    check(nameless == 3, "a drain finds a change, and any change counts");
    hold_all = true;
    count_accepted(&p, 1);
    turn(50);
    unsigned held = nameless;
    hold_all = false;
    turn(50);
    check(held == 3 && nameless == 4, "while a user's requests wait the count does, too");
    turn(600);
    check(p.ring->reader == 0, "btnsd stops looking, and says so");
    count_accepted(&p, 1);
    turn(50);
    check(nameless == 4, "then a count alone does not wake it");
    struct btns_flow f = {.hdr = header(BTNS_MSG_ACCEPTED, 1)};
    say(p.link, &f, sizeof f);
    turn(30);
    check(p.ring->reader == NUMBER && nameless == 6, "the message that follows it does");
    count_accepted(&p, 1);
    close(p.link);
    turn(20);
    check(p.ring->reader == 0 && nameless == 7, "after the link's end it looks once");
    munmap(p.ring, BTNS_RING_SIZE);
}

static void test_policies_being_read(void)
{
    struct program p = program();
    handled = 0;
    hold_all = true;
    fill(p.ring, 1, BTNS_MSG_CONNECTING, 1);
    turn(50);
    check(handled == 0, "a user's messages wait while his requests do");
    hold_all = false;
    turn(50);
    check(handled == 1, "and are handled then");
    early = true;
    fill(p.ring, 1, BTNS_MSG_CONNECTING, 2);
    fill(p.ring, 2, BTNS_MSG_CONNECTING, 3);
    server_look(server);
    unsigned before = handled;
    early = false;
    turn(50);
    check(before == 2 && handled == 4 && last_cookie == 3, "one that came too early comes again");
    leave(&p);
}

static void test_rubbish(void)
{
    struct program p = program();
    int other = dial();
    srandom(7);
    for (size_t i = 0; i < BTNS_RING_SIZE; i++)
        ((unsigned char *)p.ring)[i] = (unsigned char)random();
    for (unsigned i = 0; i < BTNS_RING_SLOTS; i++)
        p.ring->slot[i].state = BTNS_SLOT_FULL;
    drain();
    turn(20);
    check(is_closed(p.link), "rubbish closes the link, as rubbish on it does");
    leave(&p);
    p = program();
    fill(p.ring, 0, BTNS_REQ_RELOAD, 1);
    turn(50);
    check(is_closed(p.link), "so does a request that is not for a ring");
    leave(&p);
    handled = 0;
    struct btns_flow f = {.hdr = header(BTNS_MSG_CONNECTING, 1)};
    say(other, &f, sizeof f);
    turn(20);
    check(handled == 1 && !is_closed(other), "others' links are as they were");
    close(other);
}

/*
 * The program refills each slot as soon as btnsd has emptied it, and writes random octets
 * everywhere.
 */
static void test_never_full_stop(void)
{
    struct program p = program();
    __atomic_store_n(&p.ring->reader, 0, __ATOMIC_SEQ_CST);
    pid_t child = fork();
    for (uint64_t n = 0; !child; n++) {
        fill(p.ring, (unsigned)(n % BTNS_RING_SLOTS), BTNS_MSG_CONNECTING, n);
        __atomic_store_n(&p.ring->reader, n + 1, __ATOMIC_SEQ_CST);
        p.ring->next = n * 7;
        p.ring->accepted = n * 13;
    }
    for (int i = 0; i < 1000 && !__atomic_load_n(&p.ring->reader, __ATOMIC_SEQ_CST); i++)
        usleep(1000);
    handled = 0;
    drain();
    check(handled > 0 && handled <= 2 * (BTNS_RING_SLOTS + 1), "a drain ends, whatever is written");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    leave(&p);
}

static void test_holes(void)
{
    struct program p = program();
    unsigned char all[4096] = {0};
    handled = 0;
    check(!madvise(p.ring, BTNS_RING_SIZE, MADV_REMOVE), "a program can empty its memory");
    drain();
    check(handled == 0 && !memcmp(all, p.ring, sizeof all), "where btnsd then finds nothing");
    leave(&p);
}

/* A forked process keeps the link open. */
static void test_owner_ends(void)
{
    int link = dial(), fd = file("ring", BTNS_RING_SIZE, BTNS_RING_SEALS);
    struct btns_hdr h = header(BTNS_MSG_RING, 1);
    struct btns_ring *r = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t child = fork();
    if (!child) {
        say_with(link, &h, sizeof h, fd, 1);
        fill(r, 9, BTNS_MSG_CONNECTING, 4321);
        pause();
    }
    handled = 0;
    for (int i = 0; i < 500 && !handled; i++)
        turn(10);
    check(r->reader == NUMBER && last_cookie == 4321 && last_from.pid == child,
          "another process's ring on the same link");
    fill(r, 9, BTNS_MSG_CONNECTING, 4322);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 500 && r->reader; i++)
        turn(10);
    check(r->reader == 0 && last_cookie == 4322 && !is_closed(link),
          "ends with that process, and what it told holds");
    close(fd);
    close(link);
    munmap(r, BTNS_RING_SIZE);
    turn(20);
}

int main(void)
{
    struct err err = {0};
    char directory[] = "/tmp/btns-rings-XXXXXX";
    if (!mkdtemp(directory))
        abort();
    snprintf(socket_path, sizeof socket_path, "%s/s", directory);
    test_memory();
    test_slots();
    loop = loop_new();
    server = server_new(loop, socket_path, handler, NULL, &err);
    check(server != NULL, "the socket is there");
    server_hold(server, is_held);
    int before = open_descriptors();
    test_messages();
    test_count();
    test_policies_being_read();
    test_rubbish();
    test_never_full_stop();
    test_holes();
    test_owner_ends();
    check(open_descriptors() == before, "nothing is left open");
    server_free(server);
    loop_free(loop);
    rmdir(directory);
    return check_end();
}
