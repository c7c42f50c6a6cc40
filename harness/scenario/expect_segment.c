// SPDX-License-Identifier: MIT
// scenario: the segments that stand at the end, against what was expected.
#include "expect.h"
#include "harness/report/say.h"
#include "value.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

enum { SHOWN = 100, CONTENT_MOST = 1 << 20 };

static size_t count_left(const struct evidence *evidence)
{
	size_t count = 0;
	for (size_t i = 0; i < evidence->after.count; i++)
		count += !(evidence->after.segments[i].mode & SEGMENT_DEST) &&
			 !kernel_table_find(&evidence->before, evidence->after.segments[i].shmid);
	return count;
}

static const struct kernel_segment *find_segment(const struct evidence *evidence, int32_t key)
{
	for (size_t i = 0; i < evidence->after.count; i++)
		if (evidence->after.segments[i].key == key)
			return &evidence->after.segments[i];
	return NULL;
}

static bool matches(const struct expected_segment *expected, const char *text)
{
	regex_t regex;
	if (expected->content && fnmatch(expected->content, text, 0) != 0)
		return false;
	if (!expected->content_regex)
		return true;
	if (regcomp(&regex, expected->content_regex, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return false;
	bool is_match = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return is_match;
}

static bool has_bytes(const struct expected_segment *expected, const unsigned char *memory, size_t left)
{
	unsigned char wanted[CONTENT_MOST / 256];
	int count = hex_parse(expected->content_hex, wanted, sizeof wanted);
	return count > 0 && (size_t)count <= left && (size_t)count <= sizeof wanted &&
	       memcmp(memory, wanted, (size_t)count) == 0;
}

static void check_content(const struct expected_segment *expected, const char *name, size_t size,
			  const unsigned char *memory, struct lines *lines)
{
	char shown[4 * SHOWN + 8];
	if (expected->offset > size) {
		lines_put(lines, "segment %s: it ends before byte %" PRIu64 "\n", name, expected->offset);
		return;
	}
	const char *from = (const char *)memory + expected->offset;
	size_t left = size - expected->offset,
	       length = strnlen(from, left < CONTENT_MOST ? left : CONTENT_MOST);
	if (expected->content || expected->content_regex) {
		char *text = strndup(from, length);
		say_escape(from, length < SHOWN ? length : SHOWN, shown, sizeof shown);
		if (text && !matches(expected, text))
			lines_put(lines, "segment %s: its content is '%s%s', expected '%s'\n", name, shown,
				  length < SHOWN ? "" : "…",
				  expected->content ? expected->content : expected->content_regex);
		free(text);
	}
	if (expected->content_hex && !has_bytes(expected, memory + expected->offset, left)) {
		lines_put(lines, "segment %s: its bytes are", name);
		for (size_t i = 0; i < left && i < 16; i++)
			lines_put(lines, " %02x", memory[expected->offset + i]);
		lines_put(lines, "%s, expected %s\n", left > 16 ? " …" : "", expected->content_hex);
	}
}

static void check_bytes(const struct expected_segment *expected, const char *name,
			const struct kernel_segment *found, struct lines *lines)
{
	if (!expected->content && !expected->content_regex && !expected->content_hex)
		return;
	const unsigned char *memory = shmat(found->shmid, NULL, SHM_RDONLY);
	if (memory == (void *)-1) {
		lines_put(lines, "segment %s: its content cannot be read by this user\n", name);
		return;
	}
	check_content(expected, name, found->bytes, memory, lines);
	shmdt(memory);
}

static void check_segment(const struct outcome_of_run *run, const struct expected_segment *expected,
			  struct lines *lines)
{
	char why[512], name[16];
	struct launch_user user;
	int32_t key;
	if (plant_key(&run->ready->play, expected->key, expected->ftok, &key, why)) {
		lines_put(lines, "segments: %s\n", why);
		return;
	}
	snprintf(name, sizeof name, "%#x", (unsigned)key);
	const struct kernel_segment *found = find_segment(run->evidence, key);
	bool should_exist = !expected->exists || *expected->exists;
	if (!found != !should_exist)
		lines_put(lines, "segment %s: it is %sthere, expected it%s to be\n", name,
			  found ? "" : "not ", should_exist ? "" : " not");
	if (!found || !should_exist)
		return;
	if (expected->size && *expected->size != found->bytes)
		lines_put(lines, "segment %s: it has %" PRIu64 " bytes, expected %" PRIu64 "\n", name,
			  found->bytes, *expected->size);
	if (expected->mode && *expected->mode != (found->mode & 0777))
		lines_put(lines, "segment %s: its mode is %#o, expected %#o\n", name, found->mode & 0777,
			  *expected->mode);
	if (expected->owner && user_parse(expected->owner, &user) == 0 && user.uid != found->uid)
		lines_put(lines, "segment %s: it belongs to user %u, expected %s\n", name, found->uid,
			  expected->owner);
	check_bytes(expected, name, found, lines);
}

void expect_segments(struct outcome_of_run *run, struct lines *lines)
{
	const struct expectations *expect = run->ready->play.scenario->expect;
	run->segments_left = count_left(run->evidence);
	if (expect && expect->segments_left && *expect->segments_left != run->segments_left)
		lines_put(lines, "segments-left: %zu, expected %u\n", run->segments_left,
			  *expect->segments_left);
	for (unsigned i = 0; expect && i < expect->segments_count; i++)
		check_segment(run, &expect->segments[i], lines);
}
