/* Reads the file of a certificate authority: root's, and with exactly one certificate. */
#include "btnsd/rules/files/authority.h"

#include "btnsd/rules/files/owner.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int authority_open(const char *path, bool private, struct err *err)
{
    char dir[256];
    struct stat st;
    const char *base = strrchr(path, '/');
    if (path[0] != '/' || !base[1] || strlen(path) >= sizeof dir) {
        err_set(err, "%.255s: is no absolute path of less than %zu octets", path, sizeof dir);
        return -EINVAL;
    }
    snprintf(dir, sizeof dir, "%.*s", base == path ? 1 : (int)(base - path), path);
    int at = policy_dir_open(dir, err);
    if (at < 0)
        return at;
    int fd = openat(at, base + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int rc = fd < 0 ? -errno : 0;
    close(at);
    if (rc) {
        err_set(err, "%s: %s", path, rc == -ELOOP ? "is a symbolic link" : strerror(-rc));
        return rc;
    }
    rc = policy_check_owner(fd, S_IFREG, path, err);
    if (!rc && !fstat(fd, &st) && !(st.st_mode & S_IROTH) != private) {
        err_set(err, "%s: %s", path,
                private ? "can be read by others: chmod 600 it"
                        : "cannot be read by everybody, as what is public must be: chmod 644 it");
        rc = -EPERM;
    }
    if (!rc)
        return fd;
    close(fd);
    return rc;
}

char *authority_read_file(const char *path, bool private, struct err *err)
{
    int fd = authority_open(path, private, err);
    if (fd < 0)
        return NULL;
    char *text = calloc(1, AUTHORITY_MAX + 1);
    size_t len = 0;
    ssize_t n = text ? 1 : 0;
    while (n > 0 && len < AUTHORITY_MAX) {
        n = read(fd, text + len, AUTHORITY_MAX - len);
        len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (text && !n && len && !memchr(text, 0, len))
        return text;
    err_set(err, "%s: is empty, no text, or larger than %d octets", path, AUTHORITY_MAX - 1);
    free(text);
    return NULL;
}

char *certificate_pem(const void *x509)
{
    char *data, *pem = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    if (out && PEM_write_bio_X509(out, x509)) {
        long n = BIO_get_mem_data(out, &data);
        pem = n > 0 ? strndup(data, (size_t)n) : NULL;
    }
    BIO_free(out);
    return pem;
}

char *authority_read(const char *path, struct err *err)
{
    char *text = authority_read_file(path, false, err), *pem = NULL;
    if (!text)
        return NULL;
    BIO *in = BIO_new_mem_buf(text, -1);
    X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    X509 *second = x ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    if (!x)
        err_set(err, "%s: holds no certificate (PEM)", path);
    else if (second)
        err_set(err, "%s: holds more than one certificate: name the authority's alone", path);
    else if (X509_check_ca(x) != 1)
        err_set(err, "%s: is no certificate authority's (basicConstraints CA:TRUE)", path);
    else if (!(pem = certificate_pem(x)))
        err_set(err, "%s: out of memory", path);
    X509_free(second);
    X509_free(x);
    BIO_free(in);
    ERR_clear_error();
    free(text);
    return pem;
}

static bool is_fqdn(const char *text)
{
    size_t label = 0;
    bool dot = false;
    for (; *text; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                      (*text >= '0' && *text <= '9') || *text == '-' || *text == '_';
        if (*text != '.' && !letter)
            return false;
        if (*text == '.' && !label)
            return false;
        dot |= *text == '.';
        label = letter ? label + 1 : 0;
    }
    return label > 0;
}

enum id_form id_form(const char *id)
{
    const char *at = strchr(id, '@');
    if (strchr(id, '='))
        return ID_DN;
    if (at)
        return at > id && !strchr(at + 1, '@') && is_fqdn(at + 1) ? ID_USER_FQDN : ID_BAD;
    /* Four numbers are an address, which cannot be demanded of a certificate. */
    return is_fqdn(id) && id[strspn(id, "0123456789.")] ? ID_FQDN : ID_BAD;
}
