/*
 * Filters of system calls that let everything pass: they show the kernel's own cost of a filter,
 * and of the least that a supervisor's filter has to look at.
 */
#include "test/bench/net/net.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define IF_NOT(n, far) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, n, 0, far)

/*
 * No answer depends on arguments, so the kernel keeps the answer for each call and runs no filter.
 */
static struct sock_filter nothing[] = {ALLOW};
/* Looks whether connect() has a mark. */
static struct sock_filter mark[] = {
    LOAD(nr),      IF_NOT(SYS_connect, 5), LOAD(args[5]), IF_NOT(0x5eed, 3),
    LOAD(args[5]), IF_NOT(0x5eed, 1),      ALLOW,         ALLOW};
/* Also looks at socket()'s arguments, and at the option of getsockopt(). */
static struct sock_filter three[] = {LOAD(nr),
                                     IF_NOT(SYS_connect, 4),
                                     LOAD(args[5]),
                                     IF_NOT(0x5eed, 1),
                                     ALLOW,
                                     ALLOW,
                                     IF_NOT(SYS_socket, 3),
                                     LOAD(args[0]),
                                     IF_NOT(2, 0),
                                     ALLOW,
                                     IF_NOT(SYS_getsockopt, 3),
                                     LOAD(args[1]),
                                     IF_NOT(6, 0),
                                     ALLOW,
                                     ALLOW};

static const struct {
    const char *name;
    struct sock_fprog program;
} filters[] = {{"nothing", {sizeof nothing / sizeof *nothing, nothing}},
               {"mark", {sizeof mark / sizeof *mark, mark}},
               {"three", {sizeof three / sizeof *three, three}}};

/*
 * WHICH COMMAND...: runs a command under a filter. A program that set a filter by itself would lack
 * parts of the shim.
 */
int under_filter(char **which)
{
    for (size_t i = 0; which[0] && i < sizeof filters / sizeof *filters; i++) {
        if (strcmp(which[0], filters[i].name))
            continue;
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                    &filters[i].program))
            err(1, "seccomp");
        execvp(which[1], which + 1);
        err(1, "%s", which[1]);
    }
    errx(2, "no such filter");
}
