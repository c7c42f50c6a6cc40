// SPDX-License-Identifier: MIT
// launch: PROGRAM from its start to the death of its last descendant.
#include "supervise.h"

#include "harness/clock.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Taken here, with those that have no name, instead of killing us; stop signals are left alone, so that Ctrl-Z stops us as
 * it stops the program. */
static const int taken[] = {SIGCHLD, SIGINT,  SIGQUIT,   SIGTERM, SIGHUP, SIGUSR1,   SIGUSR2,
			    SIGALRM, SIGPROF, SIGVTALRM, SIGPOLL, SIGPWR, SIGSTKFLT, SIGWINCH};
enum { TAKEN = sizeof taken / sizeof *taken };

static void raise_limit(int which, struct rlimit *ret_before)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	getrlimit(which, ret_before);
	struct rlimit most = {ret_before->rlim_max, ret_before->rlim_max};
	if (which != RLIMIT_FSIZE || setrlimit(which, &none)) /* root may go beyond the hard limit */
		setrlimit(which, &most);
}

static sigset_t taken_set(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (unsigned i = 0; i < TAKEN; i++)
		sigaddset(&set, taken[i]);
	for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
		sigaddset(&set, signal);
	return set;
}

void supervise_prepare(struct inherited *ret_inherited)
{
	sigset_t set = taken_set();
	struct sigaction standard = {.sa_handler = SIG_DFL}, ignored = {.sa_handler = SIG_IGN};
	sigprocmask(SIG_BLOCK, &set, &ret_inherited->mask);
	sigaction(SIGCHLD, &standard,
		  &ret_inherited->child_action); /* ignored, it would reap behind our back */
	sigaction(SIGPIPE, &ignored, &ret_inherited->pipe_action);
	sigaction(SIGXFSZ, &ignored, &ret_inherited->file_action);
	raise_limit(RLIMIT_NOFILE, &ret_inherited->files);
	raise_limit(RLIMIT_FSIZE, &ret_inherited->file_size);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool supervise_goes_with(pid_t parent, int signal)
{
	return prctl(PR_SET_PDEATHSIG, signal) == 0 && getppid() == parent;
}

bool supervise_is_unwanted(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 && sigismember(&pending, SIGTERM) == 1;
}

void supervise_restore(const struct inherited *inherited)
{
	struct timespec none = {0, 0};
	sigset_t set = taken_set();
	while (sigtimedwait(&set, NULL, &none) > 0)
		continue; /* a signal for the program is not to kill the reporter */
	sigaction(SIGCHLD, &inherited->child_action, NULL);
	sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
}

/* The parent's word to go on. */
static void wait_for_word(const int word[2])
{
	char byte;
	close(word[1]);
	while (read(word[0], &byte, 1) < 0 && errno == EINTR)
		continue;
}

void supervise_hand_back(const struct inherited *inherited)
{
	setrlimit(RLIMIT_NOFILE, &inherited->files);
	setrlimit(RLIMIT_FSIZE, &inherited->file_size);
	sigaction(SIGCHLD, &inherited->child_action, NULL);
	sigaction(SIGXFSZ, &inherited->file_action, NULL);
	sigaction(SIGPIPE, &inherited->pipe_action, NULL);
	sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
}

/* Gives up the caller's ids for USER's. */
static int change_user(const struct launch_user *user)
{
	int code = user->name ? initgroups(user->name, user->gid) : setgroups(0, NULL);
	return code || setgid(user->gid) || setuid(user->uid);
}

static _Noreturn void become(const struct launch_program *program, const struct launch_options *options,
			     char **environment, const struct inherited *inherited, int failure)
{
	const int *stdio = program->stdio ? program->stdio : options->stdio;
	if (options->kill_survivors)
		setsid();
	for (int i = 0; stdio && i < 3; i++)
		dup2(stdio[i], i);
	if ((!program->folder || chdir(program->folder) == 0) &&
	    (!program->user || change_user(program->user) == 0)) {
		supervise_hand_back(inherited);
		execvpe(program->argv[0], program->argv, environment);
	}
	int code = errno;
	while (write(failure, &code, sizeof code) < 0 && errno == EINTR)
		continue;
	_exit(127);
}

/* To copy our memory, which the exec throws away, takes longer than all the rest. Only who has to wait for us, or looks
 * up groups, cannot do without. */
static pid_t start_in_our_memory(const struct launch_program *program, const struct launch_options *options,
				 char **environment, const struct inherited *inherited, int failure)
{
	pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
	if (pid ==
	    0) /* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): ends in exec or _exit, and changes nothing of ours */
		become(program, options, environment, inherited, failure);
	return pid;
}

/* Seizes it while it waits, then gives the word. */
static void let_go(pid_t pid, struct crash_watch *crash, const int word[2])
{
	close(word[0]);
	if (pid > 0)
		crash_watch_seize(crash, pid);
	close(word[1]);
}

static pid_t start_it(const struct launch_program *program, const struct launch_options *options,
		      char **environment, const struct inherited *inherited, struct crash_watch *crash,
		      int failure)
{
	int word[2];
	if (!crash && !program->user)
		return start_in_our_memory(program, options, environment, inherited, failure);
	if (crash && pipe2(word, O_CLOEXEC))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		if (crash)
			wait_for_word(word);
		become(program, options, environment, inherited, failure);
	}
	int code = errno;
	if (crash)
		let_go(pid, crash, word);
	errno = code;
	return pid;
}

pid_t supervise_spawn(const struct launch_program *program, const struct launch_options *options,
		      char **environment, const struct inherited *inherited, struct crash_watch *crash,
		      int *ret_exec_errno)
{
	int failure[2];
	*ret_exec_errno = 0;
	if (pipe2(failure, O_CLOEXEC))
		return -errno;
	pid_t pid = start_it(program, options, environment, inherited, crash, failure[1]);
	if (pid < 0)
		pid = -errno;
	close(failure[1]);
	while (pid > 0 && read(failure[0], ret_exec_errno, sizeof *ret_exec_errno) < 0 && errno == EINTR)
		continue;
	close(failure[0]);
	if (*ret_exec_errno)
		waitpid(pid, NULL, 0);
	return *ret_exec_errno ? 0 : pid;
}

/* What the loop below waits for. */
struct vigil {
	const struct launch_options *options;
	struct evidence *evidence;
	struct cast *cast;
	bool has_ended; /* all programs themselves */
	bool is_alone; /* no child and no orphan of theirs is left: we are their subreaper */
	bool is_over; /* nobody is left to wait for, or we no longer want to */
	bool is_unwanted; /* we were told to end it */
	uint64_t deadline_ns, linger_ns, look_ns; /* UINT64_MAX: never */
};

/* A process that was ours to reap: if it is of the cast, the cast may be over now. */
static void take_end(struct vigil *vigil, pid_t pid, int status)
{
	const struct launch_director *director = vigil->options->director;
	const struct member *main_program = &vigil->cast->members[vigil->options->program_main];
	if (cast_ended(vigil->cast, pid, status) && pid == main_program->pid)
		vigil->evidence->program_status = status;
	if (director)
		director->ended(director->context, pid, status);
}

/* What the director makes of it may start a program, or end the run. */
static void attend(struct vigil *vigil)
{
	const struct launch_director *director = vigil->options->director;
	int ms = director ? director->attend(director->context) : -1;
	vigil->look_ns = ms < 0 ? UINT64_MAX : clock_in_ms(ms);
	if (vigil->cast->is_stopped || vigil->cast->exec_errno) {
		vigil->evidence->timed_out = true;
		vigil->is_over = true;
	}
	if (vigil->has_ended || !cast_is_over(vigil->cast))
		return;
	vigil->has_ended = true;
	if (vigil->options->linger_ms >= 0)
		vigil->linger_ns = clock_in_ms(vigil->options->linger_ms);
}

static int reap(struct vigil *vigil)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG | (vigil->cast->crash ? __WALL : 0))) > 0) {
		if (crash_watch_takes(vigil->cast->crash, pid, status))
			continue;
		int code = evidence_add_reaped(vigil->evidence, (struct reaped){pid, status, clock_now_ns()});
		if (code)
			return code;
		take_end(vigil, pid, status);
	}
	bool has_children = pid == 0 || errno != ECHILD;
	attend(vigil);
	vigil->is_alone = !has_children && vigil->has_ended;
	if (vigil->is_alone)
		vigil->is_over = true;
	return 0;
}

/* The terminal's signals reach the program by themselves; one that was sent to us is meant for it. But of many runs, which
 * leave nobody alive, SIGTERM tells that they are wanted no more. What the tree itself sends to its process group, kill(0,
 * …), has reached the program too, and what it sends to its parent is not for it. */
static void pass_on(struct vigil *vigil, const siginfo_t *info)
{
	bool is_sent = info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
	if (is_sent && tree_has(info->si_pid))
		return;
	if (info->si_signo == SIGTERM && vigil->options->kill_survivors) {
		vigil->is_unwanted = vigil->is_over = vigil->evidence->timed_out = true;
		return;
	}
	if (vigil->has_ended) {
		vigil->is_over = info->si_signo != SIGWINCH;
		return;
	}
	if (is_sent)
		cast_signal(vigil->cast, info->si_signo);
}

static int wait_once(struct vigil *vigil)
{
	sigset_t set = taken_set();
	siginfo_t info;
	int code = reap(vigil); /* may set the end of the lingering */
	if (code || vigil->is_over)
		return code;
	uint64_t until = vigil->deadline_ns < vigil->linger_ns ? vigil->deadline_ns : vigil->linger_ns;
	until = until < vigil->look_ns ? until : vigil->look_ns;
	uint64_t now = clock_now_ns(), left = until > now ? until - now : 0;
	struct timespec time = clock_timespec(left);
	int signal = left ? sigtimedwait(&set, &info, until == UINT64_MAX ? NULL : &time) : -1;
	if (signal > 0 && signal != SIGCHLD)
		pass_on(vigil, &info);
	now = clock_now_ns();
	if (now >= vigil->deadline_ns && !vigil->is_over) {
		if (vigil->options->director)
			vigil->options->director->timed_out(vigil->options->director->context);
		vigil->evidence->timed_out = true;
		vigil->is_over = true;
	} else if (now >= vigil->linger_ns) {
		vigil->is_over = true;
	}
	return 0;
}

/* Reaps the killed. Who could not be killed may still run: only the dead are waited for then. */
static int reap_killed(struct vigil *vigil, bool all_are_dead)
{
	int status, code = 0;
	pid_t pid;
	while (!code && ((pid = waitpid(-1, &status, all_are_dead ? 0 : WNOHANG)) > 0 ||
			 (pid < 0 && errno == EINTR))) {
		if (pid <= 0 || crash_watch_takes(vigil->cast->crash, pid, status))
			continue;
		code = evidence_add_reaped(vigil->evidence, (struct reaped){pid, status, clock_now_ns()});
		take_end(vigil, pid, status);
	}
	return code;
}

/* The table is read when nobody is left who could still change it: at the deadline after the killing. Those that only
 * linger are judged alive, and then killed if they are not to stay. */
static int settle(struct vigil *vigil)
{
	struct evidence *evidence = vigil->evidence;
	bool kills = vigil->options->kill_survivors || evidence->timed_out;
	if (!kills)
		crash_watch_release(vigil->cast->crash);
	if (vigil->is_alone) /* to look through all of /proc takes longer than most programs do */
		return 0;
	int code = evidence->timed_out ? 0 : tree_find(&evidence->survivors, &evidence->survivor_count);
	if (code || !kills)
		return code;
	if (!evidence->timed_out)
		kernel_table_read(&evidence->after);
	bool all_are_dead = tree_kill();
	code = reap_killed(vigil, all_are_dead);
	if (!code && evidence->timed_out && !all_are_dead)
		code = tree_find(&evidence->survivors, &evidence->survivor_count);
	return code;
}

int supervise(struct cast *cast, struct evidence *evidence)
{
	const struct launch_options *options = cast->options;
	struct vigil vigil = {.options = options,
			      .evidence = evidence,
			      .cast = cast,
			      .deadline_ns = UINT64_MAX,
			      .linger_ns = UINT64_MAX,
			      .look_ns = UINT64_MAX};
	int code = 0;
	if (options->timeout_ms)
		vigil.deadline_ns = clock_in_ms(options->timeout_ms);
	while (!code && !vigil.is_over)
		code = wait_once(&vigil);
	code = code ? code : settle(&vigil);
	return code ? code : vigil.is_unwanted ? -ECANCELED : 0;
}
