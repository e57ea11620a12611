/*
 * Reader processes behind a socket: tasks and answers; and if no reader listens, a child does the
 * work.
 */
#include "btnsd/rules/read/reader.h"

#include "btnsd/rules/read/reader_task.h"
#include "test/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char good[] = "format = 1\nprogram p { match = { a } rule r { action = protect } }\n";
static char bad[] = "format = 1\nprogram p {\n";
static const struct policy_text texts[] = {{.text = good, .len = sizeof good - 1},
                                           {.text = good, .len = sizeof good - 1}};
static struct lookup names[] = {{.kind = LOOKUP_USER, .name = "root"},
                                {.kind = LOOKUP_HOST, .name = "127.0.0.1"}};
static struct lookups some = {.item = names, .n = 2};

static bool same(const struct policy_stream *a, const struct policy_stream *b)
{
    return a->len == b->len && a->len && !memcmp(a->data, b->data, a->len);
}

/* Reads from a copy that ends where the task ends, so that a read beyond it is noticed. */
static int perform_part(const struct policy_stream *task, size_t len)
{
    struct policy_stream part = {.data = malloc(len + 1), .len = len}, out = {0};
    memcpy(part.data, task->data, len);
    part.data = realloc(part.data, len ? len : 1);
    int rc = task_perform(&part, &out);
    free(part.data);
    record_stream_free(&out);
    return rc;
}

static void test_task(const char *what, int rc, struct policy_stream *task, bool files)
{
    bool refused = true, sane = true;
    check(!rc && !perform_part(task, task->len) && task_opens_files(task) == files, "%s", what);
    for (size_t len = 0; len < task->len; len++)
        refused = refused && perform_part(task, len) == -EBADMSG;
    check(refused, "a task that is cut short");
    for (size_t at = 0; at < 24; at++) {
        task->data[at] = (char)(task->data[at] ^ 0x40);
        int changed = perform_part(task, task->len);
        sane = sane && (!changed || changed == -EBADMSG);
        task->data[at] = (char)(task->data[at] ^ 0x40);
    }
    check(sane, "a task whose head has a bit turned");
    record_append(task, "", 1);
    check(perform_part(task, task->len) == -EBADMSG, "a task with more behind it");
    record_stream_free(task);
}

static char path[sizeof((struct sockaddr_un){0}).sun_path];

static int listen_there(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(sa.sun_path, path, sizeof sa.sun_path);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&sa, sizeof sa) || listen(fd, 8))
        abort();
    return fd;
}

/* Like the service manager, starts a process for each of `n` connections. */
static pid_t serve(int listener, unsigned n, bool answers)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    while (n--) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (answers && fork() == 0)
            _exit(reader_serve(fd));
        close(fd);
    }
    while (wait(NULL) > 0)
        ;
    _exit(0);
}

static void test_reader(void)
{
    struct policy_stream expected = {0}, got = {0};
    struct err err = {""};
    int listener = listen_there();
    pid_t pid = serve(listener, 3, true);
    reader_at(path);
    policy_read_all(texts, 2, &expected);
    check(!reader_read(texts, 2, &got, &err) && same(&got, &expected), "texts are read");
    got.len = expected.len = 0;
    const struct policy_text wrong = {.text = bad, .len = sizeof bad - 1};
    policy_read_all(&wrong, 1, &expected);
    check(!reader_read(&wrong, 1, &got, &err) && same(&got, &expected), "and refused");
    got.len = expected.len = 0;
    lookup_in_child(&some, &expected);
    check(!reader_look_up(&some, &got, &err) && same(&got, &expected), "names are looked up");
    waitpid(pid, NULL, 0);
    pid = serve(listener, 1, false);
    got.len = 0;
    check(reader_read(texts, 2, &got, &err) == -EPROTO && strstr(err.text, "no answer"),
          "a reader that ends without an answer");
    waitpid(pid, NULL, 0);
    close(listener);
    got.len = expected.len = 0;
    policy_read_all(texts, 2, &expected);
    check(!reader_read(texts, 2, &got, &err) && same(&got, &expected),
          "where nobody listens any more, a child reads");
    unlink(path);
    got.len = 0;
    check(!reader_read(texts, 2, &got, &err) && same(&got, &expected), "and without a socket");
    record_stream_free(&got);
    record_stream_free(&expected);
}

static void test_no_task(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        abort();
    check(write(pair[0], "t", 1) == 1 && reader_serve(pair[1]) == 1, "a message without a task");
    close(pair[0]);
    check(reader_serve(pair[1]) == 1, "a connection that ends");
    close(pair[1]);
}

int main(void)
{
    struct policy_stream task = {0};
    char dir[] = "/tmp/btns-unit-XXXXXX";
    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "%s/reader.sock", dir);
    int rc = task_of_texts(texts, 2, &task);
    test_task("a task with texts", rc, &task, false);
    rc = task_of_names(&some, &task);
    test_task("a task with names", rc, &task, true);
    test_reader();
    test_no_task();
    rmdir(dir);
    return check_end();
}
