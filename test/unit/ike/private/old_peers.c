/* Peers that still see our old host key: after a restart they see the same one. TAP. */
#include "btnsd/base/file.h"
#include "btnsd/ike/private/state.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <string.h>
#include <unistd.h>

static const struct btns_key bob = {.raw = {2}}, carol = {.raw = {3}};
static struct hostkey old = {.pub = {.raw = {8}}, .pkcs8_len = 1}, host = {.pub = {.raw = {9}}};
static char dir[80], file[100];
static struct loop *loop;
static bool bob_is_latched = true;

static bool latched(void *arg, const struct btns_key *key)
{
    (void)arg;
    return bob_is_latched && btns_key_equal(key, &bob);
}

static unsigned retired;

static void on_retired(void *arg)
{
    (void)arg;
    retired++;
}

static const struct ike_ops ops = {.latched = latched, .retired = on_retired};

static struct ike *manager(void)
{
    static const struct charon_paths paths = {.binary = "none", .run = "/nowhere"};
    return ike_new(loop, &paths, &host, &ops, NULL);
}

static struct ike *after_restart(const struct hostkey *has)
{
    struct ike *k = manager();
    ike_old_key(k, has, file);
    return k;
}

/* Lets the manager look at what is latched n times. False: it does not look any more. */
static bool tick(struct ike *k, unsigned n)
{
    while (n-- && k->retire.slot) {
        void (*fire)(struct timer * t) = k->retire.fire;
        loop_cancel(loop, &k->retire);
        fire(&k->retire);
    }
    return k->retire.slot;
}

/* Does the peer with this key, at 10.0.0.2, see our old key? */
static bool sees_old(struct ike *k, const struct btns_key *key)
{
    const struct ike_entry e = {
        .local = host_addr("10.0.0.1"), .remote = host_addr("10.0.0.2"), .key = *key};
    struct ike_conn *c = conn_get(k, &e);
    bool sees = c && btns_key_equal(&c->own, &old.pub);
    if (c)
        conn_free(k, c);
    return sees;
}

static void connect_bob(struct ike *k)
{
    const struct ike_entry e = {
        .local = host_addr("10.0.0.1"), .remote = host_addr("10.0.0.2"), .key = bob};
    conn_get(k, &e);
}

static bool sees_old_after_restart(const struct btns_key *key)
{
    struct ike *k = after_restart(&old);
    bool sees = sees_old(k, key);
    ike_free(k);
    return sees;
}

/* Replaces the file's first line. */
static void name_another_boot(void)
{
    char text[400] = "boot 00000000-0000-0000-0000-000000000000\n";
    size_t n = strlen(text);
    FILE *f = fopen(file, "re");
    if (f && fgets(text + n, (int)(sizeof text - n), f)) /* its own */
        n += fread(text + n, 1, sizeof text - n, f);
    if (f)
        fclose(f);
    file_write(file, text, n, 0600, true);
}

static void rotated(void)
{
    struct ike *k = manager();
    ike_old_key(k, NULL, file);
    const struct hostkey new = host;
    host = old; /* as before the rotation */
    connect_bob(k);
    host = new;
    check(!sees_old(k, &carol), "a connection that is made after a rotation is with the new key");
    ike_rotated(k, &old);
    check(sees_old(k, &bob), "one from before goes on with the old one");
    ike_free(k);
}

static void restarted(void)
{
    check(sees_old_after_restart(&bob), "after a restart that peer sees the old key again");
    check(!sees_old_after_restart(&carol), "and no other");
    struct ike *k = after_restart(NULL);
    check(!sees_old(k, &bob), "without the old key it cannot");
    ike_free(k);
    k = after_restart(&old);
    check(sees_old(k, &bob) && sees_old(k, &bob), "also when its connection is made again");
    check(tick(k, 9) && ike_old_key_needed(k), "the key is needed while latches are left");
    bob_is_latched = false;
    check(tick(k, 4) && ike_old_key_needed(k) && sees_old_after_restart(&bob),
          "and for some time without them");
    check(!tick(k, 1) && !ike_old_key_needed(k) && retired == 1, "then it is not");
    check(access(file, F_OK) && !sees_old(k, &bob), "and there is no file any more");
    ike_free(k);
}

static void faulty_files(void)
{
    static const char odd[] = "boot x\n10.0.0.1 10.0.0.2 ed25519:short\n";
    check(!file_write(file, odd, sizeof odd - 1, 0600, true) && !sees_old_after_restart(&bob),
          "nonsense names nobody");
    bob_is_latched = true;
    rotated();
    check(sees_old_after_restart(&bob), "a file names the peer");
    name_another_boot();
    check(!sees_old_after_restart(&bob), "one of another boot names nobody");
}

int main(void)
{
    scratch(dir, sizeof dir);
    snprintf(file, sizeof file, "%s/old_key_peers", dir);
    loop = loop_new();
    rotated();
    restarted();
    faulty_files();
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
