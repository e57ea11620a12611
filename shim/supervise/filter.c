/*
 * Theory of operation. A seccomp filter sees a system call's number and its six argument registers,
 * but not the memory that they point to. So it passes the calls that carry no address or cannot
 * connect; a call that may open or accept a connection, or send to an address, stops until the
 * supervisor has judged it. Calls of the shim, which has asked btnsd already, carry the mark, a
 * random number for each run, in the last argument register, which these calls do not use. When
 * libc makes the call, that register holds whatever was left in it. The program could find out the
 * mark: it distinguishes calls that were asked about from calls that were overlooked, and is no
 * barrier against deliberate evasion.
 */
#include "shim/supervise/filter.h"

#include "libapi/wire/probe.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE  AUDIT_ARCH_X86_64
#define FOREIGN AUDIT_ARCH_I386
#define X32_BIT 0x40000000u
/*
 * socketcall, socket, bind, connect, listen, accept4, sendto, sendmsg, sendmmsg, io_uring_setup,
 * io_uring_enter
 */
static const unsigned foreign[] = {102, 359, 361, 362, 363, 364, 369, 370, 345, 425, 426};
#elif defined __aarch64__
#define NATIVE  AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
/*
 * socket, bind, connect, listen, accept, sendto, sendmsg, accept4, sendmmsg, io_uring_setup,
 * io_uring_enter
 */
static const unsigned foreign[] = {281, 282, 283, 284, 285, 290, 296, 366, 374, 425, 426};
#elif defined __riscv
#define NATIVE AUDIT_ARCH_RISCV64
#else
#error "Which architecture does seccomp name here? Add it."
#endif

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#define SYS_io_uring_enter 426
#endif
#ifndef TCP_AO_GET_KEYS
#define TCP_AO_DEL_KEY  39
#define TCP_AO_GET_KEYS 41
#endif

enum what {
    ALWAYS,  /* whatever the arguments are */
    ADDRESS, /* if the fifth argument (the address) is not NULL */
    SOCKET,  /* if it makes a socket that btnsd cannot protect */
    OPTION,  /* if it concerns an option listed in `options` */
    NEVER,   /* io_uring: always refused */
};

static const struct row {
    long call;
    enum what what;
    bool markable; /* the call does not use the last argument register, so it may carry the mark */
    bool for_require; /* stops only under --require */
} rows[] = {
    {SYS_connect, ALWAYS, true, false},
    {SYS_listen, ALWAYS, true, false},
#ifdef SYS_accept
    {SYS_accept, ALWAYS, true, false},
#endif
    {SYS_accept4, ALWAYS, true, false},
    {SYS_bind, ALWAYS, true, false},
    {SYS_sendto, ADDRESS, false, false},
    {SYS_sendmsg, ALWAYS, true, false},
    {SYS_sendmmsg, ALWAYS, true, false},
    {SYS_socket, SOCKET, false, true},
    {SYS_io_uring_setup, NEVER, false, false},
    {SYS_io_uring_enter, NEVER, false, false}, /* a ring may have been set up before */
    {SYS_setsockopt, OPTION, false, false},
    {SYS_getsockopt, OPTION, false, false},
};
#define ROWS (sizeof rows / sizeof *rows)

#define FAIL(e) (SECCOMP_RET_ERRNO | (e))
static const struct option {
    long call;
    int name;
    uint32_t end;
} options[] = {
    /* With this option the first data connects, perhaps long after the verdict. */
    {SYS_setsockopt, TCP_FASTOPEN_CONNECT, FAIL(ENOPROTOOPT)},
    /* The kernel would show the keys of action sign to every process that has the socket. */
    {SYS_getsockopt, TCP_AO_GET_KEYS, FAIL(ENOPROTOOPT)},
    {SYS_setsockopt, TCP_AO_DEL_KEY, FAIL(ENOPROTOOPT)},
    /* A key of length 0, in the program's memory, removes the key. */
    {SYS_setsockopt, TCP_MD5SIG, SECCOMP_RET_USER_NOTIF},
    {SYS_setsockopt, TCP_MD5SIG_EXT, SECCOMP_RET_USER_NOTIF},
};
#define OPTIONS (sizeof options / sizeof *options)

#define LOAD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, what)
#define END(how)   BPF_STMT(BPF_RET | BPF_K, how)
#define NR         offsetof(struct seccomp_data, nr)
#define ARCH       offsetof(struct seccomp_data, arch)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW(n)  (uint32_t)(offsetof(struct seccomp_data, args) + 8u * (unsigned)(n))
#define HIGH(n) (LOW(n) + 4)
#else
#define HIGH(n) (uint32_t)(offsetof(struct seccomp_data, args) + 8u * (unsigned)(n))
#define LOW(n)  (HIGH(n) + 4)
#endif

static void add_filter_step(struct filter *f, struct sock_filter step)
{
    if (f->len < FILTER_MAX)
        f->code[f->len] = step;
    f->len++;
}

/* Compares; skips the next `yes` steps if true, `no` steps if false. */
static void add_filter_test(struct filter *f, uint16_t how, uint32_t value, uint8_t yes, uint8_t no)
{
    add_filter_step(
        f, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | how), value, yes, no));
}

/* Returns `how` if the word that was loaded equals `value`. */
static void end_filter_if(struct filter *f, uint32_t value, uint32_t how)
{
    add_filter_test(f, BPF_JEQ, value, 0, 1);
    add_filter_step(f, (struct sock_filter)END(how));
}

static void add_filter_mark_steps(struct filter *f, uint64_t mark, uint32_t how)
{
    add_filter_step(f, (struct sock_filter)LOAD(LOW(5)));
    add_filter_test(f, BPF_JEQ, (uint32_t)mark, 0, 3);
    add_filter_step(f, (struct sock_filter)LOAD(HIGH(5)));
    end_filter_if(f, (uint32_t)(mark >> 32), how);
}

/* Returns for a TCP or MPTCP stream or a UDP datagram socket, by protocol number or 0. */
static void add_filter_socket_steps(struct filter *f)
{
    add_filter_step(f, (struct sock_filter)LOAD(LOW(0)));
    end_filter_if(f, AF_UNIX, SECCOMP_RET_ALLOW);
    end_filter_if(f, AF_NETLINK, SECCOMP_RET_ALLOW);
    add_filter_test(f, BPF_JEQ, AF_INET, 2, 0);
    add_filter_test(f, BPF_JEQ, AF_INET6, 1, 0);
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_USER_NOTIF));
    add_filter_step(f, (struct sock_filter)LOAD(LOW(1)));
    add_filter_step(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
    add_filter_test(f, BPF_JEQ, SOCK_STREAM, 0, 7);
    add_filter_step(f, (struct sock_filter)LOAD(LOW(2)));
    end_filter_if(f, 0, SECCOMP_RET_ALLOW);
    end_filter_if(f, IPPROTO_TCP, SECCOMP_RET_ALLOW);
    end_filter_if(f, IPPROTO_MPTCP, SECCOMP_RET_ALLOW);
    add_filter_test(f, BPF_JEQ, SOCK_DGRAM, 0, 5);
    add_filter_step(f, (struct sock_filter)LOAD(LOW(2)));
    end_filter_if(f, 0, SECCOMP_RET_ALLOW);
    end_filter_if(f, IPPROTO_UDP, SECCOMP_RET_ALLOW);
}

/*
 * Answers the probe that asks which filter this is (libapi/wire/probe.h), if it carries the mark.
 */
static void add_filter_probe_steps(struct filter *f, uint64_t mark, bool require)
{
    const size_t test = f->len;
    add_filter_test(f, BPF_JEQ, (uint32_t)BTNS_PROBE_LEVEL, 0, 0);
    add_filter_mark_steps(f, mark, FAIL(require ? BTNS_PROBE_REQUIRE : BTNS_PROBE_RULES));
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_ALLOW));
    f->code[test].jf = (uint8_t)(f->len - test - 1);
}

static void add_filter_option_steps(struct filter *f, long call, uint64_t mark, bool require)
{
    add_filter_step(f, (struct sock_filter)LOAD(LOW(1)));
    if (call == SYS_getsockopt)
        add_filter_probe_steps(f, mark, require);
    add_filter_test(f, BPF_JEQ, IPPROTO_TCP, 1, 0);
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_ALLOW));
    add_filter_step(f, (struct sock_filter)LOAD(LOW(2)));
    for (size_t i = 0; i < OPTIONS; i++)
        if (options[i].call == call)
            end_filter_if(f, (uint32_t)options[i].name, options[i].end);
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_ALLOW));
}

/* The steps for a call of this row; the last step returns. */
static void add_filter_call_steps(struct filter *f, const struct row *r, uint64_t mark,
                                  bool require)
{
    if (r->what == NEVER) {
        add_filter_step(f, (struct sock_filter)END(FAIL(ENOSYS)));
        return;
    }
    if (r->what == OPTION) {
        add_filter_option_steps(f, r->call, mark, require);
        return;
    }
    if (r->markable)
        add_filter_mark_steps(f, mark, SECCOMP_RET_ALLOW);
    if (r->what == ADDRESS) {
        add_filter_step(f, (struct sock_filter)LOAD(LOW(4)));
        add_filter_test(f, BPF_JEQ, 0, 0, 3);
        add_filter_step(f, (struct sock_filter)LOAD(HIGH(4)));
        end_filter_if(f, 0, SECCOMP_RET_ALLOW);
    } else if (r->what == SOCKET) {
        add_filter_socket_steps(f);
    }
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_USER_NOTIF));
}

/* 32-bit programs' calls cannot be examined, so they may open no sockets. */
static void add_filter_foreign_steps(struct filter *f)
{
    add_filter_step(f, (struct sock_filter)LOAD(ARCH));
#ifdef FOREIGN
    const size_t calls = sizeof foreign / sizeof *foreign;
    add_filter_test(f, BPF_JEQ, FOREIGN, 0, (uint8_t)(2 * calls + 2));
    add_filter_step(f, (struct sock_filter)LOAD(NR));
    for (size_t i = 0; i < calls; i++)
        end_filter_if(f, foreign[i], SECCOMP_RET_USER_NOTIF);
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_ALLOW));
#endif
    add_filter_test(f, BPF_JEQ, NATIVE, 1, 0);
    add_filter_step(f, (struct sock_filter)END(FAIL(ENOSYS)));
}

void filter_build(struct filter *f, uint64_t mark, bool require)
{
    f->len = 0;
    add_filter_foreign_steps(f);
    add_filter_step(f, (struct sock_filter)LOAD(NR));
#ifdef X32_BIT
    add_filter_test(f, BPF_JGE, X32_BIT, 0, 1); /* fail as in a kernel built without x32 support */
    add_filter_step(f, (struct sock_filter)END(FAIL(ENOSYS)));
#endif
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        if (r->for_require && !require)
            continue;
        size_t test = f->len;
        add_filter_test(f, BPF_JEQ, (uint32_t)r->call, 0, 0);
        add_filter_call_steps(f, r, mark, require);
        f->code[test].jf = (uint8_t)(f->len - test - 1);
    }
    add_filter_step(f, (struct sock_filter)END(SECCOMP_RET_ALLOW));
}

int filter_install(const struct filter *f)
{
    const unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    struct sock_fprog program = {(unsigned short)f->len, (struct sock_filter *)(uintptr_t)f->code};
    long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (fd < 0 && errno == EACCES && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return fd < 0 ? -errno : (int)fd;
}

enum filter_found filter_find(uint64_t mark)
{
    if (!mark || !syscall(SYS_getsockopt, -1L, (long)BTNS_PROBE_LEVEL, 0L, 0L, 0L, mark))
        return FILTER_NONE;
    return errno == BTNS_PROBE_RULES     ? FILTER_OF_RULES
           : errno == BTNS_PROBE_REQUIRE ? FILTER_OF_REQUIRE
                                         : FILTER_NONE;
}
