// SPDX-License-Identifier: MIT
// shim: new images: every exec and spawn gets our variables back into its environment.
#include "shim/append.h"
#include "shim/environment.h"
#include "shim/life.h"
#include "shim/real.h"
#include "shim/room.h"
#include "shim/stack_reach.h"

#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

enum { STACK_MOST = 4096 }; /* bytes of environment that we put on the stack, which may be small */

/* A change of image under way. */
struct change {
	struct entry entry;
	char **environment; /* for the new image */
	void *mapped; /* where it lies when it is too large for the stack */
	size_t size;
};

/* Where the environment of a new image can be put: SIZE bytes of the caller's stack, or a mapping. */
static void *find_room(struct change *change, char *const *environment)
{
	change->mapped = NULL;
	change->size = SIZE_MAX;
	if (!environment_is_readable(environment))
		return NULL;
	change->size = environment_size(environment) + sizeof(size_t);
	if (change->size <= STACK_MOST)
		return NULL;
	long memory = raw_syscall(SYS_mmap, 0, (long)change->size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory > 0)
		change->mapped = (void *)memory;
	return change->mapped;
}

/* In a macro, because what alloca gives lasts as long as its function. NULL: go on as we are. */
#define ROOM(change, environment_)                                                                           \
	(find_room(change, environment_) ? (change)->mapped                                                  \
	 : (change)->size <= STACK_MOST  ? alloca((change)->size)                                            \
					 : NULL)

static struct self myself(uint32_t children)
{
	const struct identity *me = &shim_identity;
	struct self self = {.pid = me->pid, .serial = me->serial, .image = me->image, .children = children};
	memcpy(self.role, me->role, sizeof self.role);
	return self;
}

static void record_change(struct change *change, const char *path, enum exec_how how, uint32_t number,
			  bool is_anothers)
{
	change->entry = append_take(EVENT_EXEC, 0);
	struct record *record = change->entry.record;
	if (!record)
		return;
	record->args[0] = how;
	record->args[1] = number;
	record->flags |= is_anothers ? RECORD_HANDED : 0;
	if (path && is_text_readable(path, &(uintptr_t){NO_PAGE})) /* otherwise the kernel says EFAULT */
		record->text =
		    room_intern(session_arena(shim_session), ARENA_STRING, path, (uint32_t)strlen(path));
	append_begin(&change->entry);
}

/* What a vfork child mapped stays in its parent's memory when the child's exec succeeds: until the next change. Atomic;
 * its size stands in its first word. */
static void *left_behind;

static void keep_room(struct change *change, bool is_guest)
{
	if (is_guest && change->mapped) {
		*(size_t *)change->mapped = change->size;
		__atomic_store_n(&left_behind, change->mapped, __ATOMIC_RELEASE);
	} else if (!is_guest && __atomic_load_n(&left_behind, __ATOMIC_RELAXED)) {
		void *old = __atomic_exchange_n(&left_behind, NULL, __ATOMIC_ACQUIRE);
		if (old)
			raw_syscall(SYS_munmap, (long)old, (long)*(size_t *)old, 0, 0, 0, 0);
	}
}

/* Tells the next image who we are. SPAWNS: it will be a child's. */
static void begin_change(struct change *change, void *room, const char *path, char *const *environment,
			 bool spawns)
{
	struct identity *me = &shim_identity;
	bool is_guest =
	    raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0) != me->pid; /* of vfork: exec makes it a process */
	bool starts_process = spawns || is_guest;
	uint32_t number =
	    starts_process ? life_next_child() : __atomic_load_n(&me->children, __ATOMIC_RELAXED);
	struct self self = myself(number);
	keep_room(change, is_guest);
	if (room && change->mapped)
		room = (char *)room + sizeof(size_t);
	change->environment = room ? environment_build(room, environment, &self) : (char **)environment;
	record_change(change, path, starts_process ? EXEC_SPAWN : EXEC_SELF, starts_process ? number : 0,
		      room && environment_is_anothers(environment));
}

/* Comes back only when there is no new image here: after a spawn, or a failure. */
static void end_change(struct change *change, int error, int64_t result)
{
	int saved = errno;
	struct record *record = append_result(&change->entry);
	if (record) {
		record->result = error ? -1 : result;
		record->error = error;
		record->flags |= error ? RECORD_FAILED : 0;
		append_done(record);
	}
	if (change->mapped) {
		void *mapped = change->mapped;
		__atomic_compare_exchange_n(&left_behind, &mapped, NULL, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
		raw_syscall(SYS_munmap, (long)change->mapped, (long)change->size, 0, 0, 0, 0);
	}
	errno = saved;
}

static int watched_execve(const char *path, char *const *argv, char *const *environment)
{
	struct change change;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, path, environment, false);
	int result = shim_real.execve(path, argv, change.environment);
	end_change(&change, errno, 0);
	return result;
}

static int watched_execvpe(const char *file, char *const *argv, char *const *environment)
{
	struct change change;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, file, environment, false);
	int result = shim_real.execvpe(file, argv, change.environment);
	end_change(&change, errno, 0);
	return result;
}

EXPORT int execve(const char *path, char *const *argv, char *const *environment)
{
	if (!shim_is_active())
		return shim_real.execve(path, argv, environment);
	return watched_execve(path, argv, environment);
}

EXPORT int execv(const char *path, char *const *argv)
{
	return execve(path, argv, environ);
}

EXPORT int execvpe(const char *file, char *const *argv, char *const *environment)
{
	if (!shim_is_active())
		return shim_real.execvpe(file, argv, environment);
	return watched_execvpe(file, argv, environment);
}

EXPORT int execvp(const char *file, char *const *argv)
{
	return execvpe(file, argv, environ);
}

/* The arguments of execl and its kin, NULL included. */
static size_t count_arguments(va_list arguments)
{
	size_t count = 1;
	while (va_arg(arguments, char *))
		count++;
	return count + 1;
}

static void collect_arguments(char **argv, const char *first, size_t count, va_list arguments)
{
	argv[0] = (char *)first;
	for (size_t i = 1; i < count; i++)
		argv[i] = va_arg(arguments, char *);
}

#define LIST_TO_VECTOR(first)                                                                                \
	va_list counted, taken;                                                                              \
	va_start(counted, first);                                                                            \
	va_copy(taken, counted);                                                                             \
	const char *start =                                                                                  \
	    first; /* NULL is wrong, and yet some pass it: the compiler must not know better */              \
	__asm__("" : "+r"(start));                                                                           \
	size_t count = start ? count_arguments(counted) : 1;                                                 \
	va_end(counted);                                                                                     \
	char **argv = alloca(count * sizeof *argv);                                                          \
	collect_arguments(argv, (first), count, taken)

EXPORT int execl(const char *path, const char *first, ...)
{
	LIST_TO_VECTOR(first);
	va_end(taken);
	return execve(path, argv, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	LIST_TO_VECTOR(first);
	va_end(taken);
	return execvpe(file, argv, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	LIST_TO_VECTOR(first);
	char *const *environment = va_arg(taken, char *const *);
	va_end(taken);
	return execve(path, argv, environment);
}

EXPORT int fexecve(int fd, char *const *argv, char *const *environment)
{
	if (!shim_is_active())
		return shim_real.fexecve(fd, argv, environment);
	struct change change;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, NULL, environment, false);
	int result = shim_real.fexecve(fd, argv, change.environment);
	end_change(&change, errno, 0);
	return result;
}

EXPORT int execveat(int folder, const char *path, char *const *argv, char *const *environment, int flags)
{
	if (!shim_is_active() || !shim_real.execveat)
		return shim_real.execveat ? shim_real.execveat(folder, path, argv, environment, flags)
					  : (errno = ENOSYS, -1);
	struct change change;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, path, environment, false);
	int result = shim_real.execveat(folder, path, argv, change.environment, flags);
	end_change(&change, errno, 0);
	return result;
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const *argv, char *const *environment)
{
	if (!shim_is_active())
		return shim_real.posix_spawn(pid, path, actions, attributes, argv, environment);
	struct change change;
	pid_t child = 0;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, path, environment, true);
	int error = shim_real.posix_spawn(&child, path, actions, attributes, argv, change.environment);
	if (pid && !error)
		*pid = child;
	end_change(&change, error, child);
	return error;
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const *argv, char *const *environment)
{
	if (!shim_is_active())
		return shim_real.posix_spawnp(pid, file, actions, attributes, argv, environment);
	struct change change;
	pid_t child = 0;
	void *room = ROOM(&change, environment);
	begin_change(&change, room, file, environment, true);
	int error = shim_real.posix_spawnp(&child, file, actions, attributes, argv, change.environment);
	if (pid && !error)
		*pid = child;
	end_change(&change, error, child);
	return error;
}

/* system and popen take the process's own environment, inside libc. That of a program which has cleared it gets our
 * variables back for good: lent for the moment, another thread's system could give it back too late. */
static void mend_environment(void)
{
	char **own = __atomic_load_n(&environ, __ATOMIC_RELAXED);
	if (environment_is_ours(own))
		return;
	struct self self = myself(0);
	long room = raw_syscall(SYS_mmap, 0, (long)environment_size(own), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (raw_failed(room))
		return;
	char **made = environment_build((void *)room, own, &self);
	if (made == own) {
		raw_syscall(SYS_munmap, room, (long)environment_size(own), 0, 0, 0, 0);
		return;
	}
	environment_adopt(made, false);
	__atomic_compare_exchange_n(&environ, &own, made, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static void begin_by_libc(struct change *change)
{
	uint32_t number = life_next_child();
	struct self self = myself(number);
	mend_environment();
	environment_tell(&self);
	change->mapped = NULL;
	record_change(change, "/bin/sh", EXEC_LIBC, number, environment_is_anothers(environ));
}

EXPORT int system(const char *command)
{
	if (!shim_is_active() || !command)
		return shim_real.system(command);
	struct change change;
	begin_by_libc(&change);
	int result = shim_real.system(command);
	end_change(&change, result == -1 ? errno : 0, 0);
	return result;
}

EXPORT FILE *popen(const char *command, const char *type)
{
	if (!shim_is_active())
		return shim_real.popen(command, type);
	struct change change;
	begin_by_libc(&change);
	FILE *result = shim_real.popen(command, type);
	end_change(&change, result ? 0 : errno, 0);
	return result;
}
