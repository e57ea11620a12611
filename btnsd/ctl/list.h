/* Prints a list from btnsd as a table or a JSON array, for `latches` and `peers`. */
#ifndef BTNS_CTL_LIST_H
#define BTNS_CTL_LIST_H

#include "btnsd/ctl/commands.h"
#include "libapi/client/ask.h"
#include "libapi/tool/json.h"
#include "libapi/tool/table.h"

struct list {
    enum btns_type ask, record;
    const char *const *headings;
    int (*add)(struct table *t, const union btns_reply *record); /* 0 or -errno */
    void (*json)(struct json *j, const union btns_reply *record);
    /* The request, if it is more than a header; list_show() fills in its header. */
    struct btns_hdr *question;
    size_t size;
    /* Is the record to be shown? NULL: all are. */
    bool (*wants)(const void *filter, const union btns_reply *record);
    const void *filter;
};

int list_show(const struct list *l, const struct ctl *c, struct err *err);

#endif
