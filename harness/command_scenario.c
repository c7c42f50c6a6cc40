// SPDX-License-Identifier: MIT
// front end: shmcheck scenario: reads all files, runs what they say, reports.
#include "command.h"
#include "error.h"
#include "harness/clock.h"
#include "harness/processors.h"
#include "harness/report/say.h"
#include "harness/scenario/find_files.h"
#include "harness/scenario/pool.h"
#include "harness/scenario/tell.h"
#include "publish.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT = 4096, PROGRESS_MS = 10000, TERMINAL_MS = 100 };

/* All that was read. */
struct program {
	struct options *options;
	struct files files;
	struct script *scripts; /* one a file */
	struct ready **ready; /* owned, as are they */
	size_t count;
	char work[PATH_TEXT]; /* the folder that all work folders lie in */
};

static volatile int stop;

static void take_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static bool has_tag(const struct scenario *scenario, const char *tag, size_t length)
{
	for (unsigned i = 0; i < scenario->tags_count; i++)
		if (strlen(scenario->tags[i]) == length && memcmp(scenario->tags[i], tag, length) == 0)
			return true;
	return false;
}

/* TAG,TAG: one of them; !TAG: none of these. */
static bool is_selected(const struct scenario *scenario, const char *tags)
{
	bool wants_one = false, has_one = false;
	for (const char *next = tags; next && *next;) {
		size_t length = strcspn(next, ",");
		bool is_negative = *next == '!';
		bool has = has_tag(scenario, next + is_negative, length - is_negative);
		if (is_negative && has)
			return false;
		wants_one |= !is_negative;
		has_one |= !is_negative && has;
		next += length + (next[length] == ',');
	}
	return has_one || !wants_one;
}

static int find_files(struct program *program, char **names)
{
	for (; *names; names++) {
		int code = files_add(&program->files, *names);
		if (code == -ENOENT && access(*names, F_OK) == 0)
			error_print("'%s': no scenario in it: expected files named *.yaml or *.yml", *names);
		else if (code)
			error_print_errno(-code, "'%s' cannot be read", *names);
		if (code)
			return code;
	}
	program->scripts = calloc(program->files.count, sizeof *program->scripts);
	return program->scripts ? 0 : -ENOMEM;
}

static int add(struct program *program, const struct script *script, size_t index,
	       struct complaint *complaint)
{
	char work[PATH_TEXT + 32];
	struct ready **more = realloc(program->ready, (program->count + 1) * sizeof(struct ready *));
	if (!more)
		return -ENOMEM;
	program->ready = more;
	more[program->count] = calloc(1, sizeof(struct ready));
	if (!more[program->count])
		return -ENOMEM;
	snprintf(work, sizeof work, "%s/%zu", program->work, program->count);
	int code = ready_make(script, index, work, program->options->scenario.programs, more[program->count],
			      complaint);
	if (code) {
		free(more[program->count]);
		return code;
	}
	options_of_section(more[program->count], program->options);
	if (is_selected(more[program->count]->play.scenario, program->options->scenario.tags)) {
		program->count++;
		return 0;
	}
	ready_free(more[program->count]);
	free(more[program->count]);
	return 0;
}

/* Every file is read before anything runs, and all bad ones are told. */
static int read_files(struct program *program)
{
	int code = 0;
	for (size_t i = 0; i < program->files.count; i++) {
		struct script *script = &program->scripts[i];
		struct complaint complaint = {""};
		size_t count = 0;
		int failed = script_read(program->files.list[i], script, &complaint);
		failed = failed ? failed : script_count(script, &count, &complaint);
		for (size_t k = 0; !failed && k < count; k++)
			failed = add(program, script, k, &complaint);
		if (failed && complaint.text[0])
			error_print("%s", complaint.text);
		else if (failed)
			error_print_errno(-failed, "'%s' cannot be read", program->files.list[i]);
		code = code ? code : failed;
	}
	return code;
}

/* The path alone, an unguessable one: scenarios name it, and the folder is not needed before they run. */
static int name_work(struct program *program)
{
	const char *parent = getenv("TMPDIR");
	uint64_t secret[2];
	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		return -EIO;
	snprintf(program->work, sizeof program->work, "%s/shmcheck-work-%016" PRIx64 "%016" PRIx64,
		 parent && *parent ? parent : "/tmp", secret[0], secret[1]);
	return 0;
}

/* As root, other users that a scenario names pass through. */
static int make_work(const struct program *program)
{
	if (mkdir(program->work, 0700) == 0 && (geteuid() != 0 || chmod(program->work, 0711) == 0))
		return 0;
	int code = errno;
	error_print_errno(code, "the folder '%s' cannot be made", program->work);
	return -code;
}

static void print_printable(const char *text)
{
	char *printable = say_printable(text);
	fputs(printable ? printable : "", stdout);
	free(printable);
}

static void print_list(const struct program *program)
{
	for (size_t i = 0; i < program->count; i++) {
		const struct scenario *scenario = program->ready[i]->play.scenario;
		print_printable(program->ready[i]->play.script->path);
		fputs(": ", stdout);
		print_printable(program->ready[i]->play.label);
		for (unsigned k = 0; k < scenario->tags_count; k++) {
			fputs(k ? ", " : " [", stdout);
			print_printable(scenario->tags[k]);
		}
		puts(scenario->tags_count ? "]" : "");
	}
}

struct progress {
	bool is_shown, is_terminal;
	uint64_t last_ms;
};

static void show(void *context, size_t done, size_t count)
{
	struct progress *progress = context;
	uint64_t now = clock_now_ns() / 1000000, step = progress->is_terminal ? TERMINAL_MS : PROGRESS_MS;
	if (!progress->is_shown || (now - progress->last_ms < step && done < count))
		return;
	progress->last_ms = now;
	if (progress->is_terminal)
		fprintf(stderr, done < count ? "\rshmcheck: %zu of %zu scenarios" : "\r\033[K", done, count);
	else if (done < count)
		fprintf(stderr, "shmcheck: %zu of %zu scenarios are done\n", done, count);
}

static bool has_explore(const struct program *program)
{
	for (size_t i = 0; i < program->count; i++)
		if (program->ready[i]->play.scenario->explore)
			return true;
	return false;
}

static void make_tasks(const struct program *program, struct task *tasks, struct task *ret_run,
		       size_t *ret_count)
{
	size_t count = 0;
	for (size_t i = 0; i < program->count; i++) {
		const struct ready *ready = program->ready[i];
		uint32_t wanted = program->options->scenario.repeat;
		if (!wanted)
			wanted = ready->play.scenario->repeat ? *ready->play.scenario->repeat : 1;
		tasks[i] = (struct task){.ready = ready, .wanted = wanted, .log = -1};
		if (!ready->skip)
			ret_run[count++] = tasks[i];
	}
	*ret_count = count;
}

static int report(const struct program *program, const struct task *tasks, enum verdict *ret_verdict)
{
	struct report report = {.command = "scenario", .text = tell_text};
	int code = 0;
	for (size_t i = 0; !code && i < program->count; i++)
		code = tell_task(&report, &tasks[i], program->options->scenario.programs,
				 program->options->scenario.no_skip);
	if (!code && stop)
		code = report_doubt(&report, "it was interrupted");
	if (code)
		error_print_errno(-code, "the scenarios could not be reported");
	else
		code = publish(program->options, &report, ret_verdict);
	report_free(&report);
	return code;
}

static int run_all(const struct program *program, struct task *tasks)
{
	struct task *chosen = calloc(program->count + 1, sizeof *chosen);
	struct progress progress = {.is_shown = !program->options->quiet,
				    .is_terminal = isatty(STDERR_FILENO),
				    .last_ms = clock_now_ns() / 1000000};
	struct pool_settings settings = {
	    .jobs = program->options->scenario.jobs, .stop = &stop, .progress = show, .context = &progress};
	struct sigaction action = {.sa_handler = take_stop};
	size_t count;
	if (!chosen)
		return -ENOMEM;
	if (!settings.jobs)
		settings.jobs = processors_count();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	make_tasks(program, tasks, chosen, &count);
	int code = pool_run(chosen, count, &settings);
	for (size_t i = 0, k = 0; i < program->count; i++)
		if (!tasks[i].ready->skip)
			tasks[i] = chosen[k++];
	free(chosen);
	if (code)
		error_print_errno(-code, "a scenario could not be started");
	return code;
}

static int perform(const struct program *program)
{
	struct task *tasks = calloc(program->count + 1, sizeof *tasks);
	enum verdict verdict = VERDICT_CLEAN;
	int code = tasks ? make_work(program) : -ENOMEM;
	code = code ? code : run_all(program, tasks);
	rmdir(program->work);
	code = code ? code : report(program, tasks, &verdict);
	for (size_t i = 0; tasks && i < program->count; i++)
		if (tasks[i].log >= 0)
			close(tasks[i].log);
	free(tasks);
	if (code)
		return EXIT_BROKEN;
	return verdict == VERDICT_FINDINGS       ? EXIT_FINDINGS
	       : verdict == VERDICT_INCONCLUSIVE ? EXIT_INCONCLUSIVE
						 : 0;
}

static void release(struct program *program)
{
	for (size_t i = 0; i < program->count; i++) {
		ready_free(program->ready[i]);
		free(program->ready[i]);
	}
	free(program->ready);
	for (size_t i = 0; program->scripts && i < program->files.count; i++)
		script_free(&program->scripts[i]);
	free(program->scripts);
	files_free(&program->files);
}

int command_scenario(struct options *options)
{
	struct program program = {.options = options};
	int status = EXIT_USAGE;
	int code = name_work(&program);
	code = code ? code : find_files(&program, options->launch.argv);
	code = code ? code : read_files(&program);
	if (!code && program.count == 0) {
		error_print("no scenario has these tags: %s", options->scenario.tags);
	} else if (!code && options->scenario.point && !has_explore(&program)) {
		error_print("--point=%s: no scenario here has a section explore", options->scenario.point);
	} else if (!code && options->scenario.list) {
		print_list(&program);
		status = 0;
	} else if (!code) {
		status = perform(&program);
	}
	release(&program);
	return status;
}
