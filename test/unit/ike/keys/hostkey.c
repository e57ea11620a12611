/*
 * The host key: it is made once, read back, never replaced, and refused if it cannot be trusted.
 * TAP.
 */
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/base/file.h"
#include "test/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[80], keys[100], key_file[120], pub_file[120];

static ssize_t read_file(const char *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return n;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode))
        printf("# %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static void making(void)
{
    struct hostkey first, again;
    struct err err = {""};
    char text[256], want[BTNS_KEY_STR + 2];
    check(!hostkey_load(keys, &first, &err), "a key is made where there was none %s", err.text);
    check(mode_of(keys) == 0700 && mode_of(key_file) == 0600, "for root's eyes only");
    check(read_file(key_file, text, sizeof text) > 0 &&
              !strncmp(text, "-----BEGIN PRIVATE KEY-----\n", 28),
          "as PEM");
    btns_key_str(&first.pub, want);
    strcat(want, "\n");
    check(read_file(pub_file, text, sizeof text) > 0 && !strcmp(text, want),
          "the public half is beside it");
    check(!hostkey_load(keys, &again, &err) && btns_key_equal(&first.pub, &again.pub) &&
              again.pkcs8_len == first.pkcs8_len &&
              !memcmp(first.pkcs8, again.pkcs8, first.pkcs8_len),
          "the next time it is the same");
    char before[512], after[512];
    read_file(key_file, before, sizeof before);
    check(file_write(key_file, "x", 1, 0600, false) == -EEXIST &&
              read_file(key_file, after, sizeof after) > 0 && !strcmp(before, after),
          "two that make one at once do not overwrite each other");
    unlink(pub_file);
    check(!hostkey_load(keys, &again, &err) && read_file(pub_file, text, sizeof text) > 0 &&
              !strcmp(text, want),
          "a missing public half is written again");
}

/* OpenSSL must find that pkcs8 and key_to_pem() are the halves of one key. */
static void encodings(void)
{
    struct hostkey k;
    struct btns_key raw = {.hashed = false};
    struct err err;
    char pem[256];
    size_t len = sizeof raw.raw;
    hostkey_load(keys, &k, &err);
    const unsigned char *at = k.pkcs8;
    EVP_PKEY *private = d2i_AutoPrivateKey(NULL, &at, (long)k.pkcs8_len);
    key_to_pem(&k.pub, pem, sizeof pem);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *public = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    check(private && at == k.pkcs8 + k.pkcs8_len && public && EVP_PKEY_eq(private, public) == 1,
          "the private key's DER and the public key's PEM belong together");
    check(public && EVP_PKEY_get_raw_public_key(public, raw.raw, &len) == 1 &&
              btns_key_equal(&raw, &k.pub),
          "and the PEM is the raw key");
    BIO_free(bio);
    EVP_PKEY_free(private);
    EVP_PKEY_free(public);
}

/* ---- distrust ---- */

static char good[512], other[2048];

static void restore(void)
{
    unlink(key_file);
    rmdir(key_file);
    write_file(key_file, good, 0600);
    chmod(keys, 0700);
}

static void by_mode_group(void)
{
    chmod(key_file, 0640);
}

static void by_mode_others(void)
{
    chmod(key_file, 0604);
}

static void hostkey_by_symlink(void)
{
    rename(key_file, other);
    if (symlink(other, key_file))
        printf("# symlink\n");
}

static void by_hard_link(void)
{
    unlink(other);
    if (link(key_file, other))
        printf("# link\n");
}

static void by_directory(void)
{
    unlink(key_file);
    mkdir(key_file, 0600);
}

static void by_fifo(void)
{
    unlink(key_file);
    mkfifo(key_file, 0600);
}

static void by_size(void)
{
    if (truncate(key_file, 5000))
        printf("# truncate\n");
}

static void by_emptiness(void)
{
    write_file(key_file, "", 0600);
}

static void by_rubbish(void)
{
    write_file(key_file, "rubbish\n", 0600);
}

static void by_cut(void)
{
    if (truncate(key_file, 60))
        printf("# truncate\n");
}

static void by_kind(void)
{
    FILE *f = fopen(key_file, "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    fclose(f);
    EVP_PKEY_free(key);
}

static void by_passphrase(void)
{
    FILE *f = fopen(key_file, "w");
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    PEM_write_PKCS8PrivateKey(f, key, EVP_aes_256_cbc(), "x", 1, NULL, NULL);
    fclose(f);
    EVP_PKEY_free(key);
}

static void by_owner(void)
{
    if (chown(key_file, 65534, (gid_t)-1))
        printf("# chown\n");
}

static void by_open_dir(void)
{
    chmod(keys, 0777);
}

static void distrust(void)
{
    static const struct {
        void (*spoil)(void);
        const char *what, *why;
        bool root;
    } cases[] = {
        {by_mode_group, "readable for its group", "reached by others", false},
        {by_mode_others, "readable for others", "reached by others", false},
        {hostkey_by_symlink, "a symbolic link", "symbolic link", false},
        {by_hard_link, "with a second name", "hard link", false},
        {by_directory, "a directory", "not a regular file", false},
        {by_fifo, "a FIFO", "not a regular file", false},
        {by_size, "too big", "too big", false},
        {by_emptiness, "empty", "not an Ed25519 private key", false},
        {by_rubbish, "rubbish", "not an Ed25519 private key", false},
        {by_cut, "cut short", "not an Ed25519 private key", false},
        {by_kind, "of another kind", "not an Ed25519 private key", false},
        {by_passphrase, "under a passphrase", "not an Ed25519 private key", false},
        {by_owner, "another user's", "another user", true},
        {by_open_dir, "in a directory that others write", "written by others", false},
    };
    struct hostkey k;
    char before[6000], after[6000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {""};
        if (cases[i].root && geteuid()) {
            check(true, "a key %s # SKIP needs root", cases[i].what);
            continue;
        }
        restore();
        cases[i].spoil();
        bool file = cases[i].spoil != by_fifo;
        ssize_t n = file ? read_file(key_file, before, sizeof before) : 0;
        int result = hostkey_load(keys, &k, &err);
        bool same = !file || (read_file(key_file, after, sizeof after) == n &&
                              (n <= 0 || !memcmp(before, after, (size_t)n)));
        check(result < 0 && strstr(err.text, cases[i].why) && strstr(err.text, keys) && same,
              "a key %s is refused, and left alone", cases[i].what);
        if (result >= 0 || !strstr(err.text, cases[i].why))
            printf("# %d: %s\n", result, err.text);
    }
    restore();
    unlink(other);
    struct err err = {""};
    check(!hostkey_load(keys, &k, &err), "put right, it is taken again");
}

static void nowhere(void)
{
    struct hostkey k;
    struct err err = {""};
    char far[400];
    check(hostkey_load("/nonexistent/keys", &k, &err) == -ENOENT && err.text[0],
          "a directory that cannot be made is an error");
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    check(hostkey_load(far, &k, &err) == -ENAMETOOLONG, "a path too long too");
}

int main(void)
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(keys, sizeof keys, "%s/keys", dir);
    snprintf(key_file, sizeof key_file, "%s/host.key", keys);
    snprintf(pub_file, sizeof pub_file, "%s/host.pub", keys);
    snprintf(other, sizeof other, "%s/other", dir);
    making();
    encodings();
    read_file(key_file, good, sizeof good);
    distrust();
    nowhere();
    scratch_remove(dir);
    return check_end();
}
