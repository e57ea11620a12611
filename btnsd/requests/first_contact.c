/*
 * Writes the sentence about a first contact: the peer, its key, and the key's words, to compare by
 * telephone.
 */
#include "btnsd/requests/first_contact.h"
#include "btnsd/base/hosts_file.h"
#include "libapi/wire/key_words.h"

#include <stdio.h>

uint32_t first_contact(struct guard *g, const struct btns_flow *q, const char **text,
                       char buf[BTNS_TEXT_MAX])
{
    char ip[BTNS_ADDR_STR], name[HOSTS_FILE_NAME], key[BTNS_KEY_STR], words[BTNS_KEY_WORDS];
    if (!g->first_contact || q->hdr.type != BTNS_REQ_CONNECT)
        return 0;
    g->first_contact = false;
    btns_addr_ip_str(&g->remote, ip);
    bool named = hosts_file_name(HOSTS_FILE, &g->remote, name);
    snprintf(
        buf, BTNS_TEXT_MAX,
        "%.200s\nfirst contact with %s%s%s%s: key %s, now known; `btnsctl status` there should "
        "show the words %s",
        *text, named ? name : ip, named ? " (" : "", named ? ip : "", named ? ")" : "",
        btns_key_str(&g->key, key), btns_key_words(&g->key, words));
    *text = buf;
    return BTNS_VF_FIRST_CONTACT;
}
