/* SPDX-License-Identifier: MIT */
/* shmcheck.h: shmcheck inside a program or a test: shmcheck(3). Link with -lshmcheck; no preload is needed. */
#ifndef SHMCHECK_H
#define SHMCHECK_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All functions may be called from any thread, and under the shmcheck command as well as without it. What they set
 * holds in the calling process and in those that it forks afterwards. */

/* Rules. --------------------------------------------------------------------------------------------------------- */

/* Adds RULE, as in shmcheck-rules(7): "shmat:error=ENOMEM:when=2". Returns its number, from 0; or -1 with errno:
 * EINVAL (shmcheck_error says what is wrong and where), ENOSPC (64 rules are there), EPERM (a world= that only the
 * command can make), ENOMEM. */
int shmcheck_inject(const char *rule);

/* Why the calling thread's last shmcheck_inject failed. Valid until its next one. */
const char *shmcheck_error(void);

/* How often rule NUMBER took effect, and how many calls passed its filters; -1 when there is no such rule. */
long long shmcheck_hits(int number);
long long shmcheck_matches(int number);

/* Counts the rules that have had no effect though they should (all but those with expect=any, which p=
 * implies), and writes the first of them into TEXT (SIZE bytes, with a NUL; may be NULL and 0). */
int shmcheck_missed(char *text, size_t size);

/* Takes all rules away. A call that is under way ends with those that it began with. */
void shmcheck_clear(void);

/* What is left. -------------------------------------------------------------------------------------------------- */

/* A moment in a process's life. */
struct shmcheck_mark {
	unsigned long long moment;
	unsigned process;
	unsigned reserved;
};

enum shmcheck_kind {
	SHMCHECK_SEGMENT = 1, /* exists, is not marked for removal, was made since the mark */
	SHMCHECK_ATTACHMENT = 2 /* still in this process's memory, was made since the mark */
};

struct shmcheck_leak {
	int kind; /* enum shmcheck_kind */
	int shmid;
	int key; /* a key_t */
	pid_t pid; /* whose call it was */
	size_t bytes;
	unsigned long attached; /* a segment's attachments now, in all processes */
	void *address; /* an attachment's; NULL for a segment */
	const void *caller; /* where the call returned to; NULL: it was not seen (a raw system call) */
	unsigned stack; /* for shmcheck_explain and shmcheck_place */
	unsigned reserved;
};

/* Now. What was there before does not count after it. */
struct shmcheck_mark shmcheck_mark(void);

/* Finds what this process, and those that it forked, have made since MARK and not given back, by the kernel's own
 * tables: segments of whichever process, attachments of this one. Others' segments are never among them; nor is what an
 * injected failure itself left. Writes at most ROOM of them and returns how many there are; -1 with errno (EINVAL: not
 * a mark). */
int shmcheck_leaks(const struct shmcheck_mark *mark, struct shmcheck_leak *leaks, size_t room);

/* Segments with KEY are meant to stay: they are no leaks from now on. 0, or -1 with errno ENOSPC (64 keys are known)
 * or EINVAL (IPC_PRIVATE). */
int shmcheck_expect_persistent(int key);

/* Removes the segments among LEAKS (COUNT of them); returns how many were removed. Attachments are left alone. */
int shmcheck_remove(const struct shmcheck_leak *leaks, size_t count);

/* Describes LEAKS in TEXT (SIZE bytes, with a NUL): a line each, and under it the stack of its call, with functions,
 * files and lines. These come from the shmcheck command, which is run for it: found beside the library, in its bin
 * folder, or by SHMCHECK_COMMAND. Without it: the binary and the offset of the caller. Returns TEXT's length. */
size_t shmcheck_explain(const struct shmcheck_leak *leaks, size_t count, char *text, size_t size);

/* A place in the source. */
struct shmcheck_place {
	char file[512]; /* as the compiler was given it; "": unknown */
	char function[128]; /* "": unknown */
	int line; /* 0: unknown */
	int reserved;
};

/* The innermost place in LEAK's stack whose source is known. 0; or -1 with errno ENOENT when there is none. */
int shmcheck_place(const struct shmcheck_leak *leak, struct shmcheck_place *ret_place);

/* Points. -------------------------------------------------------------------------------------------------------- */

/* A point of that name in the program's course: shmcheck-scenario(5) orders processes by such points. Costs a compare
 * when nobody asks for it. */
void shmcheck_point(const char *name) __attribute__((weak));

/* The same in a program that is not linked with the library: nothing, unless shmcheck runs it. */
#define SHMCHECK_POINT(name) (shmcheck_point ? shmcheck_point(name) : (void)0)

/* "0.1.0": of the library that is loaded. */
const char *shmcheck_version(void);

#ifdef __cplusplus
}
#endif

#endif
