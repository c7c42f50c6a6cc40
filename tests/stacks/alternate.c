// SPDX-License-Identifier: MIT
// A segment is made, and left, in a signal handler that runs on an alternate stack: the first argument says what it
// interrupted.
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))
#define ALIVE __asm__ volatile("" ::: "memory") /* no tail call here */

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

enum { STACK = 65536 };

static sigjmp_buf back;

APART static void make(void)
{
	if (shmget(IPC_PRIVATE, 4096, 0600) == -1)
		_exit(99);
	ALIVE;
}

APART static void on_signal(int number)
{
	(void)number;
	make();
	ALIVE;
}

APART static void on_fault(int number)
{
	make();
	siglongjmp(back, number);
}

APART static void on_first(int number)
{
	(void)number;
	raise(SIGUSR2);
	ALIVE;
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	sigaction(number, &action, NULL);
}

static void use_stack(void *memory, int flags)
{
	stack_t stack = {.ss_sp = memory, .ss_size = STACK, .ss_flags = flags};
	if (sigaltstack(&stack, NULL) != 0)
		_exit(98);
}

/* One whose end is the end of what is mapped. */
static void *new_stack(void)
{
	char *memory = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || munmap(memory + STACK, 4096) != 0)
		_exit(97);
	return memory;
}

/* With a frame that changes, and registers that a callee must keep. */
APART static int chain(int depth, void (*last)(void))
{
	char *local = alloca(16 * (unsigned)depth + 16);
	memset(local, depth, 16);
	int sum = 0;
	if (depth == 0)
		last();
	else
		sum = chain(depth - 1, last);
	for (unsigned i = 0; i < 16; i++)
		sum += local[i] * depth;
	return sum;
}

APART static void raise_it(void)
{
	raise(SIGUSR1);
	ALIVE;
}

/* Two ways that differ in a return address alone, on the interrupted stack. */
APART static void first_way(void)
{
	raise_it();
	ALIVE;
}

APART static void second_way(void)
{
	raise_it();
	ALIVE;
}

APART static void fault(void)
{
	volatile int *nowhere = NULL;
	__asm__("" : "+r"(nowhere));
	*nowhere = 1;
}

/* A leaf, which uses what lies below its stack pointer. */
APART static int leaf_fault(volatile int *nowhere)
{
	volatile int local[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	return local[3] + *nowhere;
}

APART static void call_leaf(void)
{
	volatile int *nowhere = NULL;
	__asm__("" : "+r"(nowhere));
	leaf_fault(nowhere);
	ALIVE;
}

/* Two faults from two places, and one after the handler was left by siglongjmp. */
static void in_faults(void (*last)(void))
{
	handle(SIGSEGV, on_fault, SA_ONSTACK | SA_NODEFER);
	for (volatile int depth = 1; depth < 3; depth++)
		if (sigsetjmp(back, 1) == 0)
			chain(depth, last);
	ALIVE;
}

APART static int overflow(int depth)
{
	volatile char local[256];
	local[0] = (char)depth;
	return overflow(depth + 1) + local[0];
}

static void in_overflow(void)
{
	handle(SIGSEGV, on_fault, SA_ONSTACK | SA_NODEFER);
	if (sigsetjmp(back, 1) == 0)
		overflow(0);
	ALIVE;
}

APART static void *in_thread(void *nothing)
{
	use_stack(new_stack(), 0);
	chain(1, raise_it);
	ALIVE;
	return nothing;
}

static void with_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, NULL);
}

static ucontext_t here, there;

static void coroutine(void)
{
	chain(1, raise_it);
	ALIVE;
}

static void with_coroutine(void)
{
	getcontext(&there);
	there.uc_stack.ss_sp = new_stack();
	there.uc_stack.ss_size = STACK;
	there.uc_link = &here;
	makecontext(&there, coroutine, 0);
	swapcontext(&here, &there);
}

/* The alternate stack lies on the thread's own one. */
APART static void with_local(void)
{
	char local[STACK];
	use_stack(local, 0);
	chain(1, raise_it);
	ALIVE;
}

#if defined(__x86_64__)
/* The interrupted function has no stack: its argument is the stack pointer when it faults. */
void without_stack(uintptr_t sp);
__asm__(".text\n.globl without_stack\n.type without_stack, @function\nwithout_stack:\n.cfi_startproc\n"
	"mov %rdi, %rsp\nmov %rax, 0\nud2\n.cfi_endproc\n.size without_stack, . - without_stack\n");

static void unmapped_stack(void)
{
	without_stack(4096);
}

static void high_stack(void)
{
	without_stack(UINTPTR_MAX - 7);
}

static void odd_stack(void)
{
	char local[64];
	without_stack((uintptr_t)local + 3);
	ALIVE;
}
#endif

int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "plain";
	use_stack(new_stack(), strcmp(how, "disarmed") == 0 ? (int)SS_AUTODISARM : 0);
	handle(SIGUSR1, strncmp(how, "nested", 6) == 0 ? on_first : on_signal,
	       strcmp(how, "nested-outside") == 0 ? 0 : SA_ONSTACK);
	handle(SIGUSR2, on_signal, SA_ONSTACK);
	if (strcmp(how, "plain") == 0 || strcmp(how, "disarmed") == 0 || strncmp(how, "nested", 6) == 0)
		chain(2, raise_it);
	else if (strcmp(how, "ways") == 0)
		for (volatile int i = 0; i < 4; i++)
			chain(1, i % 2 == 0 ? first_way : second_way);
	else if (strcmp(how, "fault") == 0)
		in_faults(fault);
	else if (strcmp(how, "leaf") == 0)
		in_faults(call_leaf);
	else if (strcmp(how, "overflow") == 0)
		in_overflow();
	else if (strcmp(how, "thread") == 0)
		with_thread();
	else if (strcmp(how, "coroutine") == 0)
		with_coroutine();
	else if (strcmp(how, "local") == 0)
		with_local();
#if defined(__x86_64__)
	else if (strcmp(how, "unmapped") == 0)
		in_faults(unmapped_stack);
	else if (strcmp(how, "high") == 0)
		in_faults(high_stack);
	else if (strcmp(how, "odd") == 0)
		in_faults(odd_stack);
#endif
	ALIVE;
	return 0;
}
