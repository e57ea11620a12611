/*
 * btnsctl peers import: passes a file with lines of known_peers to btnsd, which takes all of them
 * or none.
 */
#include "btnsd/base/file.h"
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/own_messages.h"
#include "libapi/client/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Copies a file to its end. 0 or -errno. */
static int copy_import(int from, int to)
{
    char buf[16384];
    size_t all = 0;
    for (ssize_t n; (n = read(from, buf, sizeof buf));) {
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n < 0)
            continue;
        all += (size_t)n;
        int rc = all > BTNS_IMPORT_MAX ? -EFBIG : file_write_all(to, buf, (size_t)n);
        if (rc)
            return rc;
    }
    return fcntl(to, F_ADD_SEALS, BTNS_IMPORT_SEALS) ? -errno : 0;
}

/*
 * Copies the file's text into sealed memory, which cannot change any more. Returns a descriptor, or
 * -errno with err.
 */
static int seal_import(const char *path, const char *name, struct err *err)
{
    int from = strcmp(path, "-") ? open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC) : STDIN_FILENO;
    int to = from < 0 ? -1 : memfd_create("peers", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int rc = to < 0 ? -errno : copy_import(from, to);
    if (rc == -EFBIG)
        err_set(err, "%.200s: larger than %u octets: import it in several parts", name,
                BTNS_IMPORT_MAX);
    else if (rc)
        err_set(err, "%.200s: %s", name, strerror(-rc));
    if (from > STDIN_FILENO)
        close(from);
    if (rc && to >= 0)
        close(to);
    return rc ? rc : to;
}

int ctl_peers_import(const struct ctl *c, struct err *err)
{
    union btns_reply r;
    struct btns_import m = {.name = ""};
    const char *name = strcmp(c->args[0], "-") ? c->args[0] : "standard input";
    int text = seal_import(c->args[0], name, err);
    if (text < 0)
        return CTL_FAILED;
    snprintf(m.name, sizeof m.name, "%s", name);
    int rc =
        ask_with_socket(c->socket, &m.hdr, sizeof m, BTNS_REQ_IMPORT, BTNS_REP_END, text, &r, err);
    close(text);
    return rc ? ctl_exit(rc) : ctl_say_done(c, c->request, c->args[0], r.end.text);
}
