// SPDX-License-Identifier: MIT
// A recognised stack is the same stack: over millions of calls from changing places, against the account that the
// program itself keeps of how it came there (tests/programs/stack_shadow.c).
#include "suite.h"

#include "harness/analyze/stack.h"
#include "harness/log/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 1000000, REFS = (2 << 20) / 8 + 1 };

/* What the calls with one reference have in common. */
struct known {
	int32_t key;
	uint64_t calls;
};

struct account {
	struct known known[REFS];
	uint64_t calls, unknown, distinct;
};

static int take(void *context, const struct record *record)
{
	struct account *account = context;
	if (record->event != CALL_SHMGET)
		return 0;
	account->calls++;
	if (record->stack == 0 || record->stack >= REFS) {
		account->unknown++;
		return 0;
	}
	struct known *known = &account->known[record->stack];
	if (known->calls++ == 0) {
		known->key = (int32_t)record->args[0];
		account->distinct++;
	}
	ck_assert_msg(known->key == (int32_t)record->args[0],
		      "call %llu: stack %u was taken for the one of another way",
		      (unsigned long long)account->calls, record->stack);
	return 0;
}

static void run_program(const char *log, unsigned seed)
{
	char command[1024];
	snprintf(command, sizeof command,
		 BUILD "/shmcheck run --quiet --log=%s -- " BUILD "/tests/programs/stack_shadow %d %u", log,
		 CALLS, seed);
	int status = system(command);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x of: %s", (unsigned)status,
		      command);
}

/* Stacks that unwind to the same list are those of the same way, and none ends early. */
static void check_unwound(const struct log_content *content, const struct account *account)
{
	struct stacks *stacks = stacks_new(content->arena, content->arena_size, STACK_NAMES_ALL);
	static struct {
		uint64_t identity;
		int32_t key;
	} seen[4096];
	size_t count = 0;
	for (uint32_t ref = 1; ref < REFS && count < 4096; ref++) {
		if (account->known[ref].calls == 0)
			continue;
		const struct stack *stack = stacks_get(stacks, ref);
		ck_assert_ptr_nonnull(stack);
		ck_assert_msg(stack->complete, "stack %u ends early", ref);
		uint64_t identity = stack_identity(stack);
		for (size_t i = 0; i < count; i++)
			ck_assert_msg((seen[i].identity == identity) ==
					  (seen[i].key == account->known[ref].key),
				      "stack %u: unwound alike, and came another way, or the reverse", ref);
		seen[count].identity = identity;
		seen[count++].key = account->known[ref].key;
	}
	stacks_free(stacks);
}

START_TEST(a_recognised_stack_is_the_same_stack)
{
	struct account *account = calloc(1, sizeof *account);
	struct log_content content = {0};
	const char *parent = getenv("TMPDIR");
	char path[256], why[256];
	ck_assert_ptr_nonnull(account);
	snprintf(path, sizeof path, "%s/test_stack_recognised.%d", parent ? parent : "/tmp", getpid());
	run_program(path, 17 + (unsigned)_i);
	int code = log_read(path, take, account, &content, why);
	unlink(path);
	ck_assert_msg(code == 0, "%s", why);
	ck_assert_uint_eq(account->calls, CALLS);
	/* otherwise it would show nothing: most are recognised, and there are many to be taken for each other */
	ck_assert_uint_le(account->unknown, CALLS / 10);
	ck_assert_uint_ge(account->distinct, 150);
	ck_assert_uint_le(account->distinct, CALLS / 1000);
	check_unwound(&content, account);
	log_content_free(&content);
	free(account);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recognised stacks");
	TCase *tcase = tcase_create("shadow");
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_recognised_stack_is_the_same_stack, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
