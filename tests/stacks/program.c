// SPDX-License-Identifier: MIT
// A segment is made, and left, from a place that its stack is hard to unwind from: the first argument says which.
#include <alloca.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))
#define ALIVE __asm__ volatile("" ::: "memory") /* no tail call here */

static const char *const *words;

APART static void make(void)
{
	if (shmget(IPC_PRIVATE, 4096, 0600) == -1)
		_exit(99);
	ALIVE;
}

/* With locals that the optimiser spreads over registers and stack. */
APART static int chain(int depth)
{
	char local[64];
	memset(local, depth, sizeof local);
	int sum = 0;
	if (depth == 0)
		make();
	else
		sum = chain(depth - 1);
	for (unsigned i = 0; i < sizeof local; i++)
		sum += local[i] * depth;
	return sum;
}

/* The outer one's frame holds what its argument says; the others are below it. */
APART static void with_buffer(size_t size)
{
	volatile char *buffer = alloca(size);
	for (size_t i = 0; i < size; i += 64)
		buffer[i] = 1;
	chain(2);
	ALIVE;
}

APART static void on_signal(int number)
{
	chain(number - number + 2);
	ALIVE;
}

APART static void raise_it(void)
{
	raise(SIGUSR1);
	ALIVE;
}

static void in_handler(int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
	static char other[65536];
	stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
	if (flags & SA_ONSTACK)
		sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise_it();
}

APART static void *small_thread(void *nothing)
{
	chain(2);
	ALIVE;
	return nothing;
}

static void in_thread(size_t bytes)
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, bytes) != 0)
		_exit(98);
	pthread_create(&thread, &attributes, small_thread, NULL);
	pthread_join(thread, NULL);
}

#if defined(__x86_64__)
/* Calls its first argument with the second in the frame-pointer register. */
void with_frame_pointer(void (*function)(void), uintptr_t value);
__asm__(".text\n.globl with_frame_pointer\n.type with_frame_pointer, @function\nwith_frame_pointer:\n"
	".cfi_startproc\npush %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp, 0\nmov %rsi, %rbp\n"
	"call *%rdi\npop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\nret\n.cfi_endproc\n"
	".size with_frame_pointer, . - with_frame_pointer\n");
#endif

static ucontext_t here, there;

static void coroutine(void)
{
	chain(2);
	ALIVE;
}

static void in_context(void)
{
	static char stack[65536];
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof stack;
	there.uc_link = &here;
	makecontext(&there, coroutine, 0);
	swapcontext(&here, &there);
}

/* Code without a file and without call frame information: push rbp; mov rbp, rsp; call *rdi; pop rbp; ret. */
static void from_jit(void)
{
	static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		_exit(97);
	memcpy(page, code, sizeof code);
	void (*call)(void (*)(void));
	memcpy(&call, &page, sizeof call);
	call(make);
	ALIVE;
}

/* The modules come and go; all calls come from the same addresses, if the kernel wills. */
static void in_modules(void)
{
	for (int i = 2; words[i]; i++) {
		void *module = dlopen(words[i], RTLD_NOW);
		void (*call)(void (*)(void));
		if (!module)
			_exit(96);
		*(void **)&call = dlsym(module, "enter");
		call(make);
		dlclose(module);
	}
}

APART static int compare(const void *a, const void *b)
{
	static int done;
	if (!done++)
		make();
	return *(const int *)a - *(const int *)b;
}

APART static void sort_below(size_t size)
{
	volatile char *buffer = alloca(size);
	for (size_t i = 0; i < size; i += 64)
		buffer[i] = 1;
	qsort((int[]){3, 1, 2}, 3, sizeof(int), compare);
	ALIVE;
}

int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "plain";
	words = (const char *const *)arguments;
	if (strcmp(how, "plain") == 0)
		chain(5);
	else if (strcmp(how, "deep") == 0)
		chain(2000);
	else if (strncmp(how, "buffer:", 7) == 0)
		with_buffer(strtoul(how + 7, NULL, 10));
	else if (strcmp(how, "handler") == 0)
		in_handler(0);
	else if (strcmp(how, "altstack") == 0)
		in_handler(SA_ONSTACK);
	else if (strcmp(how, "thread") == 0)
		in_thread(16384);
	else if (strcmp(how, "context") == 0)
		in_context();
	else if (strcmp(how, "jit") == 0)
		from_jit();
	else if (strcmp(how, "modules") == 0)
		in_modules();
	else if (strcmp(how, "callback") == 0)
		qsort((int[]){3, 1, 2}, 3, sizeof(int), compare);
	else if (strncmp(how, "callback:", 9) == 0)
		sort_below(strtoul(how + 9, NULL, 10));
#if defined(__x86_64__)
	else if (strcmp(how, "garbage") == 0)
		with_frame_pointer(make, 0xdeadbeefdeadbeef);
	else if (strcmp(how, "false-frame") == 0) /* one that looks like a frame: it points into the stack */
		with_frame_pointer(make, (uintptr_t) & (uintptr_t[2]){(uintptr_t)&how, (uintptr_t)main});
#endif
	ALIVE;
	return 0;
}
