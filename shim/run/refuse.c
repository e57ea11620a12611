/* Decides whether the shim can be preloaded into a program, and if not, why; does no I/O. */
#include "shim/run/refuse.h"

#include <elf.h>
#include <gnu/lib-names.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *refused_machine_name(uint16_t machine, char buf[32])
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        {EM_386, "i386"},    {EM_X86_64, "x86-64"}, {EM_ARM, "arm"},   {EM_AARCH64, "aarch64"},
        {EM_PPC64, "ppc64"}, {EM_RISCV, "risc-v"},  {EM_S390, "s390"}, {EM_MIPS, "mips"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].machine == machine)
            return names[i].name;
    snprintf(buf, 32, "machine %u", machine);
    return buf;
}

static bool refuse_other_architecture(const struct evidence *e, char reason[REASON_MAX])
{
    char its[32], ours[32];
    if (e->elf.native && e->elf.machine == e->machine)
        return false;
    snprintf(reason, REASON_MAX, "wrong architecture: it is %s, %d-bit, and btns's shim %s, %d-bit",
             refused_machine_name(e->elf.machine, its), e->elf.bits == ELFCLASS64 ? 64 : 32,
             refused_machine_name(e->machine, ours), (int)sizeof(void *) * 8);
    return true;
}

static bool refuse_no_program_image(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX, "an ELF file, but not a program");
    return e->elf.type != ET_EXEC && e->elf.type != ET_DYN;
}

static bool refuse_truncated(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX, "a truncated file");
    return e->elf.truncated;
}

static bool refuse_go(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX, "a Go program: it makes system calls past the C library");
    return e->elf.go;
}

/*
 * Without a dynamic loader nothing is preloaded. A static-pie has a dynamic section but no loader.
 */
static bool refuse_static(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX, "statically linked");
    return !e->elf.dynamic || !*e->elf.interpreter;
}

static bool refuse_other_libc(const struct evidence *e, char reason[REASON_MAX])
{
    const char *slash = strrchr(e->elf.interpreter, '/');
    snprintf(reason, REASON_MAX, "uses another C library (its loader is %.150s)",
             e->elf.interpreter);
    return strcmp(slash ? slash + 1 : e->elf.interpreter, LD_SO) != 0;
}

/*
 * The remaining reasons are those for which the kernel sets AT_SECURE (cap_bprm_creds_from_file),
 * which makes the loader ignore LD_PRELOAD: the new effective ids differ from the old real ones, or
 * the file has capabilities and the real user is not root. So root may run a set-user-ID-root
 * program with the shim.
 */
static bool refuse_counts_privilege_bits(const struct evidence *e)
{
    return !e->nosuid && !e->no_new_privs;
}

static bool refuse_set_user_id(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX,
             "set-user-ID (it would run as user %u): the loader ignores preloaded libraries",
             e->owner);
    return (e->mode & S_ISUID) && refuse_counts_privilege_bits(e) && e->owner != e->uid;
}

/* Without group execution the bit does not mean set-group-ID (it once meant mandatory locking). */
static bool refuse_set_group_id(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(reason, REASON_MAX,
             "set-group-ID (it would run as group %u): the loader ignores preloaded libraries",
             e->group);
    return (e->mode & S_ISGID) && (e->mode & S_IXGRP) && refuse_counts_privilege_bits(e) &&
           e->group != e->gid;
}

static bool refuse_ids_differ(const struct evidence *e, char reason[REASON_MAX])
{
    uid_t euid = (e->mode & S_ISUID) && refuse_counts_privilege_bits(e) ? e->owner : e->euid;
    gid_t egid = (e->mode & S_ISGID) && (e->mode & S_IXGRP) && refuse_counts_privilege_bits(e)
                     ? e->group
                     : e->egid;
    snprintf(reason, REASON_MAX,
             "btns-run has other effective than real ids: the loader ignores preloaded libraries");
    return euid != e->uid || egid != e->gid;
}

static bool refuse_capabilities(const struct evidence *e, char reason[REASON_MAX])
{
    snprintf(
        reason, REASON_MAX,
        "it has file capabilities (getcap shows them): the loader ignores preloaded libraries");
    return e->capabilities && !e->nosuid && e->uid != 0;
}

typedef bool find_reason(const struct evidence *e, char reason[REASON_MAX]);

static bool refuse_for_any(find_reason *const *reasons, const struct evidence *e,
                           char reason[REASON_MAX])
{
    for (; *reasons; reasons++)
        if ((*reasons)(e, reason))
            return true;
    *reason = '\0';
    return false;
}

/* The order matters: a reason that explains a later one comes first. */
bool refuse(const struct evidence *e, char reason[REASON_MAX])
{
    static find_reason *const reasons[] = {
        refuse_other_architecture, refuse_no_program_image, refuse_truncated,    refuse_set_user_id,
        refuse_set_group_id,       refuse_ids_differ,       refuse_capabilities, NULL};
    return refuse_for_any(reasons, e, reason);
}

bool fails_over_shim(const struct evidence *e)
{
    char reason[REASON_MAX];
    return !refuse_static(e, reason) && refuse_other_libc(e, reason);
}

bool refuse_shim(const struct evidence *e, char reason[REASON_MAX])
{
    static find_reason *const reasons[] = {refuse_go, refuse_static, refuse_other_libc, NULL};
    return refuse_for_any(reasons, e, reason);
}
