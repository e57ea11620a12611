/* Sends a task to a reader: a process behind the service manager's socket, or a child. */
#include "btnsd/rules/read/reader.h"

#include "btnsd/base/file.h"
#include "btnsd/rules/read/reader_task.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *socket_path;

void reader_at(const char *path)
{
    socket_path = path;
}

/* Connects to the socket. -ENOENT, -ENOTDIR, -ECONNREFUSED: nobody listens there. */
static int reach_reader(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (!socket_path)
        return -ENOENT;
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !connect(fd, (struct sockaddr *)&sa, sizeof sa))
        return fd < 0 ? -errno : fd;
    int rc = -errno;
    close(fd);
    return rc;
}

/* The task is sent as a file, as the reader may not run yet and btnsd must not wait for it. */
static int put_task_into_file(const struct policy_stream *task)
{
    int fd = memfd_create("btns-task", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = file_write_all(fd, task->data, task->len);
    if (!rc)
        return fd;
    close(fd);
    return rc;
}

static int pass_file_to_reader(int to, int file)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec one = {.iov_base = "t", .iov_len = 1};
    struct msghdr m = {.msg_iov = &one,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control.room};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    *h = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof file)};
    memcpy(CMSG_DATA(h), &file, sizeof file);
    return sendmsg(to, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int hand_to_reader(int to, const struct policy_stream *task)
{
    int file = put_task_into_file(task);
    if (file < 0)
        return file;
    int rc = pass_file_to_reader(to, file);
    close(file);
    return rc;
}

/* 0; -ENOENT: nobody listens, so a child of ours has to do the task; else -errno. */
static int start_remote_reader(const char *name,
                               int (*write_task)(void *arg, struct policy_stream *task), void *arg,
                               struct policy_child_process *c)
{
    struct policy_stream task = {0};
    int fd = reach_reader();
    if (fd < 0)
        return fd == -ECONNREFUSED || fd == -ENOTDIR ? -ENOENT : fd;
    int rc = write_task(arg, &task);
    if (!rc)
        rc = hand_to_reader(fd, &task);
    if (rc == -EPIPE || rc == -ECONNRESET)
        rc = 0; /* the reader has ended already, which shows when its answer is read */
    record_stream_free(&task);
    *c = (struct policy_child_process){.name = name, .fd = fd};
    if (rc)
        close(fd);
    return rc == -ENOENT ? -EIO : rc;
}

struct texts {
    const struct policy_text *text;
    unsigned n;
};

static int read_reader_texts(void *arg, struct policy_stream *out)
{
    const struct texts *t = arg;
    return policy_read_all(t->text, t->n, out);
}

static int write_reader_texts(void *arg, struct policy_stream *task)
{
    const struct texts *t = arg;
    return task_of_texts(t->text, t->n, task);
}

static int write_reader_names(void *arg, struct policy_stream *task)
{
    return task_of_names(arg, task);
}

int reader_read_start(const struct policy_text *text, unsigned n, struct policy_child_process *c)
{
    struct texts t = {text, n};
    int rc = start_remote_reader(POLICY_READER, write_reader_texts, &t, c);
    return rc == -ENOENT ? policy_child_start(read_reader_texts, &t, c) : rc;
}

int reader_look_up_start(struct lookups *l, struct policy_child_process *c)
{
    int rc = start_remote_reader(POLICY_LOOKER, write_reader_names, l, c);
    return rc == -ENOENT ? policy_lookup_child_start(lookup_in_child, l, c) : rc;
}

/* Waits for the child that was started with result rc. */
static int finish_reader(int rc, const char *name, int ms, struct policy_child_process *c,
                         struct policy_stream *out, struct err *err)
{
    if (!rc)
        return policy_child_finish(c, ms, out, err);
    err_set(err, "cannot start %s: %s", name, strerror(-rc));
    return rc;
}

int reader_read(const struct policy_text *text, unsigned n, struct policy_stream *out,
                struct err *err)
{
    struct policy_child_process c;
    struct texts t = {text, n};
    int rc = start_remote_reader(POLICY_READER, write_reader_texts, &t, &c);
    return rc == -ENOENT ? policy_child(read_reader_texts, &t, out, err)
                         : finish_reader(rc, POLICY_READER, POLICY_CHILD_MS, &c, out, err);
}

int reader_look_up(struct lookups *l, struct policy_stream *out, struct err *err)
{
    struct policy_child_process c;
    int rc = start_remote_reader(POLICY_LOOKER, write_reader_names, l, &c);
    return rc == -ENOENT ? policy_lookup_child(lookup_in_child, l, out, err)
                         : finish_reader(rc, POLICY_LOOKER, POLICY_LOOKUP_MS, &c, out, err);
}
