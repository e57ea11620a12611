/*
 * Keeps a latched certificate in a file: the id of this boot, the file name of the authority's
 * certificate, and both certificates as PEM.
 */
#include "btnsd/ike/keys/credential_file.h"

#include "btnsd/base/boot.h"
#include "btnsd/base/file.h"
#include "btnsd/rules/files/authority.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD        "boot %s\nauthority %s\n"
#define FILE_OCTETS 65536

static int credential_path(char path[FILE_PATH], const char *dir, uint32_t reqid)
{
    char name[16];
    snprintf(name, sizeof name, "%u", reqid);
    return file_path(path, dir, name);
}

int credential_write(const char *dir, uint32_t reqid, const struct credential *c)
{
    char path[FILE_PATH], id[BOOT_ID], *text;
    int rc = credential_path(path, dir, reqid);
    if (rc)
        return rc;
    if (!boot_id(id))
        return -ENOENT;
    if (mkdir(dir, 0700) && errno != EEXIST)
        return -errno;
    int n = asprintf(&text, HEAD "%s%s", id, c->ca_file, c->pem, c->ca_pem);
    if (n < 0)
        return -ENOMEM;
    rc = n < FILE_OCTETS ? file_write(path, text, (size_t)n, 0600, true) : -EFBIG;
    free(text);
    return rc;
}

static char *read_credential_text(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *text = fd < 0 ? NULL : calloc(1, FILE_OCTETS);
    ssize_t n = text ? read(fd, text, FILE_OCTETS - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n > 0)
        return text;
    free(text);
    return NULL;
}

/* Reads the certificate and its authority's from PEM, as credential_new() takes them. */
static struct credential *certificate_from_pem(const char *pem, const char *ca_file)
{
    uint8_t *der = NULL;
    struct credential *c = NULL;
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    X509 *ca = x ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    char *ca_pem = ca ? certificate_pem(ca) : NULL;
    int len = ca_pem ? i2d_X509(x, &der) : 0;
    if (len > 0)
        c = credential_new(der, (size_t)len, ca_file, ca_pem);
    OPENSSL_free(der);
    free(ca_pem);
    X509_free(ca);
    X509_free(x);
    BIO_free(in);
    ERR_clear_error();
    return c;
}

struct credential *credential_read(const char *dir, uint32_t reqid, const struct btns_key *key)
{
    char path[FILE_PATH], id[BOOT_ID], boot[BOOT_ID] = "", ca_file[256] = "";
    int at = 0;
    char *text =
        credential_path(path, dir, reqid) || !boot_id(id) ? NULL : read_credential_text(path);
    if (!text)
        return NULL;
    struct credential *c = NULL;
    if (sscanf(text, "boot %39s\nauthority %255[^\n]\n%n", boot, ca_file, &at) == 2 && at &&
        !strcmp(boot, id))
        c = certificate_from_pem(text + at, ca_file);
    free(text);
    if (!c || btns_key_equal(&c->key, key))
        return c;
    credential_unref(c);
    return NULL;
}

void credential_sweep(const char *dir, bool (*needed)(void *arg, uint32_t reqid), void *arg)
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    while (d && (e = readdir(d))) {
        char *end;
        unsigned long reqid = strtoul(e->d_name, &end, 10);
        if (*e->d_name != '.' && (*end || reqid > UINT32_MAX || !needed(arg, (uint32_t)reqid)))
            unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        closedir(d);
}
