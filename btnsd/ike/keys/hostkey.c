/*
 * Reads this host's Ed25519 key, or makes it once. A key file that looks odd is refused, never
 * replaced.
 */
#include "btnsd/ike/keys/hostkey.h"
#include "btnsd/base/file.h"
#include "btnsd/base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX 4096
#define OLD_KEY  "host.key.old"

/* ---- the key itself ---- */

static int key_from_evp(EVP_PKEY *pkey, struct hostkey *k)
{
    size_t len = sizeof k->pub.raw;
    unsigned char *der = NULL;
    int result = -EINVAL;
    k->pub.hashed = false;
    if (EVP_PKEY_id(pkey) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(pkey, k->pub.raw, &len) != 1 || len != sizeof k->pub.raw)
        return result;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    int der_len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    if (der_len > 0 && (size_t)der_len <= sizeof k->pkcs8) {
        memcpy(k->pkcs8, der, (size_t)der_len);
        k->pkcs8_len = (size_t)der_len;
        result = 0;
    }
    if (der_len > 0)
        OPENSSL_clear_free(der, (size_t)der_len);
    PKCS8_PRIV_KEY_INFO_free(info);
    return result;
}

/* A host key has no passphrase; without this OpenSSL would ask for one on the terminal. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return -1;
}

static int key_from_pem(const char *text, size_t len, struct hostkey *k)
{
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    int result = pkey ? key_from_evp(pkey, k) : -EINVAL;
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return result;
}

/* Writes the key, which is freed, as PEM. Returns its length, or 0. */
static size_t host_key_to_pem(EVP_PKEY *pkey, char *buf, size_t size)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text;
    long len = 0;
    if (pkey && bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1)
        len = BIO_get_mem_data(bio, &text);
    if (len <= 0 || (size_t)len > size)
        len = 0;
    else
        memcpy(buf, text, (size_t)len);
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return (size_t)len;
}

static size_t generate_host_key(char *buf, size_t size)
{
    return host_key_to_pem(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), buf, size);
}

/* ---- reading ---- */

/* Returns NULL if the file may be trusted, else the fault of its owner or mode. */
static const char *fault_of_host_key_file(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != geteuid())
        return "belongs to another user";
    if (st->st_mode & 077)
        return "can be reached by others: its mode must be 0600";
    if (st->st_nlink != 1)
        return "has more than one name (hard link)";
    if (st->st_size > FILE_MAX)
        return "is too big for a key";
    return NULL;
}

static int read_host_key(int fd, const char *path, struct hostkey *k, struct err *err)
{
    struct stat st;
    char text[FILE_MAX];
    const char *why;
    if (fstat(fd, &st)) {
        err_set(err, "%s: %s", path, strerror(errno));
        return -EIO;
    }
    if ((why = fault_of_host_key_file(&st))) {
        err_set(err, "%s: %s", path, why);
        return -EPERM;
    }
    ssize_t len = read(fd, text, sizeof text);
    int result = len > 0 ? key_from_pem(text, (size_t)len, k) : -EINVAL;
    OPENSSL_cleanse(text, sizeof text);
    if (result)
        err_set(err,
                "%s: not an Ed25519 private key in PEM; it is left as it is: move it away to "
                "have a new one made",
                path);
    return result;
}

/* ---- making ---- */

static int make_host_key(const char *path, struct err *err)
{
    char text[FILE_MAX];
    size_t len = generate_host_key(text, sizeof text);
    int error = len ? file_write(path, text, len, 0600, false) : -EIO;
    OPENSSL_cleanse(text, sizeof text);
    if (error)
        err_set(err, "%s: %s", path, len ? strerror(-error) : "no key could be generated");
    return error;
}

static void write_public_host_key(const char *dir, const struct hostkey *k)
{
    char path[FILE_PATH], text[BTNS_KEY_STR + 1];
    btns_key_str(&k->pub, text);
    strcat(text, "\n");
    if (!file_path(path, dir, "host.pub"))
        file_write(path, text, strlen(text), 0644, true); /* only people read this file */
}

/* ---- */

#define READ_KEY (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Opens the key file, after making it if there was none. The descriptor, or -errno with err. */
static int open_host_key(const char *path, struct err *err)
{
    int fd = open(path, READ_KEY);
    if (fd < 0 && errno == ENOENT) {
        int error = make_host_key(path, err);
        if (error)
            return error;
        fd = open(path, READ_KEY);
    }
    if (fd < 0) {
        fd = -errno;
        err_set(err, "%s: %s", path, fd == -ELOOP ? "is a symbolic link" : strerror(-fd));
    }
    return fd;
}

/* A user who can rename files in the directory could put another key in place. */
static int check_host_key_dir(const char *dir, struct err *err)
{
    struct stat st;
    if (mkdir(dir, 0700) && errno != EEXIST) {
        int error = -errno;
        err_set(err, "%s: %s", dir, strerror(-error));
        return error;
    }
    const char *why = NULL;
    if (stat(dir, &st))
        why = strerror(errno);
    else if (!S_ISDIR(st.st_mode))
        why = "is not a directory";
    else if (st.st_uid != geteuid() || st.st_mode & 022)
        why = "can be written by others";
    if (why)
        err_set(err, "%s: %s", dir, why);
    return why ? -EPERM : 0;
}

/*
 * Takes the valid statements of older keys. If a rotation was interrupted, the newest statement is
 * about the next key, for which this key vouches: that link is left out.
 */
static void take_host_claim(struct hostkey *k, const struct rotation *r)
{
    const uint64_t now = (uint64_t)time(NULL);
    size_t from = btns_key_equal(&r->key, &k->pub) ? 0 : 1;
    if (from && !(r->links && btns_key_equal(&r->link[0].old, &k->pub)))
        return;
    for (size_t i = from; i < r->links && !rotation_fault(r, i, now); i++)
        k->rotation.link[k->rotation.links++] = r->link[i];
}

static void read_host_claim(const char *dir, struct hostkey *k)
{
    char path[FILE_PATH], text[2 * CLAIM_MAX + 2];
    uint8_t claim[CLAIM_MAX];
    size_t n = 0;
    struct rotation r;
    FILE *f = file_path(path, dir, "host.claim") ? NULL : fopen(path, "re");
    if (f && !fgets(text, sizeof text, f))
        text[0] = '\0';
    for (char *at = text; f && n < sizeof claim && sscanf(at, "%2hhx", &claim[n]) == 1; at += 2)
        n++;
    if (f)
        fclose(f);
    if (f && rotation_read(claim, n, &r))
        take_host_claim(k, &r);
}

int hostkey_load(const char *dir, struct hostkey *k, struct err *err)
{
    char path[FILE_PATH];
    memset(k, 0, sizeof *k);
    int error = file_path(path, dir, "host.key");
    if (error) {
        err_set(err, "%s: %s", dir, strerror(-error));
        return error;
    }
    error = check_host_key_dir(dir, err);
    if (error)
        return error;
    int fd = open_host_key(path, err);
    if (fd < 0)
        return fd;
    error = read_host_key(fd, path, k, err);
    close(fd);
    k->rotation.key = k->pub;
    if (!error) {
        write_public_host_key(dir, k);
        read_host_claim(dir, k);
    }
    return error;
}

/* ---- rotation ---- */

static int write_host_claim(const char *dir, const struct rotation *r, struct err *err)
{
    char path[FILE_PATH], text[2 * CLAIM_MAX + 2];
    uint8_t claim[CLAIM_MAX];
    size_t len = rotation_write(r, 0, claim);
    hex_write(text, claim, len);
    strcpy(text + 2 * len, "\n");
    int rc = file_path(path, dir, "host.claim");
    if (!rc)
        rc = file_write(path, text, strlen(text), 0644, true);
    if (rc)
        err_set(err, "%s/host.claim: %s", dir, strerror(-rc));
    return rc;
}

size_t hostkey_claim(const struct hostkey *k, uint8_t claim[CLAIM_ID_MAX])
{
    return rotation_write_id(&k->rotation, (uint64_t)time(NULL), claim);
}

static int make_next_host_key(struct hostkey *next, char text[FILE_MAX], size_t *len,
                              const struct hostkey *old, uint64_t until)
{
    memset(next, 0, sizeof *next);
    *len = generate_host_key(text, FILE_MAX);
    int rc = *len ? key_from_pem(text, *len, next) : -EIO;
    next->rotation = old->rotation;
    rotation_extend(&next->rotation, &next->pub, until);
    return !rc && !rotation_sign(&next->rotation, old->pkcs8, old->pkcs8_len) ? -EIO : rc;
}

static int write_host_key(const char *dir, const char *name, const char *text, size_t len,
                          struct err *err)
{
    char path[FILE_PATH];
    int rc = len ? file_path(path, dir, name) : -EIO;
    rc = rc ? rc : file_write(path, text, len, 0600, true);
    if (rc)
        err_set(err, "%s/%s: %s", dir, name, strerror(-rc));
    return rc;
}

static int write_old_host_key(const char *dir, const struct hostkey *old, struct err *err)
{
    char text[FILE_MAX];
    const unsigned char *at = old->pkcs8;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)old->pkcs8_len);
    int rc = write_host_key(dir, OLD_KEY, text, host_key_to_pem(pkey, text, sizeof text), err);
    OPENSSL_cleanse(text, sizeof text);
    return rc;
}

int hostkey_rotate(const char *dir, const struct hostkey *old, uint64_t until, struct hostkey *next,
                   struct err *err)
{
    char text[FILE_MAX];
    size_t len;
    int rc = make_next_host_key(next, text, &len, old, until);
    if (rc)
        err_set(err, "no key could be generated, or the old one cannot sign");
    rc = rc ? rc : write_old_host_key(dir, old, err);
    rc = rc ? rc : write_host_claim(dir, &next->rotation, err);
    rc = rc ? rc : write_host_key(dir, "host.key", text, len, err);
    OPENSSL_cleanse(text, sizeof text);
    if (rc)
        OPENSSL_cleanse(next, sizeof *next);
    else
        write_public_host_key(dir, next);
    return rc;
}

bool hostkey_load_old(const char *dir, const struct hostkey *k, struct hostkey *old,
                      struct err *err)
{
    char path[FILE_PATH];
    memset(old, 0, sizeof *old);
    err->text[0] = '\0';
    int fd = file_path(path, dir, OLD_KEY) ? -1 : open(path, READ_KEY);
    if (fd < 0)
        return false;
    int rc = read_host_key(fd, path, old, err);
    close(fd);
    if (!rc && !btns_key_equal(&old->pub, &k->pub))
        return true;
    if (!rc) /* the rotation was cut off */
        unlink(path);
    OPENSSL_cleanse(old, sizeof *old);
    return false;
}

void hostkey_drop_old(const char *dir)
{
    char path[FILE_PATH];
    if (!file_path(path, dir, OLD_KEY))
        unlink(path);
}

void key_to_pem(const struct btns_key *k, char *buf, size_t size)
{
    /* SubjectPublicKeyInfo of Ed25519 (RFC 8410, section 4): a fixed head, then the key. */
    static const uint8_t head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    uint8_t der[sizeof head + sizeof k->raw];
    unsigned char b64[4 * ((sizeof der + 2) / 3) + 1];
    memcpy(der, head, sizeof head);
    memcpy(der + sizeof head, k->raw, sizeof k->raw);
    EVP_EncodeBlock(b64, der, sizeof der);
    snprintf(buf, size, "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", (char *)b64);
}
