// SPDX-License-Identifier: MIT
// shim: process life: an image takes its place in the session, a forked child gets one of its own.
#include "shim/shim.h"

#include "shim/append.h"
#include "shim/arch.h"
#include "shim/book.h"
#include "shim/environment.h"
#include "shim/order.h"
#include "shim/plain.h"
#include "shim/real.h"
#include "shim/room.h"
#include "shim/self.h"
#include "shim/stack.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* The largest page that there is on the machine: other kernels have smaller ones. */
#if defined(__x86_64__)
enum { PAGE = 4096 };
#else
enum { PAGE = 65536 };
#endif

struct session *shim_session;
struct identity shim_identity;
_Thread_local struct thread shim_thread = {.is_shared = ARCH_SHARES_IDS};

/* Two pages, so that one whole page lies in anonymous memory wherever .bss begins. */
static struct {
	_Alignas(PAGE) char before[PAGE];
	uint32_t alive;
	char rest[PAGE - sizeof(uint32_t)];
} wiped;
uint32_t *shim_alive = &wiped.alive;

uint64_t shim_monotonic(void)
{
	struct timespec now;
	__typeof__(&clock_gettime) get = __atomic_load_n(&shim_real.clock_gettime, __ATOMIC_RELAXED);
	if (LIKELY(get)) {
		get(CLOCK_MONOTONIC, &now);
	} else {
		now = (struct timespec){0};
		raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
	}
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct session *shim_map(int fd, uint64_t size)
{
	if (size < sizeof(struct session))
		return NULL;
	long memory = raw_syscall(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (raw_failed(memory))
		return NULL;
	if (!session_is_valid((void *)memory, size)) {
		raw_syscall(SYS_munmap, memory, (long)size, 0, 0, 0, 0);
		return NULL;
	}
	return (struct session *)memory;
}

static struct session *open_session(const char *path)
{
	struct stat status = {0};
	struct session *session = NULL;
	long fd = raw_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC | O_NOCTTY, 0, 0, 0);
	if (fd < 0)
		return NULL;
	if (raw_syscall(SYS_fstat, fd, (long)&status, 0, 0, 0, 0) == 0 && S_ISREG(status.st_mode))
		session = shim_map((int)fd, (uint64_t)status.st_size);
	raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return session;
}

static uint32_t intern(const char *text)
{
	return room_intern(session_arena(shim_session), ARENA_STRING, text, (uint32_t)strlen(text));
}

/* Whoever execs past our wrappers still passes this on. */
static void tell_next(void)
{
	const struct identity *me = &shim_identity;
	struct self self = {me->pid, me->serial, me->image, me->children, ""};
	memcpy(self.role, me->role, sizeof self.role);
	environment_tell(&self);
}

static void announce(enum start_how how, uint32_t number)
{
	tell_next();
	struct entry entry = append_take(EVENT_START, 0);
	struct record *record = entry.record;
	if (!record)
		return;
	const char *executable = (const char *)getauxval(AT_EXECFN);
	shim_identity.role_ref = intern(shim_identity.role);
	record->args[0] = how;
	record->args[1] = shim_identity.parent;
	record->args[2] = number;
	record->args[3] = (uint64_t)raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	record->text = executable ? intern(executable) : 0;
	record->detail[0] = shim_identity.role_ref;
	raw_syscall(SYS_prctl, PR_GET_NAME, (long)&record->detail[1], 0, 0, 0, 0);
	append_begin(&entry);
	append_done(record);
}

static uint64_t inode_of(const char *path)
{
	struct stat status = {0};
	return raw_syscall(SYS_newfstatat, AT_FDCWD, (long)path, (long)&status, 0, 0, 0) ? 0 : status.st_ino;
}

/* Pids are compared with the harness's only when they are of its namespace. */
static bool is_foreign(void)
{
	uint64_t wanted = shim_session->pid_namespace;
	return wanted && inode_of("/proc/self/ns/pid") != wanted;
}

static bool is_other_namespace(const char *path)
{
	uint64_t wanted = shim_session->ipc_namespace, own = wanted ? inode_of(path) : 0;
	return own && own != wanted;
}

void shim_find_namespace(void)
{
	long pid = raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	bool is_first = raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0) == pid;
	if (pid != shim_identity.pid) /* a vfork child: all this is its parent's */
		return;
	if (is_first)
		shim_identity.is_elsewhere = is_other_namespace("/proc/self/ns/ipc");
	shim_thread.is_elsewhere = !is_first && is_other_namespace("/proc/thread-self/ns/ipc");
}

/* A process takes its place in a forced order; a new image of the same process is no start. */
static void take_turn(enum start_how how)
{
	struct order_ticket ticket = {0};
	if (!order_is_used() || how == START_EXEC)
		return;
	order_enter();
	order_reach(&ticket, EVENT_START, NULL, NULL);
	order_pass(&ticket);
}

/* The harness has a process made early. It goes with the harness until then: that is taken back. */
void shim_pass_gate(void)
{
	uint32_t *gate = &shim_session->gate;
	uint32_t now = __atomic_load_n(gate, __ATOMIC_ACQUIRE);
	if (now == GATE_NONE)
		return;
	for (; now == GATE_CLOSED; now = __atomic_load_n(gate, __ATOMIC_ACQUIRE))
		raw_syscall(SYS_futex, (long)gate, FUTEX_WAIT, GATE_CLOSED, 0, 0, 0);
	__atomic_store_n(gate, GATE_NONE, __ATOMIC_RELAXED); /* those that it starts do not wait */
	raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0, 0);
}

static uint32_t new_serial(void)
{
	return __atomic_add_fetch(&shim_session->next_process, 1, __ATOMIC_RELAXED);
}

/* Whether what ran here before wrote this block: as ourselves, or, after vfork, on its parent's memory. A pid alone
 * tells little: it may be of another PID namespace. */
static bool is_old(const struct block *block, uint64_t owner)
{
	const struct identity *me = &shim_identity;
	const struct record *first = &block->records[0];
	return owner && owner != OWNER_DEAD && (pid_t)(owner >> 32) == me->pid && first->pid == me->pid &&
	       (first->process == me->serial || first->process == me->parent);
}

/* After exec none of the old image's threads writes any more, though our ids are theirs. */
static void give_up_old_blocks(void)
{
	struct block_owner *owners = session_owners(shim_session);
	for (uint32_t i = 0; i < shim_session->block_count; i++) {
		uint64_t owner = __atomic_load_n(&owners[i].owner, __ATOMIC_RELAXED);
		if (is_old(&session_blocks(shim_session)[i], owner))
			__atomic_compare_exchange_n(&owners[i].owner, &owner, OWNER_DEAD, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

/* Whether the process that SELF tells of is our parent, or was: one whose parent has ended falls to the harness. */
static bool is_childs(const struct self *self)
{
	pid_t parent = (pid_t)raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	return self->pid == parent ||
	       (self->pid != 0 && parent != 0 && parent == shim_session->reaper && !shim_identity.is_foreign);
}

/* Finds out who we are from what the last image, or the harness, left in SHMCHECK_SELF. */
static enum start_how identify(const char *text, uint32_t *ret_number)
{
	struct identity *me = &shim_identity;
	struct self self = {.role = "main"};
	bool is_known = text && self_parse(text, &self);
	me->pid = (pid_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	me->is_foreign = is_foreign();
	shim_find_namespace();
	memcpy(me->role, self.role, sizeof me->role);
	if (is_known && self.pid == me->pid) {
		me->serial = self.serial;
		me->image = self.image + 1;
		me->children = self.children;
		return START_EXEC;
	}
	me->serial = new_serial();
	if (is_known && is_childs(&self)) {
		me->parent = self.serial;
		*ret_number = self.children;
		self_append(me->role, self.children);
		return START_SPAWN;
	}
	if (is_known && self.pid != 0)
		self_append(me->role, 0); /* some descendant whose way here was not seen */
	return START_FIRST;
}

bool shim_join(struct session *session, const char *path, char **environment)
{
	const char *self = environment_get(environment, ENV_SELF);
	environment_remember(environment, path);
	environment_adopt(environment, true);
	if (raw_syscall(SYS_madvise, (long)shim_alive, PAGE, MADV_WIPEONFORK, 0, 0, 0))
		return false; /* the harness says so */
	uint32_t number = 0;
	*shim_alive = 1;
	stack_attach(session_arena(session), environment_is_valgrinds(environment));
	shim_session = session;
	enum start_how how = identify(self, &number);
	if (how == START_EXEC || how == START_SPAWN)
		give_up_old_blocks();
	shim_pass_gate();
	announce(how, number);
	take_turn(how);
	return true;
}

/* Atomic. */
static uint32_t started;

/* By ld.so: the stack pointer at the program's entry, where argc, argv and the environment lie. */
extern void *__libc_stack_end;

/* libc's own variable is set by a constructor too. */
static char **first_environment(void)
{
	long *argc = __libc_stack_end;
	return environ ? environ : argc ? (char **)(argc + 1) + *argc + 1 : NULL;
}

bool shim_start_early(void)
{
	if (UNLIKELY(!__atomic_load_n(&started, __ATOMIC_RELAXED)))
		shim_start(first_environment());
	return shim_session != NULL;
}

/* The program was started with rules or a log of its own: those have their effect, and the command that runs around all
 * does not see it. */
static void leave_harness(struct session *session, char **environment)
{
	raw_syscall(SYS_munmap, (long)session, (long)session->total_size, 0, 0, 0, 0);
	environment_drop(environment, ENV_SESSION);
	environment_drop(environment, ENV_SELF);
}

void shim_start(char **environment)
{
	char made[PLAIN_PATH];
	if (!environment || __atomic_exchange_n(&started, 1, __ATOMIC_ACQ_REL))
		return;
	real_find();
	const char *path = environment_get(environment, ENV_SESSION);
	struct session *session = path ? open_session(path) : NULL;
	if (session && session_has_harness(session) && environment_asks_for_log(environment)) {
		leave_harness(session, environment);
		session = NULL;
		path = NULL;
	}
	if (!path)
		session = plain_from_environment(environment, made);
	if (session)
		shim_join(session, path ? path : made, environment);
}

/* Only the forking thread is left: nobody else is in here, but for its signal handlers. */
void shim_enter_child(void)
{
	struct identity *me = &shim_identity;
	uint32_t number = shim_thread.fork_number;
	__atomic_store_n(shim_alive, 1, __ATOMIC_RELAXED);
	me->parent = me->serial;
	me->serial = new_serial();
	me->pid = (pid_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	me->is_foreign = is_foreign();
	shim_find_namespace();
	me->children = 0;
	self_append(me->role, number);
	shim_thread.fork_number = 0;
	shim_thread.is_shared = ARCH_SHARES_IDS;
	book_child(me->serial, me->parent, me->pid);
	announce(START_FORK, number);
	take_turn(START_FORK);
}

void shim_begin_run(void)
{
	struct identity *me = &shim_identity;
	__atomic_store_n(shim_alive, 1, __ATOMIC_RELAXED);
	shim_thread = (struct thread){.is_shared = ARCH_SHARES_IDS};
	me->serial = new_serial();
	me->pid = (pid_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	announce(START_FIRST, 0);
}

bool shim_is_untouched(void)
{
	const struct identity *me = &shim_identity;
	return me->image == 0 && me->parent == 0 && me->children == 0 && !book_is_open() &&
	       (shim_thread.slot & UINT32_MAX) == 1 &&
	       __atomic_load_n(&shim_session->block_hint, __ATOMIC_RELAXED) == 1;
}

/* initfirst: before the constructors of the program's own libraries. */
static __attribute__((constructor)) void begin(int argc, char **argv, char **environment)
{
	(void)argc;
	(void)argv;
	shim_start(environment);
}
