/*
 * Reads known_peers from its file, or refuses the file as a whole; writes the file completely or
 * not at all.
 */
#include "btnsd/ike/peers/peers_file.h"

#include "btnsd/base/file.h"
#include "btnsd/ike/peers/peers_store.h"
#include "btnsd/ike/peers/peers_text.h"
#include "btnsd/ike/peers/text_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX                                                                                   \
    ((size_t)PEERS_MAX * LINES_LONGEST) /* large enough for any file that btnsd writes */

static bool add_peers_line(void *arg, const struct peer *peer, size_t number, struct err *why)
{
    const char *fault = peers_add(arg, peer);
    (void)number;
    if (fault)
        err_set(why, "%s", fault);
    return !fault;
}

struct peers *peers_from_text(const char *path, char *text, size_t len, struct err *err)
{
    struct peers *p = peers_new(path, err);
    if (p && peers_each_line(path, text, len, add_peers_line, p, err))
        return p;
    peers_free(p);
    return NULL;
}

/*
 * Opens the file if its owner and mode can be trusted. 0 with its size and time, or -errno with
 * err.
 */
static int open_trusted_peers(const char *path, struct stat *st, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const char *why = NULL;
    if (fd < 0)
        why = strerror(errno);
    else if (fstat(fd, st))
        why = strerror(errno);
    else if (!S_ISREG(st->st_mode))
        why = "is not a regular file";
    else if (st->st_uid != geteuid() || st->st_mode & 022)
        why = "can be written by others";
    else if ((uintmax_t)st->st_size > TEXT_MAX)
        why = "is too big";
    if (!why)
        return fd;
    int error = fd < 0 ? -errno : -EPERM;
    err_set(err, "%s: %s", path, why);
    if (fd >= 0)
        close(fd);
    return error;
}

static ssize_t read_peers_text(int fd, char *text, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, text + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (!n)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

struct peers *peers_load(const char *path, struct err *err)
{
    struct stat st;
    int fd = open_trusted_peers(path, &st, err);
    if (fd == -ENOENT)
        return peers_new(path, err);
    if (fd < 0)
        return NULL;
    size_t size = (size_t)st.st_size;
    char *text = malloc(size + 1);
    ssize_t len = text ? read_peers_text(fd, text, size) : -ENOMEM;
    close(fd);
    struct peers *p = NULL;
    if (len < 0)
        err_set(err, "%s: %s", path, strerror((int)-len));
    else
        p = peers_from_text(path, text, (size_t)len, err);
    if (p)
        peers_set_written(p, (uint64_t)st.st_mtime);
    free(text);
    return p;
}

static int print_peers(FILE *f, void *arg)
{
    const struct peers *p = arg;
    fputs(peers_header, f);
    for (size_t i = 0; i < p->count; i++) /* not the fleet's, which are in files of their own */
        peer_print(f, &p->list[i]);
    return 0;
}

int peers_write(const struct peers *p, const char *path, struct err *err)
{
    int error = file_print(path, 0600, print_peers, (void *)(uintptr_t)p);
    if (error)
        err_set(err, "%s: %s", path, strerror(-error));
    return error;
}
