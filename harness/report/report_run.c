// SPDX-License-Identifier: MIT
// report: a single run as a report: a case a finding, or one for the whole run.
#include "report_run.h"

#include "harness/analyze/ledger_map.h"
#include "harness/analyze/plan_findings.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *place_name(struct report *report, const struct location *location)
{
	const char *path = location->file ? location->file : location->object;
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *function = location->function ? location->function : "??";
	path = slash ? slash + 1 : path;
	if (!path)
		return NULL;
	if (location->file)
		return keep_print(&report->keep, "%s (%s:%d)", function, path, location->line);
	return keep_print(&report->keep, "%s (%s+%#llx)", function, path,
			  (unsigned long long)location->offset);
}

static const char *program_name(const struct report *report)
{
	const char *path = report->program && report->program[0] ? report->program[0] : "program";
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* What the report has of findings so far, found without looking at each. */
struct index {
	struct report *report;
	struct ledger_map likes; /* fingerprint → the latest struct told_finding with it */
	void *names; /* tree of struct used_name */
};

struct used_name {
	const char *name;
	size_t count;
};

static int compare_names(const void *a, const void *b)
{
	const struct used_name *left = a, *right = b;
	return strcmp(left->name, right->name);
}

static void index_free(struct index *index)
{
	ledger_map_free(&index->likes);
	tdestroy(index->names, free);
}

/* Two findings may have one name: the same function called from two places. Reports tell cases apart by it. NULL: no
 * memory. */
static const char *unique_name(struct index *index, const char *name)
{
	struct used_name *fresh = name ? malloc(sizeof *fresh) : NULL, **used = NULL;
	if (fresh) {
		*fresh = (struct used_name){name, 0};
		used = tsearch(fresh, &index->names, compare_names);
	}
	if (!used || *used != fresh)
		free(fresh);
	if (!used)
		return NULL;
	size_t count = ++(*used)->count;
	return count > 1 ? keep_print(&index->report->keep, "%s #%zu", name, count) : name;
}

static const char *finding_name(struct report *report, const struct told_finding *told)
{
	const char *name = finding_row(told->id)->name, *place = place_name(report, &told->location);
	unsigned long long bytes = told->segment.facts.bytes;
	if (place)
		return keep_print(&report->keep, "%s in %s", name, place);
	if (told->has_segment && told->segment.facts.key)
		return keep_print(&report->keep, "%s of key 0x%08x, %llu bytes", name,
				  (unsigned)told->segment.facts.key, bytes);
	if (told->has_segment)
		return keep_print(&report->keep, "%s of a private segment, %llu bytes", name, bytes);
	return told->detail[0] ? keep_print(&report->keep, "%s: %s", name, told->detail) : name;
}

/* What was told already only counts again. */
static bool add_to_same(const struct index *index, const struct told_finding *told)
{
	struct told_finding *other = ledger_map_get(&index->likes, told->fingerprint);
	while (other && !told_is_same(other, told))
		other = other->like;
	if (!other)
		return false;
	other->count += told->count;
	other->bytes += told->bytes;
	return true;
}

static int add_finding(struct index *index, const struct books *books, const struct finding *finding)
{
	struct report *report = index->report;
	struct told_finding *told = keep_bytes(&report->keep, sizeof *told);
	if (!told)
		return -ENOMEM;
	told_make(books, finding, &report->keep, told);
	if (add_to_same(index, told))
		return 0;
	told->like = ledger_map_get(&index->likes, told->fingerprint);
	struct report_case *made = report_add(report);
	if (!made || ledger_map_set(&index->likes, told->fingerprint, told))
		return -ENOMEM;
	const struct finding_row *row = finding_row(told->id);
	made->kind = CASE_FINDING;
	made->name = unique_name(index, finding_name(report, told));
	made->group = program_name(report);
	made->verdict = row->name;
	made->message =
	    told->detail[0] ? keep_print(&report->keep, "%s: %s", row->meaning, told->detail) : row->meaning;
	made->findings = told;
	made->finding_count = 1;
	made->is_explained = true;
	made->location = told->location;
	if (!made->location.file && !made->location.object && report->program)
		made->location.object = report->program[0];
	made->fingerprint = told->fingerprint;
	return made->name ? 0 : -ENOMEM;
}

/* The run itself is a case: could it be watched whole? */
static int add_whole(struct report *report)
{
	const struct evidence *evidence = report->evidence;
	struct report_case *made = report_add(report);
	if (!made)
		return -ENOMEM;
	made->kind = CASE_RUN;
	made->name = made->group = program_name(report);
	made->verdict = report->doubt_count ? "inconclusive" : "watched";
	made->outcome = report->doubt_count ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS;
	made->message = report->doubt_count ? report->doubts[0] : NULL;
	if (evidence->end_ns > evidence->begin_ns)
		made->seconds = (double)(evidence->end_ns - evidence->begin_ns) / 1e9;
	return 0;
}

/* What of the options the evidence still knows: that it ran without a namespace, its settings, the rules, their seed. */
static const char *const *reproduction(struct report *report)
{
	const struct evidence *evidence = report->evidence;
	struct rule_count rule;
	size_t count = 0, at = 2;
	if (evidence->is_command_unknown)
		return NULL;
	while (report->program && report->program[count])
		count++;
	size_t rules = evidence->plan ? evidence->plan->rule_count : 0;
	const char **argv =
	    keep_bytes(&report->keep, (count + evidence->setting_count + rules + 6) * sizeof *argv);
	if (!argv)
		return NULL;
	memcpy(argv, (const char *[]){"shmcheck", "run"}, 2 * sizeof *argv);
	if (evidence->isolation == ISOLATION_NONE)
		argv[at++] = "--isolate=none";
	for (size_t i = 0; i < evidence->setting_count; i++)
		argv[at++] = keep_string(&report->keep, evidence->settings[i]);
	for (uint32_t i = 0; i < rules && plan_rule_count(evidence->plan, i, &rule); i++)
		argv[at++] = keep_print(&report->keep, "--inject=%s", rule.text);
	if (rules)
		argv[at++] = keep_print(&report->keep, "--seed=%" PRIu64, evidence->plan->seed);
	argv[at++] = "--";
	if (count)
		memcpy(argv + at, report->program, count * sizeof *argv);
	return argv;
}

static void add_crash(struct report *report, const struct books *books, const struct crash *crash)
{
	report->crash_count +=
	    told_crash_make(books, crash, &report->keep, &report->crashes[report->crash_count]);
}

static bool is_crash(int status)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
	for (size_t i = 0; WIFSIGNALED(status) && i < sizeof signals / sizeof *signals; i++)
		if (WTERMSIG(status) == signals[i])
			return true;
	return false;
}

/* Where nobody saw how, the status still says that a process crashed. */
static int add_crashes(struct report *report, const struct books *books)
{
	const struct evidence *evidence = report->evidence;
	size_t room = evidence->crash_count + evidence->reaped_count + 1;
	report->crashes = keep_bytes(&report->keep, room * sizeof *report->crashes);
	if (!report->crashes)
		return -ENOMEM;
	for (size_t i = 0; i < evidence->crash_count; i++)
		add_crash(report, books, &evidence->crashes[i]);
	for (size_t i = 0; i < evidence->reaped_count; i++) {
		const struct reaped *reaped = &evidence->reaped[i];
		const struct crash bare = {.pid = reaped->pid, .signal = WTERMSIG(reaped->status)};
		if (is_crash(reaped->status) && !evidence_crash_of(evidence, reaped->pid))
			add_crash(report, books, &bare);
	}
	return 0;
}

int report_run(const struct evidence *evidence, const struct findings *findings, const struct books *books,
	       struct report *ret_report)
{
	struct index index = {.report = ret_report};
	int code = 0;
	ret_report->command = "run";
	ret_report->program = (const char *const *)evidence->argv;
	ret_report->evidence = evidence;
	ret_report->ledger = books->ledger;
	ret_report->books = books;
	ret_report->text = report_text_run;
	ret_report->reproduce = reproduction(ret_report);
	for (size_t i = 0; !code && i < evidence->doubt_count; i++)
		code = report_doubt(ret_report, "%s", evidence->doubts[i]);
	if (!code)
		code = add_whole(ret_report);
	if (!code)
		code = add_crashes(ret_report, books);
	for (size_t i = 0; !code && i < findings->count; i++)
		code = add_finding(&index, books, &findings->list[i]);
	index_free(&index);
	return code || ret_report->keep.no_memory ? -ENOMEM : 0;
}
