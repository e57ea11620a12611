/*
 * Reads the facts about an ELF file that decide whether the shim can be preloaded; every offset and
 * length is checked.
 */
#include "shim/run/elf.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

/*
 * Limits: the kernel refuses more than 64 KiB of program headers; the limits on notes and sections
 * are ours.
 */
#define HEADERS_MAX  (65536 / sizeof(ElfW(Phdr)))
#define NOTES_MAX    64
#define SECTIONS_MAX 4096

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif
#define OWN_BITS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

static bool is_inside_elf(const struct elf_source *s, uint64_t at, uint64_t len)
{
    return at <= s->size && len <= s->size - at;
}

static int read_elf(const struct elf_source *s, void *buf, size_t len, uint64_t at)
{
    if (!is_inside_elf(s, at, len))
        return -EBADMSG;
    ssize_t n = s->read(s, buf, len, at);
    if (n < 0)
        return -errno;
    return (size_t)n == len ? 0 : -EBADMSG; /* the file shrank while it was read */
}

static ssize_t read_elf_file(const struct elf_source *s, void *buf, size_t len, uint64_t at)
{
    return pread(s->fd, buf, len, (off_t)at);
}

struct elf_source elf_source_file(int fd, uint64_t size)
{
    return (struct elf_source){.read = read_elf_file, .size = size, .fd = fd};
}

/* Applies the kernel's conditions (load_elf_binary): 2 to PATH_MAX bytes, the last one NUL. */
static int read_elf_interpreter(const struct elf_source *s, const ElfW(Phdr) * p,
                                struct elf_facts *f)
{
    if (*f->interpreter)
        return 0; /* as in the kernel, the first PT_INTERP counts */
    if (p->p_filesz < 2 || p->p_filesz > sizeof f->interpreter)
        return -EBADMSG;
    int ret = read_elf(s, f->interpreter, p->p_filesz, p->p_offset);
    if (!ret && (f->interpreter[p->p_filesz - 1] || !*f->interpreter))
        ret = -EBADMSG;
    return ret;
}

static uint64_t align_elf_note(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

/*
 * Go's linker writes a note with the owner "Go" and the build id; stripping a program keeps the
 * note.
 */
static bool has_elf_go_note(const struct elf_source *s, const ElfW(Phdr) * p)
{
    const uint64_t align = p->p_align == 8 ? 8 : 4; /* GNU property notes are aligned to 8 */
    uint64_t at = 0;

    if (!is_inside_elf(s, p->p_offset, p->p_filesz))
        return false;
    for (int i = 0; i < NOTES_MAX && p->p_filesz - at >= sizeof(ElfW(Nhdr)); i++) {
        ElfW(Nhdr) note;
        char owner[4];
        if (read_elf(s, &note, sizeof note, p->p_offset + at))
            return false;
        if (note.n_namesz == sizeof owner &&
            !read_elf(s, owner, sizeof owner, p->p_offset + at + sizeof note) &&
            !memcmp(owner, "Go\0", sizeof owner))
            return true;
        at = align_elf_note(at + sizeof note + note.n_namesz, align);
        at = align_elf_note(at + note.n_descsz, align);
        if (at > p->p_filesz)
            return false;
    }
    return false;
}

static int read_elf_header(const struct elf_source *s, const ElfW(Phdr) * p, struct elf_facts *f)
{
    switch (p->p_type) {
    case PT_LOAD:
        if (!is_inside_elf(s, p->p_offset, p->p_filesz))
            f->truncated = true;
        return 0;
    case PT_DYNAMIC:
        f->dynamic = true;
        return 0;
    case PT_INTERP:
        return read_elf_interpreter(s, p, f);
    case PT_NOTE:
        f->go = f->go || has_elf_go_note(s, p);
        return 0;
    default:
        return 0;
    }
}

static int read_program_headers(const struct elf_source *s, const ElfW(Ehdr) * e,
                                struct elf_facts *f)
{
    if (!e->e_phnum || e->e_phnum > HEADERS_MAX || e->e_phentsize != sizeof(ElfW(Phdr)))
        return -EBADMSG;
    for (unsigned i = 0; i < e->e_phnum; i++) {
        ElfW(Phdr) p;
        uint64_t skip = (uint64_t)i * sizeof p;
        if (!is_inside_elf(s, e->e_phoff, skip)) /* keeps the sum below from */
            return -EBADMSG;
        int ret = read_elf(s, &p, sizeof p, e->e_phoff + skip);
        if (!ret)
            ret = read_elf_header(s, &p, f);
        if (ret)
            return ret;
    }
    return 0;
}

static bool is_elf_go_section(const struct elf_source *s, const ElfW(Shdr) * names, uint64_t name)
{
    static const char *const known[] = {".gopclntab", ".go.buildinfo"};
    char text[20] = "";
    if (name >= names->sh_size || !is_inside_elf(s, names->sh_offset, names->sh_size))
        return false;
    uint64_t rest = names->sh_size - name;
    size_t len = rest < sizeof text ? (size_t)rest : sizeof text;
    if (read_elf(s, text, len, names->sh_offset + name) || !memchr(text, '\0', len))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(text, known[i]))
            return true;
    return false;
}

/*
 * Finds a Go program linked with -buildid=, which has no note. A program runs even if its section
 * table is missing or damaged, so nothing here is an error.
 */
static bool has_elf_go_section(const struct elf_source *s, const ElfW(Ehdr) * e)
{
    ElfW(Shdr) names, section;
    if (e->e_shentsize != sizeof section || e->e_shnum > SECTIONS_MAX ||
        e->e_shstrndx >= e->e_shnum ||
        !is_inside_elf(s, e->e_shoff, (uint64_t)e->e_shnum * sizeof section) ||
        read_elf(s, &names, sizeof names, e->e_shoff + (uint64_t)e->e_shstrndx * sizeof names))
        return false;
    for (unsigned i = 0; i < e->e_shnum; i++) {
        if (read_elf(s, &section, sizeof section, e->e_shoff + (uint64_t)i * sizeof section))
            return false;
        if (is_elf_go_section(s, &names, section.sh_name))
            return true;
    }
    return false;
}

int elf_examine(const struct elf_source *s, struct elf_facts *f)
{
    union {
        unsigned char ident[EI_NIDENT];
        ElfW(Ehdr) header;
    } u;

    memset(f, 0, sizeof *f);
    if (s->size < SELFMAG || read_elf(s, u.ident, SELFMAG, 0) || memcmp(u.ident, ELFMAG, SELFMAG))
        return -ENOEXEC;
    int ret = read_elf(s, u.ident, sizeof u.ident, 0);
    if (ret)
        return ret;
    f->bits = u.ident[EI_CLASS];
    f->order = u.ident[EI_DATA];
    /* e_machine has the same offset in both classes. */
    ret = read_elf(s, &f->machine, sizeof f->machine, offsetof(ElfW(Ehdr), e_machine));
    if (f->order != OWN_ORDER)
        f->machine = __builtin_bswap16(f->machine);
    f->native = f->bits == OWN_BITS && f->order == OWN_ORDER;
    if (ret || !f->native)
        return ret;
    ret = read_elf(s, &u.header, sizeof u.header, 0);
    if (ret)
        return ret;
    f->type = u.header.e_type;
    if (f->type != ET_EXEC && f->type != ET_DYN)
        return 0; /* object files need no program headers */
    ret = read_program_headers(s, &u.header, f);
    if (!ret)
        f->go = f->go || has_elf_go_section(s, &u.header);
    return ret;
}
