/* Prints btnsctl's own messages, as text or as JSON: errors, and that a command was carried out. */
#include "btnsd/ctl/line/own_messages.h"

#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

static const char *const outcomes[] = {[CTL_OK] = "done",
                                       [CTL_FAILED] = "failed",
                                       [CTL_USAGE] = "usage",
                                       [CTL_UNKNOWN] = "unknown",
                                       [CTL_DENIED] = "denied"};

void ctl_say_error(const struct ctl *c, int status, const char *reason)
{
    char clean[4 * sizeof((struct err *)NULL)->text + 32];
    if (!c->json) {
        fprintf(stderr, "btnsctl: %s\n", text_clean(clean, sizeof clean, reason));
        return;
    }
    struct json j = {.to = stderr};
    json_open_record(&j, NULL);
    json_open(&j, "error", '{');
    json_number(&j, "status", (uint64_t)status);
    json_string(&j, "outcome", outcomes[status]);
    json_string(&j, "text", reason);
    json_close(&j, '}');
    json_close(&j, '}');
}

int ctl_say_done(const struct ctl *c, const char *request, const char *about, const char *text)
{
    if (!c->json) {
        fputs(text, stdout);
        return CTL_OK;
    }
    struct json j = {.to = stdout};
    json_open_record(&j, NULL);
    json_string(&j, "request", request);
    json_string_or_null(&j, "service", about);
    json_string(&j, "outcome", outcomes[CTL_OK]);
    json_string_or_null(&j, "text", text);
    json_close(&j, '}');
    return CTL_OK;
}
