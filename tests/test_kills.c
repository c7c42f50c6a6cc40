// SPDX-License-Identifier: MIT
// Killed at any moment: every call that was begun is in the log, and the ledger and the kernel's table agree. The program
// keeps its own account. SHMCHECK_KILLS (150) runs.
#include "killed.h"
#include "suite.h"

#include "harness/log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 150, MICROSECONDS = 1500 };

static char folder[256];
static struct killed_file *account;

/* What the log has of one thread. */
struct seen {
	uint64_t begun, done;
};

static const char *path(const char *name)
{
	static char made[4][300];
	static unsigned next;
	char *text = made[next++ % 4];
	snprintf(text, sizeof *made, "%s/%s", folder, name);
	return text;
}

static void enter_folder(void)
{
	const char *parent = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/test_kills.XXXXXX", parent ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	int fd = open(path("account"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, sizeof *account), 0);
	account = mmap(NULL, sizeof *account, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(account, MAP_FAILED);
	close(fd);
}

static void leave_folder(void)
{
	unlink(path("account"));
	unlink(path("log"));
	unlink(path("json"));
	rmdir(folder);
}

static void run_killed(unsigned processes, unsigned threads, unsigned seed)
{
	char log[320], json[320], numbers[4][16];
	snprintf(log, sizeof log, "--log=%s", path("log"));
	snprintf(json, sizeof json, "--report=json:%s", path("json"));
	snprintf(numbers[0], sizeof *numbers, "%u", processes);
	snprintf(numbers[1], sizeof *numbers, "%u", threads);
	snprintf(numbers[2], sizeof *numbers, "%u", MICROSECONDS);
	snprintf(numbers[3], sizeof *numbers, "%u", seed);
	const char *argv[] = {BUILD "/shmcheck",
			      "run",
			      "--quiet",
			      "--fail-on=never",
			      "--show=note",
			      log,
			      json,
			      "--",
			      BUILD "/tests/programs/killed",
			      path("account"),
			      numbers[0],
			      numbers[1],
			      numbers[2],
			      numbers[3],
			      NULL};
	pid_t pid;
	int status;
	ck_assert_int_eq(truncate(path("account"), 0), 0);
	ck_assert_int_eq(truncate(path("account"), sizeof *account), 0);
	ck_assert_int_eq(posix_spawn(&pid, argv[0], NULL, NULL, (char **)(uintptr_t)argv, environ), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == (processes == 1 ? 128 + SIGKILL : 0),
		      "seed %u: shmcheck ended with status 0x%x", seed, (unsigned)status);
}

static int count_record(void *context, const struct record *record)
{
	struct seen *seen = context;
	if (record->event >= CALL_COUNT)
		return 0;
	for (unsigned i = 0; i < KILLED_SLOTS; i++) {
		if (account->slots[i].tid != record->tid)
			continue;
		seen[i].begun++;
		seen[i].done += record->state == RECORD_DONE;
	}
	return 0;
}

/* Returns how many segments the kernel had at the end. */
static size_t check_log(unsigned seed)
{
	struct seen seen[KILLED_SLOTS] = {{0}};
	struct log_content content = {0};
	char why[256] = "";
	ck_assert_msg(log_read(path("log"), count_record, seen, &content, why) == 0, "seed %u: %s", seed,
		      why);
	for (unsigned i = 0; i < KILLED_SLOTS && account->slots[i].tid; i++) {
		const struct killed_slot *own = &account->slots[i];
		ck_assert_msg(seen[i].begun + 1 >= own->begun && seen[i].begun <= own->begun,
			      "seed %u, thread %u: began %lu calls, the log has %lu", seed, i, own->begun,
			      seen[i].begun);
		ck_assert_msg(seen[i].done >= own->done && seen[i].done <= own->begun,
			      "seed %u, thread %u: %lu calls done, the log has %lu", seed, i, own->done,
			      seen[i].done);
	}
	ck_assert_uint_eq(content.evidence.lost_events + content.evidence.bad_records, 0);
	size_t left = content.evidence.after.count;
	log_content_free(&content);
	return left;
}

/* Returns how many leaks were reported. */
static size_t check_report(unsigned seed)
{
	FILE *stream = fopen(path("json"), "re");
	size_t leaks = 0;
	ck_assert_ptr_nonnull(stream);
	for (json_t *object; (object = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL));
	     json_decref(object)) {
		const char *type = json_string_value(json_object_get(object, "type"));
		const char *id = json_string_value(json_object_get(object, "id"));
		if (strcmp(type, "summary") == 0)
			ck_assert_uint_eq(json_array_size(json_object_get(object, "doubts")), 0);
		if (strcmp(type, "finding") != 0)
			continue;
		ck_assert_msg(strcmp(id, "segment-leak") == 0 || strcmp(id, "crash-window") == 0 ||
				  strcmp(id, "attach-leak") == 0,
			      "seed %u: %s: %s", seed, id,
			      json_string_value(json_object_get(object, "detail")));
		if (strcmp(id, "segment-leak") == 0)
			leaks += (size_t)json_integer_value(json_object_get(object, "count"));
	}
	fclose(stream);
	return leaks;
}

static void check_one(unsigned seed)
{
	size_t least = 0, most = 0;
	run_killed(1 + seed % 3, 1 + seed / 3 % 3, seed);
	size_t left = check_log(seed), leaks = check_report(seed);
	for (unsigned i = 0; i < KILLED_SLOTS; i++) {
		least += account->slots[i].is_left != 0;
		most += account->slots[i].may_be_left != 0;
	}
	ck_assert_msg(left >= least && left <= most,
		      "seed %u: %zu segments are left, the program has %zu to %zu", seed, left, least, most);
	ck_assert_msg(leaks == left, "seed %u: the kernel has %zu segments, %zu leaks were reported", seed,
		      left, leaks);
}

START_TEST(a_kill_at_any_moment_loses_no_call_and_the_witnesses_agree)
{
	const char *wanted = getenv("SHMCHECK_KILLS");
	unsigned kills = wanted ? (unsigned)atoi(wanted) : KILLS;
	for (unsigned seed = 1; seed <= kills; seed++)
		check_one(seed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kills");
	TCase *whole = tcase_create("core");
	const char *wanted = getenv("SHMCHECK_KILLS");
	tcase_set_timeout(whole, wanted ? 600 + atoi(wanted) : 600);
	tcase_add_checked_fixture(whole, enter_folder, leave_folder);
	tcase_add_test(whole, a_kill_at_any_moment_loses_no_call_and_the_witnesses_agree);
	suite_add_tcase(suite, whole);
	return suite_run(suite);
}
