/*
 * The facts about an ELF file that decide whether the shim can be preloaded; every offset and
 * length is checked.
 */
#ifndef BTNS_SHIM_RUN_ELF_H
#define BTNS_SHIM_RUN_ELF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the bytes come from: a file, or memory when fuzzing. */
struct elf_source {
    /* like pread() */
    ssize_t (*read)(const struct elf_source *s, void *buf, size_t len, uint64_t at);
    uint64_t size;
    int fd;
    const uint8_t *data;
};

struct elf_facts {
    uint8_t bits;               /* ELFCLASS32 or ELFCLASS64 */
    uint8_t order;              /* ELFDATA2LSB or ELFDATA2MSB */
    uint16_t machine;           /* EM_* */
    bool native;                /* as this program's; otherwise the fields below are not filled */
    uint16_t type;              /* ET_* */
    bool truncated;             /* a segment that is loaded reaches beyond the end of the file */
    bool dynamic;               /* has a dynamic section */
    bool go;                    /* built by the Go tool chain */
    char interpreter[PATH_MAX]; /* the dynamic loader; "": none */
};

/*
 * Returns 0; -ENOEXEC if the file is no ELF file, -EBADMSG if it is malformed, or -errno if it
 * cannot be read.
 */
int elf_examine(const struct elf_source *s, struct elf_facts *out);

/* The source for an open file of that size. */
struct elf_source elf_source_file(int fd, uint64_t size);

#endif
