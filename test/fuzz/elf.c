/* Fuzz target: a program file of any content is examined in bounded time, reading only the file. */
#include "shim/run/elf.h"
#include "shim/run/refuse.h"
#include "shim/run/script.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t read_memory(const struct elf_source *s, void *buf, size_t len, uint64_t at)
{
    /* elf.c must not ask beyond the file; pread() would not notice */
    if (at > s->size || len > s->size - at)
        abort();
    memcpy(buf, s->data + at, len);
    return (ssize_t)len;
}

static void check_elf(const uint8_t *data, size_t size)
{
    const struct elf_source s = {.read = read_memory, .size = size, .data = data};
    struct evidence e = {.machine = 62};
    char reason[REASON_MAX];

    if (elf_examine(&s, &e.elf))
        return;
    if (!memchr(e.elf.interpreter, '\0', sizeof e.elf.interpreter))
        abort();
    if (refuse(&e, reason) != (*reason != '\0'))
        abort();
}

static void check_script(const uint8_t *data, size_t size)
{
    char interpreter[SCRIPT_LINE];
    int ret = script_interpreter((const char *)data, size, interpreter);
    if (ret == 1 && (!*interpreter || strlen(interpreter) > SCRIPT_LINE - 3))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_elf(data, size);
    check_script(data, size);
    return 0;
}
