// SPDX-License-Identifier: MIT
// shim: functions that must leave the caller's frame and return address as they are: x86-64.
#include "shim/arch.h"
#include "shim/calls.h"
#include "shim/real.h"
#include "shim/shim.h"

#include <stddef.h>
#include <sys/syscall.h>

#if defined(ARCH_X86_64)

/* Where the words lie that the code below needs. */
_Static_assert(offsetof(struct thread, tid) == 16 && offsetof(struct thread, is_shared) == 24, "below");
_Static_assert(SYS_shmget == 29 && SYS_shmat == 30 && SYS_shmctl == 31 && SYS_shmdt == 67,
	       "the four numbers below");
_Static_assert(SYS_clone == 56 && SYS_vfork == 58 && SYS_clone3 == 435, "the three numbers below");

/* Makes this thread ask for its ids again: a child may be about to borrow its memory. Changes r11 only. */
#define FORGET_IDS                                                                                           \
	"movq shim_thread@gottpoff(%rip), %r11\n\t"                                                          \
	"movl $0, %fs:16(%r11)\n\t"

/* The same for good: the child may run beside us. */
#define SHARE_IDS                                                                                            \
	FORGET_IDS                                                                                           \
	"movl $1, %fs:24(%r11)\n\t"

/* Jumps to the function behind ours. Called before all others were looked up, it looks them up first. */
#define JUMP(name)                                                                                           \
	"movq stub_real_" #name "@GOTPCREL(%rip), %r11\n\t"                                                  \
	"movq (%r11), %r11\n\t"                                                                              \
	"movq (%r11), %r11\n\t"                                                                              \
	"testq %r11, %r11\n\t"                                                                               \
	"jz 8f\n\t"                                                                                          \
	"jmp *%r11\n"                                                                                        \
	"8:\tpushq %rdi\n\tpushq %rsi\n\tpushq %rdx\n\tpushq %rcx\n\tpushq %r8\n\tpushq %r9\n\tpushq "       \
	"%rax\n\t"                                                                                           \
	"call real_find\n\t"                                                                                 \
	"popq %rax\n\tpopq %r9\n\tpopq %r8\n\tpopq %rcx\n\tpopq %rdx\n\tpopq %rsi\n\tpopq %rdi\n\t"          \
	"movq stub_real_" #name "@GOTPCREL(%rip), %r11\n\t"                                                  \
	"movq (%r11), %r11\n\t"                                                                              \
	"movq (%r11), %r11\n\t"                                                                              \
	"jmp *%r11\n\t"

#define STUB(name, body)                                                                                     \
	__asm__(".text\n\t.p2align 4\n\t.globl " #name "\n\t.type " #name ", @function\n" #name ":\n\t"      \
		".cfi_startproc\n\tendbr64\n\t" body JUMP(name) ".cfi_endproc\n\t.size " #name               \
								", . - " #name "\n")

/* Addresses that assembly can name. */
#define REAL_SLOT(name)                                                                                      \
	__attribute__((visibility("hidden"), used)) void *const stub_real_##name = &shim_real.name
REAL_SLOT(vfork);
REAL_SLOT(clone);
REAL_SLOT(dlopen);
REAL_SLOT(syscall);
REAL_SLOT(__libc_start_main);

/* The child runs on its parent's stack and returns first: no frame of ours may lie there. */
STUB(vfork, FORGET_IDS);
STUB(clone, SHARE_IDS);

/* ld.so takes the caller's search path from the return address. RTLD_DEEPBIND (8) would bind the module past us. */
STUB(dlopen, "movq shim_session@GOTPCREL(%rip), %r11\n\t"
	     "cmpq $0, (%r11)\n\t"
	     "je 7f\n\t"
	     "andl $~8, %esi\n"
	     "7:\t");

/* Variable arguments, and SYS_vfork among the numbers: only the four that concern us leave the fast path. */
STUB(syscall, "cmpq $29, %rdi\n\tjb 6f\n\t"
	      "cmpq $31, %rdi\n\tjbe 5f\n\t"
	      "cmpq $67, %rdi\n\tje 5f\n\t"
	      "cmpq $56, %rdi\n\tje 7f\n\t"
	      "cmpq $435, %rdi\n\tje 7f\n\t"
	      "cmpq $58, %rdi\n\tjne 6f\n\t" FORGET_IDS "jmp 6f\n"
	      "5:\tjmp shim_raw_call\n"
	      "7:\t" SHARE_IDS "6:\t");

/* Before main. No frame of ours may stay below it: its stacks are to be those of a program without us. */
STUB(__libc_start_main, "pushq %rdi\n\tpushq %rsi\n\tpushq %rdx\n\tpushq %rcx\n\tpushq %r8\n\tpushq %r9\n\t"
			"subq $8, %rsp\n\t"
			"call server_choose\n\t"
			"addq $8, %rsp\n\t"
			"popq %r9\n\tpopq %r8\n\tpopq %rcx\n\tpopq %rdx\n\tpopq %rsi\n\tpopq %rdi\n\t"
			"movq %rax, %rdi\n\t");

/* Stands in main's place: comes back from server_serve once for each run. */
__asm__(".text\n\t.p2align 4\n\t.hidden server_main\n\t.globl server_main\n\t.type server_main, @function\n"
	"server_main:\n\t.cfi_startproc\n\tendbr64\n\t"
	"pushq %rdi\n\tpushq %rsi\n\tpushq %rdx\n\t"
	"call server_serve\n\t"
	"popq %rdx\n\tpopq %rsi\n\tpopq %rdi\n\t"
	"jmp *%rax\n\t"
	".cfi_endproc\n\t.size server_main, . - server_main\n");

#endif
