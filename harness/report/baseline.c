// SPDX-License-Identifier: MIT
// report: a baseline: the findings that were there before, by fingerprint.
#include "baseline.h"

#include "fingerprint.h"
#include "harness/error.h"
#include "harness/user_file.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 65536 };

static const char heading[] =
    "# shmcheck baseline: findings that are known, by fingerprint and number. Comments are "
    "kept when it is written again.\n";

static struct baseline_line *add_line(struct baseline *baseline)
{
	size_t count = baseline->count;
	if ((count & (count - 1)) == 0) {
		struct baseline_line *grown =
		    reallocarray(baseline->lines, count ? count * 2 : 1, sizeof *grown);
		if (!grown)
			return NULL;
		baseline->lines = grown;
	}
	baseline->lines[count] = (struct baseline_line){0};
	baseline->count++;
	return &baseline->lines[count];
}

static int complain(FILE *complaints, const char *file, unsigned number, const char *what)
{
	error_print_on(complaints, "%s: line %u: %s", file, number, what);
	fputs("    expected: 16 hexadecimal digits, a count, and what it is; or # and a comment\n",
	      complaints);
	return -EINVAL;
}

static int read_line(struct baseline *baseline, char *text, unsigned number, FILE *complaints)
{
	char digits[FINGERPRINT_TEXT] = "", *end = text;
	uint64_t fingerprint = 0, count = 1;
	text[strcspn(text, "\r\n")] = '\0';
	bool is_comment = text[strspn(text, " \t")] == '#' || text[strspn(text, " \t")] == '\0';
	if (!is_comment) {
		snprintf(digits, sizeof digits, "%s", text);
		if (!fingerprint_parse(digits, &fingerprint) || text[16] != ' ')
			return complain(complaints, baseline->file, number, "no fingerprint");
		errno = 0;
		count = strtoull(text + 17, &end, 10);
		if (errno || end == text + 17 || text[17] == '-' || count == 0 || (*end && *end != ' '))
			return complain(complaints, baseline->file, number, "no count");
		end += *end == ' ';
	}
	struct baseline_line *line = add_line(baseline);
	if (!line)
		return -ENOMEM;
	*line = (struct baseline_line){.fingerprint = fingerprint, .count = count, .text = strdup(end)};
	return line->text ? 0 : -ENOMEM;
}

/* The next line, at most LINE_MOST bytes: a device has no end. Returns 1; 0 at the end; -EINVAL after saying why. */
static int next_line(const struct baseline *baseline, FILE *stream, char *text, unsigned number,
		     FILE *complaints)
{
	if (!fgets(text, LINE_MOST, stream))
		return 0;
	if (strchr(text, '\n') || feof(stream))
		return 1;
	error_print_on(complaints, "%s: line %u: longer than %d bytes, or it has a NUL", baseline->file,
		       number, LINE_MOST);
	return -EINVAL;
}

int baseline_read(struct baseline *baseline, const char *file, FILE *complaints)
{
	FILE *stream = NULL;
	unsigned number = 0;
	int code = user_file_open(file, &stream), more = 0;
	char *text = code ? NULL : malloc(LINE_MOST);
	code = code || text ? code : -ENOMEM;
	baseline->file = file;
	errno = 0;
	while (!code && text && (more = next_line(baseline, stream, text, number + 1, complaints)) > 0)
		code = read_line(baseline, text, ++number, complaints);
	code = code ? code : more;
	if (!code && ferror(stream))
		code = errno ? -errno : -EIO;
	if (code && code != -EINVAL)
		error_print_on(complaints, "cannot read the baseline '%s': %s", file, user_file_error(code));
	free(text);
	if (stream)
		fclose(stream);
	return code;
}

static struct baseline_line *find(const struct baseline *baseline, uint64_t fingerprint)
{
	for (size_t i = 0; i < baseline->count; i++)
		if (baseline->lines[i].fingerprint == fingerprint)
			return &baseline->lines[i];
	return NULL;
}

bool baseline_take(struct baseline *baseline, uint64_t fingerprint, bool is_counted)
{
	struct baseline_line *line = find(baseline, fingerprint);
	if (!line)
		return false;
	line->seen++;
	return !is_counted || line->seen <= line->count;
}

int baseline_add(struct baseline *baseline, uint64_t fingerprint, const char *text)
{
	struct baseline_line *line = find(baseline, fingerprint);
	if (line) {
		line->seen++;
		line->count = line->seen > line->count ? line->seen : line->count;
		return 0;
	}
	line = add_line(baseline);
	if (!line)
		return -ENOMEM;
	*line = (struct baseline_line){fingerprint, 1, 1, say_printable(text)};
	return line->text ? 0 : -ENOMEM;
}

static bool is_gone(const struct baseline *baseline, const struct baseline_line *line)
{
	return line->fingerprint && !line->seen && !baseline->is_partial;
}

static void put_lines(const struct baseline *baseline, FILE *stream)
{
	if (baseline->count == 0 || baseline->lines[0].fingerprint)
		fputs(heading, stream);
	for (size_t i = 0; i < baseline->count; i++) {
		const struct baseline_line *line = &baseline->lines[i];
		char digits[FINGERPRINT_TEXT];
		fingerprint_print(line->fingerprint, digits);
		if (!line->fingerprint)
			fprintf(stream, "%s\n", line->text);
		else if (!is_gone(baseline, line))
			fprintf(stream, "%s %" PRIu64 "%s%s\n", digits, line->count, *line->text ? " " : "",
				line->text);
	}
}

int baseline_write(const struct baseline *baseline, const char *file)
{
	char *made = NULL;
	if (asprintf(&made, "%s.XXXXXX", file) < 0)
		return -ENOMEM;
	int fd = mkstemp(made);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
	int code = stream ? 0 : -errno;
	if (stream) {
		put_lines(baseline, stream);
		bool has_failed = fflush(stream) || fchmod(fd, 0644);
		has_failed = fclose(stream) || has_failed;
		code = has_failed || rename(made, file) ? -errno : 0;
	} else if (fd >= 0) {
		close(fd);
	}
	if (code && fd >= 0)
		unlink(made);
	free(made);
	return code;
}

size_t baseline_gone(const struct baseline *baseline)
{
	size_t gone = 0;
	for (size_t i = 0; i < baseline->count; i++)
		gone += is_gone(baseline, &baseline->lines[i]);
	return gone;
}
