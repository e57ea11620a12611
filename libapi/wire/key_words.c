/*
 * Computes words of alternating consonants and vowels, without a word list: 16 bits a word, four
 * for each consonant and two for each vowel, like proquints (arXiv 0901.4016).
 */
#include "libapi/wire/key_words.h"

#include <openssl/evp.h>

enum { WORDS = 6, LETTERS = 5 };

static void write_word(char *to, unsigned bits)
{
    static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
    to[0] = consonants[bits >> 12];
    to[1] = vowels[bits >> 10 & 3];
    to[2] = consonants[bits >> 6 & 15];
    to[3] = vowels[bits >> 4 & 3];
    to[4] = consonants[bits & 15];
}

const char *btns_key_words(const struct btns_key *k, char buf[BTNS_KEY_WORDS])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    if (!EVP_Digest(k->raw, sizeof k->raw, hash, NULL, EVP_sha256(), NULL))
        return strcpy(buf, "-");
    for (size_t i = 0; i < WORDS; i++) {
        char *to = buf + i * (LETTERS + 1);
        write_word(to, (unsigned)hash[2 * i] << 8 | hash[2 * i + 1]);
        to[LETTERS] = i + 1 < WORDS ? '-' : '\0';
    }
    return buf;
}
