/* Prints a list from btnsd as a table or a JSON array, for `latches` and `peers`. */
#include "btnsd/ctl/list.h"

#include <errno.h>
#include <string.h>

struct showing {
    const struct list *list;
    struct table *table;
    struct json json;
};

static bool list_wants(const struct list *l, const union btns_reply *record)
{
    return !l->wants || l->wants(l->filter, record);
}

static int list_record_row(void *arg, const union btns_reply *record, struct err *err)
{
    const struct showing *s = arg;
    int ret = list_wants(s->list, record) ? s->list->add(s->table, record) : 0;
    if (ret)
        err_set(err, "cannot hold the list: %s", strerror(-ret));
    return ret;
}

static int list_record_json(void *arg, const union btns_reply *record, struct err *err)
{
    struct showing *s = arg;
    (void)err;
    json_begin_list(&s->json);
    if (!list_wants(s->list, record))
        return 0;
    json_open_record(&s->json, NULL);
    s->list->json(&s->json, record);
    json_close(&s->json, '}');
    return 0;
}

static int ask_list_page(struct showing *s, const struct ctl *c, ask_each *each, struct err *err)
{
    const struct list *l = s->list;
    union btns_reply end;
    if (!l->question)
        return ask_list(c->socket, l->ask, l->record, each, s, err);
    return ask_records(c->socket, l->question, l->size, l->ask, l->record, BTNS_REP_END, &end, each,
                       s, err);
}

/*
 * Prints nothing before btnsd has answered. If the list breaks off later, the array stays open, so
 * that a program that reads it cannot take it for complete.
 */
static int show_list_json(struct showing *s, const struct ctl *c, struct err *err)
{
    s->json.to = stdout;
    int rc = ask_list_page(s, c, list_record_json, err);
    if (rc)
        return ctl_exit(rc);
    json_begin_list(&s->json);
    json_close(&s->json, ']');
    return CTL_OK;
}

static int show_list_table(struct showing *s, const struct ctl *c, struct err *err)
{
    s->table = table_new(s->list->headings);
    if (!s->table) {
        err_set(err, "cannot hold the list: %s", strerror(ENOMEM));
        return CTL_FAILED;
    }
    int rc = ask_list_page(s, c, list_record_row, err);
    if (!rc)
        table_print(s->table, stdout);
    table_free(s->table);
    return ctl_exit(rc);
}

int list_show(const struct list *l, const struct ctl *c, struct err *err)
{
    struct showing s = {.list = l};
    return (c->json ? show_list_json : show_list_table)(&s, c, err);
}
