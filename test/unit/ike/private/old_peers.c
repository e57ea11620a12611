/* The peers that see our old host key: after a restart they see the same one. TAP. */
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

static const struct ike_ops ops = {.latched = latched};

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

/* Does the peer with this key, at 10.0.0.2, see our old key? */
static bool sees_old(struct ike *k, const struct btns_key *key)
{
    const struct ike_entry e = {
        .local = host_addr("10.0.0.1"), .remote = host_addr("10.0.0.2"), .key = *key};
    const struct ike_conn *c = conn_get(k, &e);
    return c && btns_key_equal(&c->own, &old.pub);
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
    sees_old(k, &bob);
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
    check(ike_old_key_needed(k) && !old_peers_settle(k), "the key is needed while latches are left");
    bob_is_latched = false;
    check(old_peers_settle(k) && !ike_old_key_needed(k), "and not without them");
    old_peers_write(k);
    check(access(file, F_OK) && !sees_old(k, &bob), "then there is no file any more");
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
