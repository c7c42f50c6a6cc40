// SPDX-License-Identifier: MIT
// A recognised stack is the same stack: at each of very many calls it is walked beside a full copy of the stack as it is at
// that moment, by other bounds and another list of modules than the library's. SHMCHECK_STACK_CALLS (1000000) calls.
#include "stacks/full_copy.h"
#include "stacks/ways.h"
#include "suite.h"

#include "harness/analyze/unwind.h"
#include "shim/room.h"
#include "shim/stack.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a sanitizer puts on the stack is never the same, or more than is kept: then only what was had is compared. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CALLS = 50000, IS_SANITIZED = 1 };
#else
enum { CALLS = 1000000, IS_SANITIZED = 0 };
#endif

enum {
	WAYS =
	    100, /* of a round: few enough that the library remembers them, and that most stacks come again */
	ROUND = 200000,
	DEPTH = 5,
	LOADS = 2000,
	LEARNING = 20 * WAYS,
	THREADS = 4,
	ARENA_BYTES = 4 << 20,
	FULL_BYTES = sizeof(struct arena) + (1 << 20),
	REFS = ARENA_BYTES / 8,
	ALTERNATE = 65536
};

static _Thread_local struct own_stacks own;

/* What a recognised stack unwound to when it was met first. */
struct known {
	struct raw_frame *frames;
	size_t count;
	bool complete;
};

/* The handlers are entered by raise alone: what they do need not be safe at any moment. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "report_signal_unsafe=0";
}

/* One thread at a time: the capture is what must be safe, not this. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static struct arena *arena;
static struct unwinder *unwinder, *full_unwinder;
static struct full_copy full;
static struct known known[REFS];
/* Of one round: a seed chooses a thread's ways, CALLS are made once they are known. */
struct round {
	uint64_t seed, calls; /* seed: atomic, the next thread's */
	pthread_barrier_t all_know;
};

/* What was seen; later, and recognised, are of those once a round's arena was full. */
static struct {
	uint64_t calls, later, compared, recognised, distinct, complete, alternate;
} counts;

static struct arena *new_arena(uint64_t size)
{
	struct arena *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(made, MAP_FAILED);
	arena_init(made, size);
	return made;
}

/* In the library it may grow. */
uint32_t room_intern(struct arena *in, enum arena_kind kind, const void *data, uint32_t length)
{
	return arena_intern(in, kind, data, length);
}

/* Check's assertions write to a pipe even when they hold. */
#define MUST(condition, ...)                                                                                 \
	do {                                                                                                 \
		if (!(condition))                                                                            \
			ck_abort_msg(__VA_ARGS__);                                                           \
	} while (0)

static void learn(uint32_t ref)
{
	struct raw_stack stack;
	MUST(unwinder_walk(unwinder, ref, &stack) == 0, "stack %u cannot be walked", ref);
	known[ref] = (struct known){calloc(stack.count, sizeof *stack.frames), stack.count, stack.complete};
	memcpy(known[ref].frames, stack.frames, stack.count * sizeof *stack.frames);
	counts.distinct++;
}

static bool is_same_frame(const struct raw_frame *a, const struct raw_frame *b)
{
	return a->pc == b->pc && a->offset == b->offset && a->is_signal == b->is_signal &&
	       !a->object == !b->object && (!a->object || strcmp(a->object->path, b->object->path) == 0);
}

static void compare(uint32_t ref)
{
	const struct known *seen = &known[ref];
	struct raw_stack whole;
	MUST(unwinder_walk(full_unwinder, full.ref, &whole) == 0, "the full copy cannot be walked");
	MUST(whole.count == seen->count && whole.complete == seen->complete,
	     "call %lu: %zu frames%s, the full copy has %zu%s", counts.calls, seen->count,
	     seen->complete ? "" : " and no more", whole.count, whole.complete ? "" : " and no more");
	for (size_t i = 0; i < whole.count; i++)
		MUST(is_same_frame(&seen->frames[i], &whole.frames[i]),
		     "call %lu: frame %zu is %#lx, in the full copy %#lx", counts.calls, i,
		     seen->frames[i].pc, whole.frames[i].pc);
	counts.complete += whole.complete;
	counts.compared++;
}

/* Called by probe with the registers of its caller. */
void take_probe(const struct registers *registers);
void take_probe(const struct registers *registers)
{
	uint32_t ref = stack_capture(registers);
	own.left_at = registers->value[REGISTER_SP] - own.alternate < ALTERNATE ? ways_left_at() : 0;
	pthread_mutex_lock(&one_at_a_time);
	bool is_full = __atomic_load_n(&arena->used, __ATOMIC_RELAXED) >= arena->size;
	counts.calls++;
	counts.later += is_full;
	if (ref != 0) {
		MUST(ref < REFS, "a ref that leads nowhere");
		if (!known[ref].frames)
			learn(ref);
		full_copy_take(&full, registers, &own);
		compare(ref);
		counts.recognised += is_full;
		counts.alternate += own.left_at != 0;
	}
	pthread_mutex_unlock(&one_at_a_time);
}

#if defined(__x86_64__)
/* As the library's functions do it: the registers as they are in the caller, at its call. */
void probe(void);
__asm__(
    ".text\n.type probe, @function\nprobe:\n.cfi_startproc\n"
    "sub $152, %rsp\n.cfi_adjust_cfa_offset 152\n"
    "mov %rbx, 24(%rsp)\nmov %rbp, 48(%rsp)\nmov %r12, 96(%rsp)\nmov %r13, 104(%rsp)\nmov %r14, 112(%rsp)\n"
    "mov %r15, 120(%rsp)\nlea 160(%rsp), %rax\nmov %rax, 56(%rsp)\n"
    "mov 152(%rsp), %rax\nmov %rax, 136(%rsp)\ndec %rax\nmov %rax, 128(%rsp)\n"
    "mov %rsp, %rdi\ncall take_probe\n"
    "add $152, %rsp\n.cfi_adjust_cfa_offset -152\nret\n.cfi_endproc\n.size probe, . - probe\n");

#else
static void probe(void)
{
}
#endif

static void enter_thread(void)
{
	pthread_attr_t attributes;
	void *start;
	size_t size;
	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &start, &size);
	pthread_attr_destroy(&attributes);
	void *alternate = malloc(ALTERNATE);
	own = (struct own_stacks){(uintptr_t)start + size, (uintptr_t)alternate, ALTERNATE, 0};
	stack_t stack = {.ss_sp = alternate, .ss_size = ALTERNATE};
	ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
}

static void leave_thread(void)
{
	stack_t none = {.ss_flags = SS_DISABLE};
	sigaltstack(&none, NULL);
	free((void *)own.alternate);
}

static void begin_round(void)
{
	arena = new_arena(ARENA_BYTES);
	full.arena = new_arena(FULL_BYTES);
	unwinder = unwinder_new(arena, ARENA_BYTES);
	full_unwinder = unwinder_new(full.arena, FULL_BYTES);
	ck_assert(unwinder && full_unwinder);
	stack_attach(arena, false);
	full_copy_list_modules(&full);
}

static void end_round(void)
{
	for (size_t i = 0; i < REFS; i++)
		free(known[i].frames);
	memset(known, 0, sizeof known);
	unwinder_free(unwinder);
	unwinder_free(full_unwinder);
	munmap(arena, ARENA_BYTES);
	munmap(full.arena, FULL_BYTES);
}

/* Once the library has no room for a new stack, what it gives is one that it recognised. Always from one place. */
static void *go_ways(void *context)
{
	struct round *round = context;
	uint64_t seed = __atomic_fetch_add(&round->seed, 1, __ATOMIC_RELAXED), state = seed;
	enter_thread();
	for (uint64_t i = 0; i < LEARNING + round->calls; i++) {
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		ways_go(seed * WAYS + (state >> 33) % WAYS, DEPTH, probe);
		if (i != LEARNING)
			continue;
		pthread_barrier_wait(&round->all_know);
		__atomic_store_n(&arena->used, arena->size, __ATOMIC_RELAXED);
	}
	leave_thread();
	return NULL;
}

static void run_round(struct round *round, unsigned thread_count)
{
	pthread_t threads[THREADS];
	begin_round();
	pthread_barrier_init(&round->all_know, NULL, thread_count);
	for (unsigned i = 0; i < thread_count; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, go_ways, round), 0);
	for (unsigned i = 0; i < thread_count; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	pthread_barrier_destroy(&round->all_know);
	end_round();
}

/* Otherwise it would show nothing: most are recognised, there are many to be taken for each other, and none ends early. */
static void check_counts(void)
{
	ck_assert_uint_ge(counts.distinct, 300);
	ck_assert_uint_ge(counts.alternate, counts.compared / 100);
	if (IS_SANITIZED)
		return;
	ck_assert_uint_ge(counts.recognised, counts.later / 2);
	ck_assert_uint_eq(counts.complete, counts.compared);
}

static uint64_t wanted_calls(void)
{
	const char *wanted = getenv("SHMCHECK_STACK_CALLS");
	return wanted ? strtoull(wanted, NULL, 0) : CALLS;
}

START_TEST(a_recognised_stack_unwinds_as_its_full_copy)
{
	uint64_t wanted = wanted_calls();
	struct round round = {.calls = wanted < ROUND ? wanted : ROUND};
	ways_handle_signals();
	while (counts.recognised < wanted && counts.calls < 4 * wanted)
		run_round(&round, 1);
	check_counts();
	ck_assert(IS_SANITIZED || counts.recognised >= wanted);
}
END_TEST

START_TEST(so_do_those_of_several_threads)
{
	uint64_t wanted = wanted_calls() / 10;
	struct round round = {.calls = wanted / THREADS};
	ways_handle_signals();
	run_round(&round, THREADS);
	check_counts();
}
END_TEST

/* Each call is made three times. */
static uintptr_t call_in(const char *path)
{
	void *module = dlopen(path, RTLD_NOW), (*enter)(void (*)(void));
	struct link_map *map = module;
	ck_assert_msg(module != NULL, "%s", dlerror());
	uintptr_t base = map->l_addr;
	*(void **)&enter = dlsym(module, "enter");
	full_copy_list_modules(&full);
	for (int i = 0; i < 3; i++)
		enter(probe);
	ck_assert_int_eq(dlclose(module), 0);
	stack_modules_changed();
	return base;
}

static void *go_modules(void *context)
{
	static const char *const paths[] = {BUILD "/tests/stacks/first.so", BUILD "/tests/stacks/second.so"};
	uint64_t *reused = context, state = 1;
	uintptr_t last = 0;
	unsigned which = 0;
	enter_thread();
	for (int i = 0; i < LOADS; i++) {
		unsigned before = which;
		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		which = state >> 63;
		uintptr_t base = call_in(paths[which]);
		*reused += base == last && which != before;
		last = base;
	}
	leave_thread();
	return NULL;
}

START_TEST(so_do_those_through_modules_that_come_and_go_at_one_address)
{
	uint64_t reused = 0;
	pthread_t thread;
	begin_round();
	ck_assert_int_eq(pthread_create(&thread, NULL, go_modules, &reused), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	end_round();
	ck_assert_uint_ge(reused, LOADS / 10);
	ck_assert_uint_eq(counts.compared, 3 * LOADS);
	ck_assert_uint_eq(counts.complete, counts.compared);
}
END_TEST

int main(void)
{
#if !defined(__x86_64__)
	printf("SKIP: test_stack_copy: whole stacks are had on x86-64 alone\n");
	return 0;
#endif
	Suite *suite = suite_create("stacks beside full copies");
	TCase *tcase = tcase_create("copies");
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, a_recognised_stack_unwinds_as_its_full_copy);
	tcase_add_test(tcase, so_do_those_of_several_threads);
	tcase_add_test(tcase, so_do_those_through_modules_that_come_and_go_at_one_address);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
