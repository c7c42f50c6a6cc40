// SPDX-License-Identifier: MIT
// scenario: how a process ended and what it wrote, against what was expected.
#include "expect.h"
#include "harness/explore/output.h"
#include "harness/report/say.h"
#include "protocol/signal_name.h"
#include "value.h"

#include <fnmatch.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { SHOWN = 400 /* bytes of an output */ };

/* What the scenario says about part INDEX; NULL: nothing. The last that names it says it. */
static const struct expected_process *find_expected(const struct outcome_of_run *run, size_t index)
{
	const struct expectations *expect = run->ready->play.scenario->expect;
	const struct expected_process *found = NULL;
	for (unsigned i = 0; expect && i < expect->processes_count; i++) {
		struct part_range range = parts_find(run->ready->parts, expect->processes[i].name);
		if (index >= range.first && index < range.first + range.count)
			found = &expect->processes[i];
	}
	return found;
}

static bool is_stopped(const struct outcome_of_run *run, const struct part *part, int status)
{
	const struct stop *stop = part->process->stop;
	const char *name = stop && stop->signal ? stop->signal : "SIGTERM";
	(void)run;
	return stop && WIFSIGNALED(status) &&
	       WTERMSIG(status) == signal_by_name(name, (unsigned)strlen(name));
}

/* Whether STATUS is as expected; if not, what was goes into TEXT. */
static bool is_right_end(const struct outcome_of_run *run, const struct part *part, int status,
			 const struct expected_process *expected, char text[64])
{
	enum exit_kind kind = EXIT_STATUS;
	int wanted = 0;
	if (expected && expected->signal) {
		int number = signal_by_name(expected->signal, (unsigned)strlen(expected->signal));
		snprintf(text, 64, "death by %.40s", expected->signal);
		return WIFSIGNALED(status) && WTERMSIG(status) == number;
	}
	if (expected && expected->exit)
		exit_parse(expected->exit, &kind, &wanted);
	else if (is_stopped(run, part, status))
		return true;
	if (kind == EXIT_ANY)
		return true;
	if (kind == EXIT_NONZERO) {
		snprintf(text, 64, "an exit that is not 0");
		return WIFEXITED(status) && WEXITSTATUS(status) != 0;
	}
	snprintf(text, 64, "exit %d", wanted);
	return WIFEXITED(status) && WEXITSTATUS(status) == wanted;
}

static bool matches_regex(const char *pattern, const char *text)
{
	regex_t regex;
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return false;
	bool matches = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}

/* All that was written to FD, as a string: NUL bytes would hide what follows them and become '?'. */
static char *read_text(int fd)
{
	struct output output;
	if (output_read(fd, &output))
		return NULL;
	char *text = malloc(output.length + 1);
	for (size_t i = 0; text && i < output.length; i++)
		text[i] = output.bytes[i] ? output.bytes[i] : '?';
	if (text) {
		size_t length = output.length;
		length -= length && text[length - 1] == '\n';
		text[length] = '\0';
	}
	output_free(&output);
	return text;
}

static void expect_output(const struct part *part, const char *stream, int fd, const char *glob,
			  const char *regex, struct lines *lines)
{
	char shown[4 * SHOWN + 8];
	char *text = glob || regex ? read_text(fd) : NULL;
	if (!text)
		return;
	bool is_right = (!glob || fnmatch(glob, text, 0) == 0) && (!regex || matches_regex(regex, text));
	size_t length = strlen(text);
	say_escape(text, length < SHOWN ? length : SHOWN, shown, sizeof shown);
	if (!is_right)
		lines_put(lines, "%s: %s is '%s%s', expected %s'%s'\n", part->role, stream, shown,
			  length < SHOWN ? "" : "…", glob ? "" : "a match of ", glob ? glob : regex);
	free(text);
}

/* What a process said that failed, unless its output was shown already. */
static void put_errors(const struct part *part, int fd, struct lines *lines)
{
	char shown[4 * SHOWN + 8];
	char *text = read_text(fd);
	size_t length = text ? strlen(text) : 0;
	if (length) {
		say_escape(text, length < SHOWN ? length : SHOWN, shown, sizeof shown);
		lines_put(lines, "    %s wrote to stderr: '%s%s'\n", part->role, shown,
			  length < SHOWN ? "" : "…");
	}
	free(text);
}

void expect_processes(const struct outcome_of_run *run, struct lines *lines)
{
	const struct parts *parts = run->ready->parts;
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];
		const struct part_end *end = &run->stage->ends[i];
		const struct expected_process *expected = find_expected(run, i);
		char what[64], wanted[64] = "";
		if (end->state == MEMBER_WAITING && !run->evidence->timed_out) {
			lines_put(lines, "%s: it was never started\n", part->role);
			continue;
		}
		bool is_judged = end->state == MEMBER_ENDED && !run->stage->is_late[i];
		say_status(end->status, what, sizeof what);
		if (is_judged && !is_right_end(run, part, end->status, expected, wanted)) {
			lines_put(lines, "%s: it %s, expected %s\n", part->role, what, wanted);
			put_errors(part, run->stdio[i][2], lines);
		}
		if (!expected)
			continue;
		expect_output(part, "stdout", run->stdio[i][1], expected->output, NULL, lines);
		expect_output(part, "stdout", run->stdio[i][1], NULL, expected->output_regex, lines);
		expect_output(part, "stderr", run->stdio[i][2], expected->errors, NULL, lines);
		expect_output(part, "stderr", run->stdio[i][2], NULL, expected->errors_regex, lines);
	}
}
