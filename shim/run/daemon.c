/* What btns-run asks btnsd before it starts the program. */
#include "shim/run/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int daemon_status(struct btns_status_msg *status, struct err *err)
{
    struct btns_hdr msg;
    union btns_reply r;
    int ret = ask_one(ask_socket(), &msg, sizeof msg, BTNS_REQ_STATUS, BTNS_REP_STATUS, &r, err);
    if (!ret)
        *status = r.status;
    return ret;
}

/* Reads a file of any kind, also a pipe such as <(...). Returns the length or -errno. */
static ssize_t daemon_read_policy_text(int fd, char *buf, size_t size)
{
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, buf + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        len += (size_t)n;
        if (!n)
            return (ssize_t)len;
        if (len == size)
            return -EFBIG;
    }
}

static ssize_t daemon_read_policy(const char *file, char *buf, size_t size, struct err *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -errno : daemon_read_policy_text(fd, buf, size);
    if (fd >= 0)
        close(fd);
    if (n == -EFBIG)
        err_set(err, "%.250s: larger than %d bytes", file, BTNS_POLICY_MAX);
    else if (n < 0)
        err_set(err, "%.250s: %s", file, strerror((int)-n));
    return n;
}

int daemon_policy(const char *file, uint64_t *handle, struct err *err)
{
    static struct {
        struct btns_hdr hdr;
        char text[BTNS_POLICY_MAX + 1]; /* one byte more, to notice a longer file */
    } msg;
    union btns_reply r;
    ssize_t n = daemon_read_policy(file, msg.text, sizeof msg.text, err);
    if (n < 0)
        return (int)n;
    int ret = ask_one(ask_socket(), &msg.hdr, sizeof msg.hdr + (size_t)n, BTNS_REQ_POLICY,
                      BTNS_REP_POLICY, &r, err);
    if (ret)
        return ret;
    if (r.policy.error || !r.policy.policy) {
        err_set(err, "%.200s: btnsd refuses this policy: %.280s", file, r.policy.text);
        return -EINVAL;
    }
    *handle = r.policy.policy;
    return 0;
}
