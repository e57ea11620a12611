/*
 * The reader that the service manager starts for a connection: reads its task, and does it
 * confined.
 */
#include "btnsd/rules/read/reader.h"

#include "btnsd/base/log.h"
#include "btnsd/rules/read/reader_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel discards any further descriptors that somebody sends. */
static int receive_task_file(int from)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char letter;
    struct iovec one = {.iov_base = &letter, .iov_len = 1};
    struct msghdr m = {.msg_iov = &one,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control.room};
    int file = -EBADMSG;
    if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) != 1)
        return file;
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
        h->cmsg_len == CMSG_LEN(sizeof file))
        memcpy(&file, CMSG_DATA(h), sizeof file);
    return file;
}

static int read_task_file(int file, struct policy_stream *task)
{
    struct stat st;
    if (fstat(file, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > TASK_MAX)
        return -EBADMSG;
    size_t size = (size_t)st.st_size;
    task->data = malloc(size);
    if (!task->data)
        return -ENOMEM;
    while (task->len < size) {
        ssize_t n = pread(file, task->data + task->len, size - task->len, (off_t)task->len);
        if (n <= 0)
            return n ? -errno : -EBADMSG;
        task->len += (size_t)n;
    }
    return 0;
}

static int perform_task(void *arg, struct policy_stream *out)
{
    return task_perform(arg, out);
}

int reader_serve(int fd)
{
    struct policy_stream task = {0};
    int file = receive_task_file(fd);
    int rc = file < 0 ? file : read_task_file(file, &task);
    if (!rc)
        policy_child_be(fd, task_opens_files(&task), perform_task, &task);
    log_error("no task came: %s", strerror(-rc));
    return 1;
}
