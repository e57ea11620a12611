/*
 * TCP-MD5 and TCP-AO keys: what a key file may contain, and that no child process gets the keys.
 * TAP.
 */
#include "btnsd/rules/files/sign_key.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/run/btns-sign-key-XXXXXX", path[64];
static struct sign_keys *keys;
static struct policy_arena arena;

static enum sign_auth auth;

static const struct sign_key *read_key(const char *octets, size_t len, mode_t mode, struct err *err)
{
    static unsigned n;
    snprintf(path, sizeof path, "%s/%u", dir, n++);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, octets, len) == (ssize_t)len && !fchmod(fd, mode);
    if (fd >= 0)
        close(fd);
    return written ? sign_key_read(&keys, &arena, path, auth, err) : NULL;
}

static void test_files(void)
{
    char longest[SIGN_KEY_MAX + 2];
    struct err err = {""};
    memset(longest, 'k', sizeof longest);
    const struct sign_key *key = read_key("secret\n", 7, 0600, &err);
    check(key && key->len == 6 && !memcmp(key->secret, "secret", 6), "a newline is no part of it");
    check(sign_key_read(&keys, &arena, path, SIGN_MD5, &err) == key, "a file's key is there once");
    key = read_key(longest, SIGN_KEY_MAX, 0600, &err);
    check(key && key->len == SIGN_KEY_MAX, "the longest one");
    check(!read_key(longest, SIGN_KEY_MAX + 1, 0600, &err), "one that is longer: %s", err.text);
    check(!read_key("", 0, 0600, &err), "an empty one: %s", err.text);
    check(!read_key("\n", 1, 0600, &err), "nothing but a newline: %s", err.text);
    check(!read_key("a\0b", 3, 0600, &err), "one with a zero in it: %s", err.text);
    check(!read_key("secret", 6, 0640, &err), "one that its group can read: %s", err.text);
    check(!read_key("secret", 6, 0604, &err), "one that others can read: %s", err.text);
}

static bool child_has_it(const struct sign_key *key)
{
    int status = 0;
    pid_t pid = fork();
    if (!pid) {
        static const uint8_t zeros[SIGN_KEY_MAX];
        _exit(memcmp(key->secret, zeros, key->len) != 0);
    }
    return pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status);
}

static void test_children(void)
{
    struct err err = {""};
    const struct sign_key *key = read_key("inherited", 9, 0600, &err);
    check(key && !child_has_it(key), "a child process has zeros in its place");
    check(key && !memcmp(key->secret, "inherited", 9), "the parent has it still");
}

/* TCP-AO secrets are at the same place as TCP-MD5's. */
static void test_ao(void)
{
    struct err err = {""};
    char text[128], most[2049];
    auth = SIGN_AO;
    snprintf(text, sizeof text, "current 1 2 hmac-sha-1-96 first\nnext 3 4 hmac-sha-1-96 second\n");
    const struct sign_key *key = read_key(text, strlen(text), 0600, &err);
    check(key && key->auth == SIGN_AO && key->aos == 2 && !key->len, "two keys: %s", err.text);
    if (!key)
        return;
    const struct sign_key first = {.secret = key->ao[0].secret, .len = key->ao[0].len},
                          second = {.secret = key->ao[1].secret, .len = key->ao[1].len};
    check(first.len == 5 && !memcmp(first.secret, "first", 5) && second.len == 6 &&
              !memcmp(second.secret, "second", 6),
          "their secrets");
    check(!child_has_it(&first) && !child_has_it(&second), "a child process has neither");
    check(sign_key_read(&keys, &arena, path, SIGN_AO, &err) == key, "a file's keys are there once");
    const struct sign_key *md5 = sign_key_read(&keys, &arena, path, SIGN_MD5, &err);
    check(md5 && md5 != key && md5->auth == SIGN_MD5 && !md5->aos,
          "the same file can be a key of TCP-MD5");
    check(!read_key("secret", 6, 0600, &err) && !strstr(err.text, "secret"), "%s", err.text);
    check(!read_key(text, strlen(text), 0640, &err), "keys that their group can read: %s",
          err.text);
    memset(most, '#', sizeof most);
    check(!read_key(most, 2048, 0600, &err), "too long a file: %s", err.text);
    auth = SIGN_MD5;
}

static void clean_up(void)
{
    sign_keys_free(keys);
    policy_arena_free(&arena);
    for (unsigned i = 0; i < 32; i++) {
        snprintf(path, sizeof path, "%s/%u", dir, i);
        unlink(path);
    }
    rmdir(dir);
}

int main(void)
{
    if (geteuid() || !mkdtemp(dir)) {
        puts("1..0 # SKIP key files have to be root's");
        return 0;
    }
    test_files();
    test_children();
    test_ao();
    clean_up();
    return check_end();
}
