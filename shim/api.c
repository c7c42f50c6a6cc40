// SPDX-License-Identifier: MIT
// shim: shmcheck.h: marks, what is left since, and what is meant to stay.
#include "shim/api.h"

#include "include/shmcheck.h"
#include "shim/append.h"
#include "shim/book.h"
#include "shim/book_kernel.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ARENA = 8 << 20 };

/* pid of the process that holds it; 0: nobody. A child that inherits it held takes it over. */
static uint32_t lock;

void api_lock(void)
{
	uint32_t mine = (uint32_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);

	for (;;) {
		uint32_t holder = 0;

		if (__atomic_compare_exchange_n(&lock, &holder, mine, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		if (holder != mine && __atomic_compare_exchange_n(&lock, &holder, mine, false,
								  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		raw_syscall(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
}

void api_unlock(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

/* A session in memory, shared with the children, gone at the end. Nobody reads events: one block, and no waiting. */
static struct session *make_session(void)
{
	uint64_t size = session_layout(1, ARENA, 0).total;
	long memory = raw_syscall(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct session *session = (struct session *)memory;

	if (raw_failed(memory) || session_init(session, size, 1, ARENA, 0))
		return NULL;
	session->wait_ms = 0;
	return session;
}

/* Nobody started us. */
static int begin_alone(void)
{
	struct session *session;

	shim_start(environ); /* a constructor may come here before ours */
	if (shim_session)
		return 0;
	session = make_session();
	if (!session)
		return -ENOMEM;
	return shim_join(session, NULL, environ) ? 0 : -ENOSYS;
}

int api_begin(void)
{
	int code = shim_session ? 0 : begin_alone();

	if (code || !shim_is_active())
		return code ? code : -ENOSYS;
	return book_is_open() ? 0 : book_open(shim_identity.serial, shim_identity.pid);
}

EXPORT struct shmcheck_mark shmcheck_mark(void)
{
	struct shmcheck_mark mark = {0};

	api_lock();
	if (api_begin() == 0) {
		book_compare();
		mark.moment = book_now();
		mark.process = shim_identity.serial;
	}
	api_unlock();
	return mark;
}

EXPORT int shmcheck_leaks(const struct shmcheck_mark *mark, struct shmcheck_leak *leaks, size_t room)
{
	int code = -EINVAL;

	if (!mark || mark->moment == 0 || mark->process == 0 || (room && !leaks))
		return (int)raw_to_libc(code);
	api_lock();
	code = api_begin();
	if (!code)
		code = book_leaks(mark->moment, mark->process, leaks, room);
	api_unlock();
	return (int)raw_to_libc(code);
}

/* The command judges the run as a whole: it must know as well. */
static void tell_keep(int key)
{
	struct entry entry = append_take(EVENT_KEEP, 0);

	if (!entry.record)
		return;
	entry.record->args[0] = (uint64_t)(int64_t)key;
	append_begin(&entry);
	append_done(entry.record);
}

EXPORT int shmcheck_expect_persistent(int key)
{
	int code;

	api_lock();
	code = api_begin();
	code = code ? code : book_expect_persistent(key);
	api_unlock();
	if (!code)
		tell_keep(key);
	return (int)raw_to_libc(code);
}

/* An id may have come to belong to another segment since: the key tells, as far as anything does. */
static bool is_still(const struct shmcheck_leak *leak)
{
	struct shmid_ds state;

	return kernel_has(leak->shmid, &state) && state.shm_perm.__key == leak->key &&
	       state.shm_segsz == leak->bytes;
}

EXPORT int shmcheck_remove(const struct shmcheck_leak *leaks, size_t count)
{
	int removed = 0;

	for (size_t i = 0; leaks && i < count; i++)
		removed += leaks[i].kind == SHMCHECK_SEGMENT && is_still(&leaks[i]) &&
			   shmctl(leaks[i].shmid, IPC_RMID, NULL) == 0;
	return removed;
}

EXPORT const char *shmcheck_version(void)
{
	return SHMCHECK_VERSION;
}
