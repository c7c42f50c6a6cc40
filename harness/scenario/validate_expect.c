// SPDX-License-Identifier: MIT
// scenario: whether expectations and planted segments mean something.
#include "harness/analyze/finding.h"
#include "harness/error.h"
#include "harness/explore/verdict.h"
#include "protocol/signal_name.h"
#include "validate.h"
#include "value.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

enum { FTOK_PROJECT_MOST = INT32_MAX };

static int validate_regex(const struct validation *validation, const char *pattern, const char *path)
{
	regex_t regex;
	char why[120];
	if (!pattern)
		return 0;
	int code = regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
	if (!code) {
		regfree(&regex);
		return 0;
	}
	regerror(code, &regex, why, sizeof why);
	return INVALID(validation, path, 0, "'%.80s' is no regular expression: %s", pattern, why);
}

static int validate_signal(const struct validation *validation, const char *name, const char *path)
{
	if (name && signal_by_name(name, (unsigned)strlen(name)) <= 0)
		return INVALID(validation, path, 0,
			       "'%.40s' is no signal: expected a name such as SIGINT or SIGKILL", name);
	return 0;
}

static int complain_process(const struct validation *validation, const char *name, const char *path)
{
	const char *near = parts_nearest(validation->parts, name);
	return INVALID(validation, path, 0, "no process is called '%.60s'%s%s%s", name,
		       near ? ": did you mean '" : ": expected a name of 'processes'", near ? near : "",
		       near ? "'?" : "");
}

static int validate_process(const struct validation *validation, unsigned index)
{
	const struct expected_process *process = &validation->play->scenario->expect->processes[index];
	char path[VALIDATE_PATH];
	enum exit_kind kind;
	int status;
	snprintf(path, sizeof path, "expect.processes[%u].name", index);
	if (!parts_find(validation->parts, process->name).count || strchr(process->name, '@'))
		return complain_process(validation, process->name, path);
	for (unsigned i = 0; i < index; i++)
		if (strcmp(validation->play->scenario->expect->processes[i].name, process->name) == 0)
			return INVALID(validation, path, 0, "'%.60s' is given twice: expected it once",
				       process->name);
	snprintf(path, sizeof path, "expect.processes[%u].signal", index);
	if (process->exit && process->signal)
		return INVALID(validation, path, 0, "both 'exit' and 'signal': expected one of them");
	int code = validate_signal(validation, process->signal, path);
	snprintf(path, sizeof path, "expect.processes[%u].exit", index);
	if (!code && process->exit && exit_parse(process->exit, &kind, &status))
		return INVALID(validation, path, 0,
			       "'exit' is '%.40s': expected a number from 0 to 255, nonzero or any",
			       process->exit);
	snprintf(path, sizeof path, "expect.processes[%u].stdout-regex", index);
	code = code ? code : validate_regex(validation, process->output_regex, path);
	snprintf(path, sizeof path, "expect.processes[%u].stderr-regex", index);
	return code ? code : validate_regex(validation, process->errors_regex, path);
}

/* "WORD COUNT" with a WORD that NAMES has. */
static int validate_counted(const struct validation *validation, const char *text, const char *path,
			    const char *what, const char *list, const char *const *names, unsigned count)
{
	struct count_range range;
	size_t length;
	char word[60];
	if (counted_parse(text, &length, &range))
		return INVALID(validation, path, 0,
			       "'%.60s': expected \"%s\" or \"%s COUNT\", COUNT being N, N+ or N..M", text,
			       what, what);
	snprintf(word, sizeof word, "%.*s", (int)length, text);
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], word) == 0)
			return 0;
	const char *near = error_nearest(word, names, count);
	return INVALID(validation, path, 0, "unknown %s '%s': expected %s%s%s", what, word, near ? "'" : "",
		       near ? near : list, near ? "'" : "");
}

static int validate_findings(const struct validation *validation)
{
	const struct expectations *expect = validation->play->scenario->expect;
	const char *names[FINDING_COUNT];
	char path[VALIDATE_PATH];
	int code = 0;
	for (int id = 0; id < FINDING_COUNT; id++)
		names[id] = finding_row((enum finding_id)id)->name;
	for (unsigned i = 0; !code && i < expect->findings_count; i++) {
		snprintf(path, sizeof path, "expect.findings[%u]", i);
		code = validate_counted(validation, expect->findings[i], path, "finding",
					"one of `shmcheck list findings`", names, FINDING_COUNT);
		for (unsigned k = 0; !code && k < i; k++) {
			size_t length = strcspn(expect->findings[i], " ");
			if (strcspn(expect->findings[k], " ") == length &&
			    strncmp(expect->findings[k], expect->findings[i], length) == 0)
				code = INVALID(validation, path, 0,
					       "'%.*s' is given twice: expected it once, with a count",
					       (int)length, expect->findings[i]);
		}
	}
	return code;
}

/* What planted and expected segments have in common: how they are found, and bytes. */
static int validate_key(const struct validation *validation, const char *path, const int64_t *key,
			const struct ftok_key *ftok)
{
	if (!key == !ftok)
		return INVALID(validation, path, 0,
			       key ? "both 'key' and 'ftok': expected one of them"
				   : "neither 'key' nor 'ftok': expected one of them");
	if (key && (*key < INT32_MIN || *key > UINT32_MAX || *key == 0))
		return INVALID(validation, path, 0,
			       "'key' is %lld: expected a key of 32 bits that is not 0 (IPC_PRIVATE)",
			       (long long)*key);
	if (ftok && (ftok->project < INT32_MIN || ftok->project > FTOK_PROJECT_MOST))
		return INVALID(validation, path, 0, "'project' is %lld: expected a C int",
			       (long long)ftok->project);
	return 0;
}

static int validate_bytes(const struct validation *validation, const char *path, const uint32_t *mode,
			  const char *owner, const char *hex)
{
	struct launch_user user;
	if (mode && *mode > 0777)
		return INVALID(validation, path, 0, "'mode' is %#o: expected one from 0 to 0777", *mode);
	if (owner && user_parse(owner, &user))
		return INVALID(validation, path, 0, "no user '%.60s': expected a name or a number of a user",
			       owner);
	if (hex && hex_parse(hex, NULL, 0) < 0)
		return INVALID(validation, path, 0,
			       "'content-hex' is '%.40s': expected numbers of two hexadecimal digits", hex);
	return 0;
}

int validate_segments(const struct validation *validation)
{
	const struct scenario *scenario = validation->play->scenario;
	char path[VALIDATE_PATH];
	int code = 0;
	for (unsigned i = 0; !code && i < scenario->segments_count; i++) {
		const struct planted_segment *segment = &scenario->segments[i];
		snprintf(path, sizeof path, "segments[%u]", i);
		code = validate_key(validation, path, segment->key, segment->ftok);
		code = code ? code
			    : validate_bytes(validation, path, segment->mode, segment->owner,
					     segment->content_hex);
		int bytes = segment->content_hex ? hex_parse(segment->content_hex, NULL, 0)
						 : (int)(segment->content ? strlen(segment->content) : 0);
		if (!code && segment->content && segment->content_hex)
			code = INVALID(validation, path, 0,
				       "both 'content' and 'content-hex': expected one of them");
		if (!code && (segment->size == 0 || segment->size < (uint64_t)bytes))
			code = INVALID(validation, path, 0,
				       "'size' is %llu: expected at least 1 and the %d bytes of its content",
				       (unsigned long long)segment->size, bytes);
	}
	return code;
}

static int validate_expected_segment(const struct validation *validation, unsigned index)
{
	const struct expected_segment *segment = &validation->play->scenario->expect->segments[index];
	char path[VALIDATE_PATH];
	snprintf(path, sizeof path, "expect.segments[%u]", index);
	int code = validate_key(validation, path, segment->key, segment->ftok);
	code = code ? code
		    : validate_bytes(validation, path, segment->mode, segment->owner, segment->content_hex);
	bool has_more = segment->size || segment->mode || segment->owner || segment->content ||
			segment->content_regex || segment->content_hex;
	if (!code && segment->exists && !*segment->exists && has_more)
		return INVALID(validation, path, 0,
			       "'exists: false' and yet a property: expected nothing but a key beside it");
	snprintf(path, sizeof path, "expect.segments[%u].content-regex", index);
	return code ? code : validate_regex(validation, segment->content_regex, path);
}

static int validate_explore(const struct validation *validation)
{
	const struct scenario_explore *explore = validation->play->scenario->explore;
	const char *names[POINT_VERDICTS];
	char path[VALIDATE_PATH];
	int code = 0;
	for (int verdict = 0; verdict < POINT_VERDICTS; verdict++)
		names[verdict] = point_verdict_row((enum point_verdict)verdict)->name;
	for (unsigned i = 0; !code && i < explore->processes_count; i++) {
		snprintf(path, sizeof path, "explore.processes[%u]", i);
		if (!parts_find(validation->parts, explore->processes[i]).count)
			code = complain_process(validation, explore->processes[i], path);
	}
	for (unsigned i = 0; !code && i < explore->expect_count; i++) {
		snprintf(path, sizeof path, "explore.expect[%u]", i);
		code = validate_counted(validation, explore->expect[i], path, "verdict",
					"one of shmcheck-explore(1)", names, POINT_VERDICTS);
	}
	return code;
}

int validate_expectations(const struct validation *validation)
{
	const struct scenario *scenario = validation->play->scenario;
	const struct expectations *expect = scenario->expect;
	int code = 0;
	for (unsigned i = 0; expect && !code && i < expect->processes_count; i++)
		code = validate_process(validation, i);
	code = code || !expect ? code : validate_findings(validation);
	for (unsigned i = 0; expect && !code && i < expect->segments_count; i++)
		code = validate_expected_segment(validation, i);
	return code || !scenario->explore ? code : validate_explore(validation);
}
