/* The file of the latches that are newer than the file of all latches (store_newest.h). */
#include "btnsd/latch/registry/store_newest.h"

#include "btnsd/base/boot.h"
#include "btnsd/latch/registry/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int close_newest(struct store_newest *s)
{
    int rc = s->f && fclose(s->f) ? -errno : 0;
    s->f = NULL;
    s->cookie = 0;
    return rc;
}

static int open_newest(struct store_newest *s)
{
    char id[BOOT_ID];
    struct stat st;
    if (!boot_id(id))
        return -EIO;
    int fd = open(s->path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    s->f = fd < 0 || fstat(fd, &st) ? NULL : fdopen(fd, "a");
    if (!s->f) {
        int rc = -errno;
        if (fd >= 0)
            close(fd);
        return rc;
    }
    if (!st.st_size)
        fprintf(s->f, STORE_HEAD "%s\n", id);
    else
        fputc('\n', s->f); /* an earlier writing may have ended in the middle of a line */
    return 0;
}

static bool newest_has_room(struct store_newest *s, const struct latch *l)
{
    if (!s->added)
        s->added = count_by_user_new(LIMIT_NEWEST);
    return l->state == BTNS_S_LISTENER || (s->added && count_by_user_add(s->added, l->uid, NULL));
}

int store_newest_add(struct store_newest *s, const struct latch *l)
{
    struct latch_record record;
    if ((s->cookie == l->cookie && s->uid == l->uid && s->state == l->state) ||
        !newest_has_room(s, l))
        return 0;
    int rc = s->f ? 0 : open_newest(s);
    if (rc)
        return rc;
    latch_record_from(&record, l);
    latch_record_write(s->f, &record);
    s->cookie = l->cookie;
    s->uid = l->uid;
    s->state = l->state;
    return 0;
}

int store_newest_flush(struct store_newest *s)
{
    if (!s->f || !fflush(s->f))
        return 0;
    int rc = -errno;
    close_newest(s);
    return rc;
}

void store_newest_end(struct store_newest *s)
{
    close_newest(s);
    count_by_user_free(s->added);
    s->added = NULL;
    unlink(s->path);
}
