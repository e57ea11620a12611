/* A reader's task as octets: the encoder, a decoder that checks everything, and the work itself. */
#include "btnsd/rules/read/reader_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Must change with each change of a task or an answer: btnsd and its reader have the same version.
 */
#define TASK_MAGIC 0x62746e31u

enum task_kind { TASK_TEXTS, TASK_NAMES, TASK_KINDS };

struct head {
    uint32_t magic, kind, n, zero;
};

/* Followed by `len` octets and a NUL. */
struct item {
    uint32_t kind; /* the kind of a name; 0 for a text */
    uint32_t len;
};

static int put_task_head(enum task_kind kind, size_t n, struct policy_stream *task)
{
    const struct head h = {.magic = TASK_MAGIC, .kind = kind, .n = (uint32_t)n};
    return record_append(task, &h, sizeof h);
}

static int put_task_item(uint32_t kind, const char *text, size_t len, struct policy_stream *task)
{
    const struct item i = {.kind = kind, .len = (uint32_t)len};
    int rc = record_append(task, &i, sizeof i);
    if (!rc && len)
        rc = record_append(task, text, len);
    return rc ? rc : record_append(task, "", 1);
}

int task_of_texts(const struct policy_text *text, unsigned n, struct policy_stream *task)
{
    int rc = put_task_head(TASK_TEXTS, n, task);
    for (unsigned i = 0; !rc && i < n; i++)
        rc = put_task_item(0, text[i].text, text[i].len, task);
    return rc;
}

int task_of_names(const struct lookups *l, struct policy_stream *task)
{
    int rc = put_task_head(TASK_NAMES, l->n, task);
    for (size_t i = 0; !rc && i < l->n; i++)
        rc = put_task_item(l->item[i].kind, l->item[i].name, strlen(l->item[i].name), task);
    return rc;
}

static bool take_task_octets(const struct policy_stream *task, size_t *at, void *to, size_t len)
{
    if (task->len - *at < len)
        return false;
    memcpy(to, task->data + *at, len);
    *at += len;
    return true;
}

static bool take_task_head(const struct policy_stream *task, size_t *at, struct head *h)
{
    return take_task_octets(task, at, h, sizeof *h) && h->magic == TASK_MAGIC &&
           h->kind < TASK_KINDS && !h->zero &&
           h->n <= (task->len - *at) / (sizeof(struct item) + 1);
}

/* Reads an item; its text is not copied, but points into the task. */
static bool take_task_item(const struct policy_stream *task, size_t *at, struct item *i,
                           char **text)
{
    if (!take_task_octets(task, at, i, sizeof *i) || task->len - *at <= i->len)
        return false;
    *text = task->data + *at;
    *at += i->len + 1;
    return !(*text)[i->len];
}

bool task_opens_files(const struct policy_stream *task)
{
    struct head h;
    size_t at = 0;
    return take_task_head(task, &at, &h) && h.kind == TASK_NAMES;
}

static int read_task_texts(const struct policy_stream *task, size_t at, unsigned n,
                           struct policy_stream *out)
{
    struct policy_text *text = calloc(n + 1u, sizeof *text);
    int rc = text ? 0 : -ENOMEM;
    for (unsigned k = 0; !rc && k < n; k++) {
        struct item i;
        rc = take_task_item(task, &at, &i, &text[k].text) && !i.kind ? 0 : -EBADMSG;
        text[k].len = rc ? 0 : i.len;
    }
    if (!rc)
        rc = at == task->len ? policy_read_all(text, n, out) : -EBADMSG;
    free(text);
    return rc;
}

static bool is_kind_of_name(uint32_t kind)
{
    return kind == LOOKUP_USER || kind == LOOKUP_GROUP || kind == LOOKUP_HOST;
}

static int look_task_names_up(const struct policy_stream *task, size_t at, unsigned n,
                              struct policy_stream *out)
{
    struct lookups l = {.item = calloc(n + 1u, sizeof *l.item), .n = n};
    int rc = l.item ? 0 : -ENOMEM;
    for (unsigned k = 0; !rc && k < n; k++) {
        struct item i;
        char *name;
        rc =
            take_task_item(task, &at, &i, &name) && is_kind_of_name(i.kind) && strlen(name) == i.len
                ? 0
                : -EBADMSG;
        if (!rc)
            l.item[k] = (struct lookup){.kind = i.kind, .name = name};
    }
    if (!rc)
        rc = at == task->len ? lookup_in_child(&l, out) : -EBADMSG;
    free(l.item);
    return rc;
}

int task_perform(const struct policy_stream *task, struct policy_stream *out)
{
    struct head h;
    size_t at = 0;
    if (!take_task_head(task, &at, &h) || h.n > UINT16_MAX)
        return -EBADMSG;
    return h.kind == TASK_TEXTS ? read_task_texts(task, at, h.n, out)
                                : look_task_names_up(task, at, h.n, out);
}
