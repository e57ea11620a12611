/*
 * The kernel's facts about a process and a route are read once in a moment, and again in the next.
 * TAP.
 */
#include "btnsd/plan/facts_at_once.h"
#include "test/unit/check.h"

#include "btnsd/base/message_batch.h"
#include "libapi/wire/wire.h"

#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Forks a child that executes another program when told to. */
static pid_t child(int *go, int *begun)
{
    int in[2], out[2];
    if (pipe(in) || pipe(out))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        close(in[1]);
        if (read(in[0], &c, 1) == 1) {
            dup2(in[0], 0);
            dup2(out[1], 1);
            execl("/bin/sh", "sh", "-c", "echo; read line", NULL);
        }
        _exit(1);
    }
    close(in[0]);
    close(out[1]);
    *go = in[1];
    *begun = out[0];
    return pid;
}

static bool is_shell(pid_t pid)
{
    char path[BTNS_PATH_MAX];
    return program_at_once(pid, path, sizeof path) && !strstr(path, "facts_at_once");
}

static void test_program(void)
{
    int go = -1, begun = -1;
    char c;
    char path[BTNS_PATH_MAX], little[4];
    pid_t pid = child(&go, &begun);
    batch_begin();
    check(!is_shell(pid), "a process runs this program");
    bool became = write(go, "x", 1) == 1 && read(begun, &c, 1) == 1;
    check(became && !is_shell(pid), "and is taken for it for as long as the moment lasts");
    check(program_at_once(getpid(), path, sizeof path) && is_shell(pid),
          "another process is asked about, and the first one again");
    check(!program_at_once(pid, little, sizeof little), "a path that does not fit is none");
    batch_end();
    batch_begin();
    check(is_shell(pid), "at the next moment it is what it is by then");
    batch_end();
    close(go);
    check(waitpid(pid, NULL, 0) == pid && !program_at_once(pid, path, sizeof path),
          "without a moment nothing is remembered");
}

static bool leaves_from(const char *ip, const struct route_query *q)
{
    struct route r;
    struct btns_addr own = {0};
    btns_addr_parse(&own, ip);
    return !route_at_once(q, &r) && btns_addr_ip_equal(&own, &r.local);
}

#define LEAVE_FROM(ip) "ip route replace 198.51.100.0/24 dev lo src " ip

static void test_route(void)
{
    struct route_query q = {.protocol = IPPROTO_TCP}, other = {.protocol = IPPROTO_TCP};
    btns_addr_parse(&q.remote, "198.51.100.1");
    btns_addr_parse(&other.remote, "192.0.2.1");
    if (geteuid() || unshare(CLONE_NEWNET) ||
        system("ip link set lo up && ip addr add 192.0.2.1/32 dev lo && "
               "ip addr add 192.0.2.2/32 dev lo && " LEAVE_FROM("192.0.2.1"))) {
        check(true, "routes # SKIP needs root");
        return;
    }
    batch_begin();
    check(leaves_from("192.0.2.1", &q), "there is a way");
    bool changed = !system(LEAVE_FROM("192.0.2.2"));
    check(changed && leaves_from("192.0.2.1", &q), "and it stays for as long as the moment lasts");
    other.remote.port = q.remote.port = 80;
    check(leaves_from("192.0.2.2", &q), "another question is asked");
    check(leaves_from("192.0.2.1", &other) && leaves_from("192.0.2.2", &q), "and the first again");
    batch_end();
    batch_begin();
    changed = !system(LEAVE_FROM("192.0.2.1"));
    check(changed && leaves_from("192.0.2.1", &q), "at the next moment the way is the new one");
    batch_end();
    changed = !system(LEAVE_FROM("192.0.2.2"));
    check(changed && leaves_from("192.0.2.2", &q), "without a moment nothing is remembered");
}

int main(void)
{
    check(!batch_number(), "at first there is no moment");
    batch_begin();
    uint64_t one = batch_number();
    batch_end();
    batch_begin();
    check(one && batch_number() && batch_number() != one, "two of them are told apart");
    batch_end();
    check(!batch_number(), "and they end");
    test_program();
    test_route();
    return check_end();
}
