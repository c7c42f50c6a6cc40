#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Strange programs and strange circumstances: the program runs as it would alone, and the verdict stays right.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "arguments and names of any bytes, and a large environment, reach the program and the report" {
	local odd=$'a\nb\t\xff\xfe"\\ \x01'
	assert_undisturbed -- printf '%s|' "$odd" "" "${odd}${odd}"
	cp "$(type -P true)" "./$odd"
	run --separate-stderr "$shmcheck" run -- "./$odd"
	assert_status 0
	run --separate-stderr "$shmcheck" run --report=json -- perl -e "$perl_leak" "$odd"
	assert_status 23
	head -n 1 <<<"$stderr" | python3 -c 'import json, sys; json.loads(sys.stdin.read())' || fail "$stderr"
	cat >large.sh <<-'END'
		for i in $(seq 1 3000); do export "VARIABLE_$i=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; done
		exec "$@"
	END
	run --separate-stderr bash large.sh "$shmcheck" run -- bash -c 'env | grep -c ^VARIABLE_; perl -e "$1"' _ "$perl_leak"
	assert_status 23
	[ "$output" = 3000 ]
	refute_stderr_line inconclusive
}

# Compiles standard input to ./NAME.
build() {
	gcc -D_GNU_SOURCE -x c -o "$1" - -lpthread
}

@test "a program that closes every descriptor, forbids dumps and drops its limits is watched to its end" {
	build closes <<-'END'
		#include <sys/ipc.h>
		#include <sys/prctl.h>
		#include <sys/resource.h>
		#include <sys/shm.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			struct rlimit none = {0, 0};
			for (int fd = 0; fd < 1024; fd++)
				close(fd);
			prctl(PR_SET_DUMPABLE, 0);
			for (int which = 1; which < 10; which++) /* 0 is RLIMIT_CPU: it kills */
				setrlimit(which, &none);
			(void)argv;
			if (fork() == 0)
				_exit(0);
			for (int i = 0; i < 10000; i++) {
				int id = shmget(IPC_PRIVATE, 4096, 0600);
				if (id < 0 || (shmctl(id, IPC_RMID, NULL) && argc == 1))
					return 1;
			}
			return shmget(IPC_PRIVATE, 8192, 0600) < 0 || (argc == 1 && shmctl(shmget(IPC_PRIVATE, 1, 0600), IPC_RMID, 0));
		}
	END
	run --separate-stderr "$shmcheck" run -- ./closes
	assert_status 23
	assert_stderr_line '8192 bytes'
	refute_stderr_line inconclusive
}

@test "a seccomp filter that allows what the program needs allows what we need" {
	build filtered <<-'END'
		#include <linux/audit.h>
		#include <linux/filter.h>
		#include <linux/seccomp.h>
		#include <stddef.h>
		#include <sys/ipc.h>
		#include <sys/prctl.h>
		#include <sys/shm.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
		int main(int argc, char **argv)
		{
			struct sock_filter filter[] = {
				BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				ALLOW(SYS_shmget), ALLOW(SYS_shmat), ALLOW(SYS_shmdt), ALLOW(SYS_shmctl), ALLOW(SYS_exit_group),
				ALLOW(SYS_getpid), ALLOW(SYS_gettid), ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_futex),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
			};
			struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
			(void)argv;
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
				return 77;
			for (int i = 0; i < 1000; i++) {
				int id = shmget(IPC_PRIVATE, 4096, 0600);
				if (shmdt(shmat(id, NULL, 0)) || (argc == 1 && shmctl(id, IPC_RMID, NULL)))
					return 1;
				if (argc > 1)
					_exit(0);
			}
			_exit(0);
		}
	END
	./filtered || skip "no seccomp filters here"
	run --separate-stderr "$shmcheck" run -- ./filtered
	assert_status 0
	run --separate-stderr "$shmcheck" run -- ./filtered guilty
	assert_status 23
}

@test "on a coroutine's stack and in a child of fork a seccomp filter must allow no more than the page says" {
	build filtered <<-'END'
		#include <linux/filter.h>
		#include <linux/seccomp.h>
		#include <stddef.h>
		#include <sys/ipc.h>
		#include <sys/prctl.h>
		#include <sys/shm.h>
		#include <sys/syscall.h>
		#include <sys/wait.h>
		#include <ucontext.h>
		#include <unistd.h>
		#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
		static ucontext_t back, there;
		static char stack[1 << 16];
		static int keeps;
		static void call(void)
		{
			int id = shmget(IPC_PRIVATE, 4096, 0600);
			shmdt(shmat(id, NULL, 0));
			if (!keeps)
				shmctl(id, IPC_RMID, NULL);
		}
		int main(int argc, char **argv)
		{
			struct sock_filter filter[] = {
				BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				/* the program's own needs */
				ALLOW(SYS_shmget), ALLOW(SYS_shmat), ALLOW(SYS_shmdt), ALLOW(SYS_shmctl), ALLOW(SYS_exit_group),
				ALLOW(SYS_clone), ALLOW(SYS_set_robust_list), ALLOW(SYS_wait4),
				/* the library's */
				ALLOW(SYS_getpid), ALLOW(SYS_gettid), ALLOW(SYS_rt_sigprocmask), ALLOW(SYS_futex), ALLOW(SYS_newfstatat),
				ALLOW(SYS_process_vm_readv), ALLOW(SYS_getppid), ALLOW(SYS_prctl),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
			};
			struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
			int status = 0;
			(void)argv;
			getcontext(&there);
			there.uc_stack.ss_sp = stack;
			there.uc_stack.ss_size = sizeof stack;
			there.uc_link = &back;
			makecontext(&there, call, 0);
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
				return 77;
			keeps = argc > 1;
			swapcontext(&back, &there);
			pid_t child = fork();
			if (child == 0) {
				call();
				_exit(0);
			}
			waitpid(child, &status, 0);
			_exit(status != 0);
		}
	END
	./filtered || skip "no seccomp filters here"
	run --separate-stderr "$shmcheck" run -- ./filtered
	assert_status 0
	assert_stderr_line '2 segments made, 2 removed'
	run --separate-stderr "$shmcheck" run -- ./filtered guilty
	assert_status 23
}

@test "threads that end with half a block each, hundreds of them, lose nothing" {
	build threads <<-'END'
		#include <pthread.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		static void *once(void *argument)
		{
			for (int i = 0; i < 10; i++)
				shmctl(shmget(IPC_PRIVATE, 4096, 0600), IPC_RMID, 0);
			return argument;
		}
		int main(void)
		{
			pthread_t list[32];
			for (int round = 0; round < 60; round++) {
				for (int i = 0; i < 32; i++)
					pthread_create(&list[i], 0, once, 0);
				for (int i = 0; i < 32; i++)
					pthread_join(list[i], 0);
			}
			return 0;
		}
	END
	run --separate-stderr "$shmcheck" run -- ./threads
	assert_status 0
	assert_stderr_line '19200 segments made, 19200 removed'
	refute_stderr_line inconclusive
}

@test "in a time namespace, where no stamp fits, nothing is made up" {
	is_root || skip "needs root"
	unshare --time --monotonic 86400 true 2>/dev/null || skip "no time namespaces here"
	for offset in 86400 86400 -1; do
		run --separate-stderr "$shmcheck" run --show=note -- unshare --time --monotonic $offset perl -e "$perl_clean"
		[ "$status" -eq 0 ] || [ "$status" -eq 24 ] || fail "$status" "$stderr"
		refute_stderr_line 'segment-'
		run --separate-stderr "$shmcheck" run -- unshare --time --monotonic $offset perl -e "$perl_leak"
		assert_status 23
		export SHMCHECK_CLOCK=monotonic # the processor's counter knows of no namespace
	done
}

@test "after chroot the program is watched; what it executes there is not, and the run is inconclusive" {
	is_root || skip "needs root"
	mkdir -p root/bin
	printf 'int main(void) { return 0; }\n' | gcc -static -x c -o root/bin/true -
	run --separate-stderr "$shmcheck" run -- perl -e "chroot 'root' or die; chdir '/'; $perl_leak"
	assert_status 23
	refute_stderr_line inconclusive
	run --separate-stderr "$shmcheck" run -- chroot root /bin/true
	assert_status 24
}

@test "exec in a thread with a small stack and a large environment does no harm" {
	build small <<-'END'
		#include <pthread.h>
		#include <limits.h>
		#include <spawn.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <sys/wait.h>
		#include <unistd.h>
		static void *start(void *argument)
		{
			char *argv[] = {"true", NULL};
			pid_t pid;
			for (int i = 0; i < 20; i++) {
				if (posix_spawnp(&pid, "true", NULL, NULL, argv, environ))
					abort();
				waitpid(pid, NULL, 0);
				if ((pid = vfork()) == 0) {
					execve("/bin/true", argv, environ);
					_exit(9);
				}
				waitpid(pid, NULL, 0);
			}
			return argument;
		}
		int main(void)
		{
			pthread_attr_t attributes;
			pthread_t thread;
			char name[32];
			for (int i = 0; i < 3000; i++) {
				snprintf(name, sizeof name, "VARIABLE_%d", i);
				setenv(name, "x", 1);
			}
			pthread_attr_init(&attributes);
			pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN + 4096);
			pthread_create(&thread, &attributes, start, NULL);
			pthread_join(thread, NULL);
			return 0;
		}
	END
	./small
	run --separate-stderr "$shmcheck" run -- ./small
	assert_status 0
	refute_stderr_line inconclusive
}

@test "a program that writes its title over its arguments and environment is not harmed" {
	build titled <<-'END'
		#include <stdlib.h>
		#include <string.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		extern char **environ;
		int main(int argc, char **argv)
		{
			int count = 0, is_guilty = argc > 1;
			while (environ[count])
				count++;
			/* as sendmail did: the last entry's end is the end of it all */
			char *end = environ[count - 1] + strlen(environ[count - 1]);
			char **copy = calloc(count + 1, sizeof *copy);
			for (int i = 0; i < count; i++)
				copy[i] = strdup(environ[i]);
			environ = copy;
			if (end < argv[0] || end - argv[0] > 2 << 20)
				return 99;
			memset(argv[0], 'x', end - argv[0]);
			if (system("exit 3") != 3 << 8)
				return 98;
			int id = shmget(IPC_PRIVATE, 4096, 0600);
			return id < 0 || (!is_guilty && shmctl(id, IPC_RMID, 0));
		}
	END
	run --separate-stderr "$shmcheck" run -- ./titled
	assert_status 0
	run --separate-stderr "$shmcheck" run -- sh -c './titled; exit $?' # by the shell's exec
	assert_status 0
	run --separate-stderr "$shmcheck" run -- ./titled guilty
	assert_status 23
}

@test "libc's functions that a program has patched may come back by syscall: each call is seen once" {
	[ "$(uname -m)" = x86_64 ] || skip "patches x86-64 code"
	build patched <<-'END'
		#include <dlfcn.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <sys/shm.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		static int hooked;
		static void *attach(int id, const void *address, int flags)
		{
			hooked++;
			return (void *)syscall(SYS_shmat, id, address, flags);
		}
		static int detach(const void *address)
		{
			hooked++;
			return syscall(SYS_shmdt, address);
		}
		/* as UCX and Open MPI do */
		static void patch(const char *name, void *hook)
		{
			unsigned char jump[12] = "\x48\xb8........\xff\xe0";
			unsigned char *code = dlsym(dlopen("libc.so.6", RTLD_NOW), name);
			memcpy(jump + 2, &hook, sizeof hook);
			mprotect((void *)((unsigned long)code & ~4095UL), 8192, PROT_READ | PROT_WRITE | PROT_EXEC);
			memcpy(code, jump, sizeof jump);
		}
		int main(void)
		{
			int id = shmget(IPC_PRIVATE, 4096, 0600);
			patch("shmat", attach);
			patch("shmdt", detach);
			for (int i = 0; i < 2; i++)
				if (shmdt(shmat(id, NULL, 0)))
					return 98;
			if (syscall(SYS_shmdt, syscall(SYS_shmat, id, NULL, 0)))
				return 97;
			return hooked < 4 || shmctl(id, IPC_RMID, NULL);
		}
	END
	run --separate-stderr "$shmcheck" run --report=json -- ./patched
	assert_status 0
	assert_stderr_line '"type":"summary".*"segments_created":1,"segments_removed":1,"attaches":3,"detaches":3,'
}

@test "a child without thread-local storage, as chromium's sandbox makes one, ends as it wants to" {
	build threadless <<-'END'
		#include <sched.h>
		#include <signal.h>
		#include <sys/wait.h>
		#include <unistd.h>
		static char stack[65536] __attribute__((aligned(64))), zeros[65536] __attribute__((aligned(64)));
		static int child(void *nothing)
		{
			(void)nothing;
			_exit(7);
		}
		int main(void)
		{
			int status, flags = CLONE_FS | CLONE_VM | CLONE_VFORK | CLONE_SETTLS | SIGCHLD;
			pid_t pid = clone(child, stack + sizeof stack, flags, 0, 0, zeros + sizeof zeros / 2, 0);
			return waitpid(pid, &status, 0) != pid || status != 7 << 8;
		}
	END
	./threadless
	run --separate-stderr "$shmcheck" run -- ./threadless
	assert_status 0
}

@test "the environment lies behind the arguments, as the kernel put it" {
	build contiguous <<-'END'
		#include <string.h>
		#include <unistd.h>
		extern char **environ;
		int main(int argc, char **argv)
		{
			/* as zabbix_agentd and postgres measure the room for their titles */
			char *next = argv[argc - 1] + strlen(argv[argc - 1]) + 1;
			for (char **entry = environ; *entry; entry++) {
				if (*entry != next)
					return 97;
				next += strlen(next) + 1;
			}
			if (argc > 1)
				execl("/proc/self/exe", "contiguous", (char *)NULL);
			return 0;
		}
	END
	./contiguous
	run --separate-stderr "$shmcheck" run -- ./contiguous again
	assert_status 0
	run --separate-stderr "$shmcheck" run -- sh -c './contiguous; exit $?'
	assert_status 0
}

@test "an environment that cannot be read fails exec with EFAULT, as it does without us" {
	build unreadable <<-'END'
		#define _GNU_SOURCE
		#include <errno.h>
		#include <fcntl.h>
		#include <spawn.h>
		#include <stdlib.h>
		#include <sys/ipc.h>
		#include <sys/mman.h>
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>
		extern char **environ;
		static char *argv[] = {"true", 0};
		static int is_fault(char **environment)
		{
			pid_t pid;
			int fd = open("/bin/true", O_RDONLY), is = 1;
			is &= execve("/bin/true", argv, environment) && errno == EFAULT;
			is &= execvpe("true", argv, environment) && errno == EFAULT;
			is &= fexecve(fd, argv, environment) && errno == EFAULT;
			is &= posix_spawn(&pid, "/bin/true", 0, 0, argv, environment) == EFAULT;
			close(fd);
			return is;
		}
		int main(int argc, char **argv)
		{
			if (argc > 1) {
				int id = shmget(IPC_PRIVATE, 4096, 0600);
				return id < 0 || (argv[1][0] == 'c' && shmctl(id, IPC_RMID, 0));
			}
			char *word = getenv("WORD"), **pages = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			char **last = pages + 4096 / sizeof *pages - 1, *text = (char *)last;
			char *bad[] = {"A=1", (char *)8, 0};
			munmap((char *)pages + 4096, 4096);
			*last = "B=2"; /* and no end */
			if (!is_fault((char **)8) || !is_fault(bad) || !is_fault(last))
				return 99;
			for (unsigned i = 0; i < sizeof *last; i++)
				text[i] = 'x';
			char *endless[] = {"A=1", text, 0};
			if (!is_fault(endless))
				return 98;
			*last = 0; /* empty, at the very end of what may be read */
			if (fork() == 0)
				execve("/proc/self/exe", (char *[]){argv[0], word, 0}, last);
			int status;
			wait(&status);
			return status != 0;
		}
	END
	WORD=clean ./unreadable || fail "alone: $?"
	WORD=clean run --separate-stderr "$shmcheck" run -- ./unreadable
	assert_status 0
	refute_stderr_line inconclusive
	WORD=leak run --separate-stderr "$shmcheck" run -- ./unreadable
	assert_status 23
}

@test "a preloaded library that stops the clock stops neither shmcheck nor what its stamps tell" {
	gcc -D_GNU_SOURCE -x c -shared -fPIC -o frozen.so - <<-'END'
		#include <time.h>
		int clock_gettime(clockid_t clock, struct timespec *now)
		{
			(void)clock;
			*now = (struct timespec){978307200, 0};
			return 0;
		}
	END
	run --separate-stderr env LD_PRELOAD="$PWD/frozen.so" timeout --signal=KILL 60 "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
	refute_stderr_line inconclusive
	for clock in '' monotonic; do
		run --separate-stderr env SHMCHECK_CLOCK=$clock "$shmcheck" run -- env LD_PRELOAD="$PWD/frozen.so" perl -e "$perl_leak"
		assert_status 23
		refute_stderr_line inconclusive
	done
}

@test "an orphan sees that it is one, as without us" {
	build orphan <<-'END'
		#include <stdio.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			pid_t first = getppid();
			if (argc > 1) {
				while (getppid() != 1)
					usleep(1000);
				return puts("seen") < 0;
			}
			if (fork() == 0) {
				if (fork() == 0) {
					while (getppid() != 1)
						usleep(1000);
					execl(argv[0], argv[0], "orphan", NULL);
				}
				_exit(0);
			}
			wait(NULL);
			return getppid() != first || first == 1;
		}
	END
	run --separate-stderr timeout 20 "$shmcheck" run --linger=forever -- ./orphan
	assert_status 0
	[ "$output" = seen ]
}
