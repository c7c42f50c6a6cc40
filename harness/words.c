// SPDX-License-Identifier: MIT
// front end: a string split into words as a shell would.
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

/* Copies what stands in quotes from AT, the opening quote, to *NEXT; returns the place behind the closing one, or
 * NULL. */
static const char *take_quoted(const char *at, char **next)
{
	char quote = *at++;
	for (; *at && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		*(*next)++ = *at;
	}
	return *at ? at + 1 : NULL;
}

/* Copies one word from AT to NEXT, which has room; returns the place behind it, or NULL with the culprit's place in
 * *ret_bad. */
static const char *take_word(const char *at, char *next, const char **ret_bad)
{
	while (*at && !strchr(blanks, *at)) {
		*ret_bad = at;
		if (*at == '\'' || *at == '"') {
			at = take_quoted(at, &next);
			if (!at)
				return NULL;
			continue;
		}
		if (*at == '\\' && !*++at)
			return NULL;
		*next++ = *at++;
	}
	*next = '\0';
	return at;
}

int words_split(const char *text, struct words *ret_words, unsigned *ret_column)
{
	struct words words = {0};
	const char *bad = text;
	int code = 0;
	for (const char *at = text + strspn(text, blanks); *at && !code; at += strspn(at, blanks)) {
		struct word_at *grown = reallocarray(words.list, words.count + 1, sizeof *grown);
		char *word = malloc(strlen(at) + 1);
		words.list = grown ? grown : words.list;
		if (!grown || !word) {
			free(word);
			code = -ENOMEM;
			break;
		}
		grown[words.count++] = (struct word_at){word, (unsigned)(at - text) + 1};
		at = take_word(at, word, &bad);
		if (!at) {
			*ret_column = (unsigned)(bad - text) + 1;
			code = -EINVAL;
			break;
		}
	}
	if (code)
		words_free(&words);
	else
		*ret_words = words;
	return code;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i].text);
	free(words->list);
	*words = (struct words){0};
}
