/* btnsctl peers import: takes peers that another host has exported into known_peers. */
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/peer_latches.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Static_assert(BTNS_IMPORT_SEALS == (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
               "as fcntl has them");

/*
 * Reads the passed file, which must be sealed, so that nobody can change it, and reading cannot
 * block. 0 or -errno with err.
 */
static int read_sealed_import(int fd, char **text, size_t *len, struct err *err)
{
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    *text = NULL;
    if (seals < 0 || (seals & BTNS_IMPORT_SEALS) != BTNS_IMPORT_SEALS || fstat(fd, &st)) {
        err_set(err, "the text of the peers does not come in a sealed memfd");
        return -EINVAL;
    }
    if (st.st_size > BTNS_IMPORT_MAX) {
        err_set(err, "larger than %u octets: import the peers in several parts", BTNS_IMPORT_MAX);
        return -EFBIG;
    }
    *len = (size_t)st.st_size;
    *text = malloc(*len + 1);
    if (*text && pread(fd, *text, *len, 0) == st.st_size)
        return 0;
    err_set(err, "btnsd could not read the text of the peers: %s",
            *text ? "it is cut off" : "out of memory");
    return *text ? -EIO : -ENOMEM;
}

static bool check_imported_line(void *arg, const struct peer *line, struct err *why)
{
    for (size_t i = 0; i < line->addrs; i++)
        if (peer_check_latches(arg, &line->addr[i], &line->key, NULL, why))
            return false;
    return true;
}

/* Describes for a person what was done. */
static void write_import_done(char text[BTNS_TEXT_MAX], const struct peers_imported *done)
{
    snprintf(text, BTNS_TEXT_MAX, "%u added, %u changed, %u known already%s\n", done->added,
             done->changed, done->same, done->own ? "; this host's own key was passed over" : "");
}

bool on_import(struct btnsd *d, struct request *r)
{
    struct btns_import m;
    struct err err = {""};
    struct peers_imported done;
    char *text, said[BTNS_TEXT_MAX];
    size_t len = 0;
    memcpy(&m, r->hdr, sizeof m);
    m.name[sizeof m.name - 1] = '\0';
    const struct peers_import how = {.own = &d->host.pub,
                                     .check = check_imported_line,
                                     .arg = d,
                                     .revoked = peers_revoked(d->peers),
                                     .now = (uint64_t)time(NULL)};
    int rc = read_sealed_import(r->fd, &text, &len, &err);
    if (!rc)
        rc = peers_import(d->peers, &how, m.name, text, len, &done, &err);
    free(text);
    if (!rc) {
        epoch_move(d->epoch); /* ends cached verdicts, which may be wrong now */
        serve_review(&d->guards, BTNS_R_IDENTITY);
        write_import_done(said, &done);
    }
    answer_end(r->client, r->hdr, -rc, rc ? err.text : said);
    return true;
}
