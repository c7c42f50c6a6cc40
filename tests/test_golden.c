// SPDX-License-Identifier: MIT
// tests: every report format against golden files, from logs and cases that are equal on every machine.
// `make golden` writes the files in tests/golden anew: look at the difference before you keep it.
#include "harness/log/log_rules.h"
#include "harness/report/known.h"
#include "harness/report/report.h"
#include "log_builder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
	const char *name;
	report_render *render;
} formats[] = {{"text", report_text}, {"json", report_json},   {"junit", report_junit},
	       {"tap", report_tap},   {"sarif", report_sarif}, {"github", report_github}};

enum { FORMATS = sizeof formats / sizeof *formats, PATH_MAX_HERE = 4096 };

static char folder[] = "/tmp/shmcheck-golden-XXXXXX";

static char *read_whole(const char *path)
{
	FILE *stream = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ck_assert_msg(stream != NULL, "%s: %s", path, strerror(errno));
	if (getdelim(&text, &room, '\0', stream) < 0) {
		free(text);
		text = calloc(1, 1);
	}
	fclose(stream);
	return text;
}

/* The version is another one in each release. */
static char *without_version(char *text)
{
	static const char mark[] = "     \"version\": \"" SHMCHECK_VERSION "\",\n";
	char *at = strstr(text, mark);
	if (at)
		memmove(at, at + sizeof mark - 1, strlen(at + sizeof mark - 1) + 1);
	return text;
}

static void compare(const char *name, const char *format, const char *made)
{
	char golden[PATH_MAX_HERE];
	snprintf(golden, sizeof golden, "%s/golden/%s.%s", TESTS, name, format);
	char *now = without_version(read_whole(made));
	if (getenv("SHMCHECK_TEST_GOLDEN_WRITE")) {
		FILE *stream = fopen(golden, "we");
		ck_assert_ptr_nonnull(stream);
		fputs(now, stream);
		ck_assert_int_eq(fclose(stream), 0);
	}
	char *then = read_whole(golden);
	if (strcmp(now, then) != 0) {
		char command[3 * PATH_MAX_HERE];
		snprintf(command, sizeof command, "diff -u '%s' '%s' >&2", golden, made);
		ck_abort_msg("%s.%s differs (status %d)", name, format, system(command));
	}
	free(now);
	free(then);
}

/* Runs `shmcheck report` on the log as it stands, in every format, and compares. */
static void assert_golden_log(const char *name, const char *options)
{
	char log[128], command[PATH_MAX_HERE], made[160], summary[128];
	snprintf(log, sizeof log, "%s/log", folder);
	snprintf(summary, sizeof summary, "%s/summary", folder);
	log_write(log);
	unlink(summary);
	setenv("GITHUB_STEP_SUMMARY", summary, 1);
	for (unsigned i = 0; i < FORMATS; i++) {
		snprintf(made, sizeof made, "%s/%s", folder, formats[i].name);
		snprintf(command, sizeof command, "cd / && '%s/shmcheck' report %s '--report=%s:%s' '%s'",
			 BUILD, options, formats[i].name, made, log);
		int status = system(command);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 2 && WEXITSTATUS(status) < 4,
			      "%s: status %d", command, status);
		compare(name, formats[i].name, made);
	}
	compare(name, "summary", summary);
	for (size_t i = 0; i < evidence.doubt_count; i++)
		free(evidence.doubts[i]);
	free(evidence.doubts);
	free(evidence.plan);
}

START_TEST(a_clean_run)
{
	static char *argv[] = {"/opt/app/tool", NULL};
	log_begin(argv);
	log_start(1, "/opt/app/tool", "main", "tool");
	made(1, 0, PAGE, 0);
	removed(1, 0);
	assert_golden_log("clean", "");
}
END_TEST

static void build_leaks(void)
{
	static char *argv[] = {"/opt/app/server", "--name", "it's a server", NULL};
	static const char rules[] = "shmctl.RMID:error=EPERM:when=2;shmat:error=ENOMEM:when=7";
	log_begin(argv);
	uint32_t module = log_module("/opt/app/server");
	log_start(1, "/opt/app/server", "main", "server");
	token(1, 65, 0x41020304, 77, log_text("/etc/app.conf"));
	stacked(made(1, 0x41020304, 65536, 0), log_stack(module, 0x10));
	stacked(attach(1, 0, 0x700000000000), log_stack(module, 0x20));
	struct record *open_to_all = made(1, 0, PAGE, 1);
	open_to_all->args[2] = IPC_CREAT | 0666;
	stacked(open_to_all, log_stack(module, 0x30));
	stacked(removed(1, 1), log_stack(module, 0x40));
	stacked(injected(removed(1, 0), EPERM), log_stack(module, 0x50));
	stacked(failed(detach(1, 0x700000000800), EINVAL), log_stack(module, 0x60));
	/* the same frames, whatever else lies on the stack: one finding */
	for (int i = 2; i < 5; i++) {
		stacked(made(1, 0, 20 << 20, i), log_stack_at(module, 0x70, 0x7ffd00001000 + 16U * (i / 4)));
		left(1, 0, 20 << 20, i);
	}
	left(1, 0x41020304, 65536, 0);
	evidence.plan = log_rules_new(rules, sizeof rules - 1, 5);
	ck_assert_ptr_nonnull(evidence.plan);
	log_rules_count(evidence.plan, 0, 2, 1);
}

START_TEST(leaks_and_rules)
{
	build_leaks();
	evidence.program_status = 3 << 8;
	assert_golden_log("leaks", "--show=note --events");
}
END_TEST

START_TEST(suppressed_leaks)
{
	char lines[128], options[512];
	snprintf(lines, sizeof lines, "%s/lines", folder);
	FILE *stream = fopen(lines, "we");
	fputs("segment-leak:key=0x41020304 obj=server # kept for the next start\n"
	      "fault-not-hit\n"
	      "mode-*:comm=other # never\n"
	      "bad-detach: expires=2020-01-01 # long ago\n",
	      stream);
	fclose(stream);
	/* a path that is equal on every machine */
	snprintf(options, sizeof options, "--persistent=0x77 --suppressions=/dev/fd/9 9<'%s'", lines);
	build_leaks();
	assert_golden_log("suppressed", options);
}
END_TEST

START_TEST(an_inconclusive_run)
{
	static char *argv[] = {"/opt/app/tool", NULL};
	log_begin(argv);
	log_start(1, "/opt/app/tool", "main", "tool");
	made(1, 0, PAGE, 0);
	removed(1, 0);
	evidence.lost_events = 3;
	evidence.program_status = 11;
	evidence_doubt(&evidence, "%d events were lost", 3);
	assert_golden_log("inconclusive", "");
}
END_TEST

/* One whose address and stack are known, one that only its status tells of, one that was killed: no crash. */
START_TEST(crashes)
{
	static char *argv[] = {"/opt/app/server", NULL};
	log_begin(argv);
	uint32_t module = log_module("/opt/app/server");
	static struct reaped reaped[] = {
	    {PID_OF_ONE + 1, SIGSEGV, 0}, {PID_OF_ONE + 2, SIGABRT | 0x80, 0}, {PID_OF_ONE + 3, SIGKILL, 0}};
	struct crash seen = {.pid = PID_OF_ONE + 1, .tid = PID_OF_ONE + 1, .signal = SIGSEGV};
	log_start(1, "/opt/app/server", "main", "server");
	log_start(2, "/opt/app/server", "main@1", "server");
	log_start(3, "/opt/app/server", "main@2", "server");
	made(2, 0, PAGE, 0);
	for (int i = 1; i < 6; i++)
		stacked(failed(detach(1, 0x700000000000 + (uint64_t)i * PAGE), EINVAL),
			log_stack(module, 0x60));
	removed(2, 0);
	seen.has_address = true;
	seen.address = UINT64_MAX - 7;
	seen.stack = log_stack(module, 0x90);
	evidence.program_status = SIGSEGV;
	evidence.reaped = reaped;
	evidence.reaped_count = sizeof reaped / sizeof *reaped;
	ck_assert_int_eq(evidence_add_crash(&evidence, &seen), 0);
	assert_golden_log("crashes", "");
	free(evidence.crashes);
}
END_TEST

/* Names that mean something to a format: control characters, invalid UTF-8, markup, commands. */
#define HOSTILE "a\n\033[31m\xff\xfe%0A::error::x<&\"'>]]>#|`\\u0041\xef\xbf\xbe\xc2\x85\xe2\x82\xac"

START_TEST(hostile_names)
{
	static char *argv[] = {"/opt/" HOSTILE "/x", HOSTILE, "", "\t", NULL};
	log_begin(argv);
	uint32_t module = log_module("/opt/" HOSTILE "/x");
	log_start(1, argv[0], "main", "a\n\033]0;\xff::");
	token(1, 65, 0x41020304, 77, log_text(HOSTILE));
	stacked(made(1, 0x41020304, PAGE, 0), log_stack(module, 0x10));
	left(1, 0x41020304, PAGE, 0);
	evidence_doubt(&evidence, "a doubt about %s", HOSTILE);
	assert_golden_log("hostile", "");
}
END_TEST

/* Cases by hand: what an exploration and scenarios give, with source lines. */
static void fill(struct report *report)
{
	static const struct frame frames[] = {{.function = "shm_init",
					       .file = "/src/app/shm.c",
					       .line = 42,
					       .object = "/opt/app/server",
					       .offset = 0x1234},
					      {.function = "main",
					       .file = "/src/app/main.c",
					       .line = 7,
					       .object = "/opt/app/server",
					       .offset = 0x1100}};
	static const char *const again[] = {
	    "shmcheck", "explore", "--point=main/shmat@1f#1:ENOMEM:once", "--", "/opt/app/server", NULL};
	static const char *const program[] = {"/opt/app/server", NULL};
	static struct told_finding leak;
	leak =
	    (struct told_finding){.id = FINDING_SEGMENT_LEAK,
				  .severity = SEVERITY_ERROR,
				  .detail = "pid 7 made it.",
				  .count = 2,
				  .has_segment = true,
				  .fingerprint = 0x1234,
				  .location = {.file = "/src/app/shm.c", .line = 42, .function = "shm_init"}};
	leak.segment.facts = (struct segment){.shmid = 3,
					      .key = 0x51,
					      .bytes = 8192,
					      .mode = 0600,
					      .created = true,
					      .left = true,
					      .reach_key = true,
					      .creator_pid = 7};
	leak.segment.creation = (struct told_call){.known = true,
						   .text = "shmget(0x00000051, 8192, 01600) = 3",
						   .name = "shmget",
						   .process = "main (server, pid 7)",
						   .role = "main",
						   .comm = "server",
						   .pid = 7,
						   .tid = 7,
						   .stack = {frames, 2, true, false}};
	leak.after = (struct told_call){.known = true,
					.text = "shmat(3, 0, 0) = -1 ENOMEM (INJECTED)",
					.name = "shmat",
					.process = "main (server, pid 7)",
					.pid = 7,
					.tid = 7,
					.error = ENOMEM,
					.injected = true,
					.stack = {frames, 2, true, false}};
	*report = (struct report){.command = "explore", .program = program, .reproduce = again};
	for (int i = 0; i < 16; i++) {
		struct report_case *item = report_add(report);
		ck_assert_ptr_nonnull(item);
		item->kind = i < 13 ? CASE_POINT : CASE_SCENARIO;
		item->name = keep_print(&report->keep, "main/shmat@1f#%d:ENOMEM:once", i);
		item->group = i < 13 ? "server" : "reader_first.yaml";
		item->verdict = "handled";
		item->seconds = 0.25;
		if (item->kind == CASE_POINT)
			item->members =
			    json_pack("{s:s,s:s,s:n,s:i,s:s,s:s,s:s,s:{s:i},s:i}", "role", "main", "call",
				      "shmat", "command", "occurrence", i, "errno", "ENOMEM", "fidelity",
				      "forged", "mode", "once", "status", "exit", 1, "left", 0);
	}
	struct report_case *cases = report->cases;
	cases[1].outcome = OUTCOME_FAIL;
	cases[1].verdict = "leak";
	cases[1].message = "when shmat fails with ENOMEM in shm_init (shm.c:42): segments are left";
	cases[1].findings = &leak;
	cases[1].finding_count = 1;
	cases[1].is_explained = true;
	cases[1].reproduce = again;
	for (int i = 2; i < 13; i++) {
		cases[i].outcome = OUTCOME_FAIL;
		cases[i].verdict = "crash";
		cases[i].message = "the program died of SIGSEGV";
		cases[i].location = (struct location){
		    .object = "/opt/app/server", .offset = 0x1000 + (uint64_t)i, .build_id = "deadbeef"};
	}
	cases[13].verdict = "passed";
	cases[14].outcome = OUTCOME_FAIL;
	cases[14].verdict = "failed";
	cases[14].message = "reader: exit 0, expected 1";
	cases[14].output = "reader: exit 0, expected 1\n  its output: x\n";
	cases[14].location = (struct location){.file = "/src/app/reader_first.yaml", .line = 12};
	cases[15].outcome = OUTCOME_SKIP;
	cases[15].verdict = "skipped";
	cases[15].message = "needs root";
	cases[15].seconds = -1;
	ck_assert_int_eq(report_doubt(report, "the two baselines disagree"), 0);
}

START_TEST(points_and_scenarios)
{
	static struct known known;
	struct report report;
	char made[128], summary[128];
	snprintf(summary, sizeof summary, "%s/summary", folder);
	unlink(summary);
	setenv("GITHUB_STEP_SUMMARY", summary, 1);
	fill(&report);
	report.show = SEVERITY_WARNING;
	report.fail_on = SEVERITY_ERROR;
	known_settle(&known, &report);
	for (unsigned i = 0; i < FORMATS; i++) {
		snprintf(made, sizeof made, "%s/%s", folder, formats[i].name);
		FILE *stream = fopen(made, "we");
		ck_assert_int_eq(formats[i].render(&report, stream), 0);
		fclose(stream);
		compare("cases", formats[i].name, made);
	}
	compare("cases", "summary", summary);
	report_free(&report);
}
END_TEST

START_TEST(tap13_differs_in_its_first_line_only)
{
	static struct known known;
	struct report report;
	char *texts[2] = {NULL, NULL};
	size_t sizes[2];
	fill(&report);
	known_settle(&known, &report);
	for (unsigned i = 0; i < 2; i++) {
		FILE *stream = open_memstream(&texts[i], &sizes[i]);
		ck_assert_int_eq((i ? report_tap13 : report_tap)(&report, stream), 0);
		fclose(stream);
	}
	ck_assert_int_eq(strncmp(texts[0], "TAP version 14\n", 15), 0);
	ck_assert_int_eq(strncmp(texts[1], "TAP version 13\n", 15), 0);
	ck_assert_str_eq(texts[0] + 15, texts[1] + 15);
	free(texts[0]);
	free(texts[1]);
	report_free(&report);
}
END_TEST

START_TEST(a_full_device_is_an_error_in_every_format)
{
	static struct known known;
	struct report report;
	if (access("/dev/full", W_OK))
		return;
	unsetenv("GITHUB_STEP_SUMMARY");
	fill(&report);
	known_settle(&known, &report);
	for (unsigned i = 0; i < FORMATS; i++) {
		FILE *stream = fopen("/dev/full", "we");
		ck_assert_msg(formats[i].render(&report, stream) == -EIO, "%s", formats[i].name);
		fclose(stream);
	}
	report_free(&report);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_clean_run,
				      leaks_and_rules,
				      suppressed_leaks,
				      an_inconclusive_run,
				      crashes,
				      hostile_names,
				      points_and_scenarios,
				      tap13_differs_in_its_first_line_only,
				      a_full_device_is_an_error_in_every_format};
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	int status = run_suite("golden", tests, sizeof tests / sizeof *tests);
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) ? EXIT_FAILURE : status;
}
