#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore --fork-server: the same verdicts as by exec, and refused where they might not be.

load helper
load explore

setup() {
	cd "$BATS_TEST_TMPDIR"
	programs=$BUILD/tests/programs
	tables=$BATS_TEST_DIRNAME/explore
	[ "$(uname -m)" = x86_64 ] || skip "a fork server needs x86-64"
	[[ $BATS_TEST_DESCRIPTION == *"not root"* ]] || is_root || skip "a fork server needs root"
}

# A program with a small table, and C before its main.
build() {
	local name=$1
	{
		cat <<-'END'
			#include <fcntl.h>
			#include <pthread.h>
			#include <sched.h>
			#include <signal.h>
			#include <stdio.h>
			#include <stdlib.h>
			#include <string.h>
			#include <sys/mman.h>
			#include <sys/msg.h>
			#include <sys/prctl.h>
			#include <sys/sem.h>
			#include <sys/shm.h>
			#include <sys/socket.h>
			#include <sys/syscall.h>
			#include <sys/time.h>
			#include <sys/timerfd.h>
			#include <sys/wait.h>
			#include <time.h>
			#include <unistd.h>
			static int more;
		END
		cat
		cat <<-'END'
			int main(void)
			{
				for (int i = 0; i <= more; i++) {
					int id = shmget(IPC_PRIVATE, 4096, 0600);
					if (id < 0 || shmctl(id, IPC_RMID, NULL))
						return 1;
				}
				return 0;
			}
		END
	} >"$name.c"
	cc -D_GNU_SOURCE -pthread -o "$name" "$name.c" "${@:2}"
}

# The command lines of the findings. Which of two failures led to a call first is for the machine to say.
reproductions() {
	sed -nE 's/ --seed=[0-9]+//; s/:(once|persist)\+/+/g; s/^ *reproduce +//p' | sort
}

# PROGRAM is explored by exec though a server is wanted, for WHY, and gets the table that it gets without.
refuses() {
	local name=$1 why=$2
	run --separate-stderr "$shmcheck" explore --linger=50ms --fork-server -- "./$name"
	assert_stderr_line "^shmcheck: no fork server: .*$why"
	essence <<<"$stderr" | grep -v 'SUMMARY\|fork server' >wanted
	run --separate-stderr "$shmcheck" explore --linger=50ms -- "./$name"
	essence <<<"$stderr" | grep -v SUMMARY >plain
	diff plain wanted
	grep -q 'shmget' plain
}

# What is to be the same: status, table, findings, command lines.
seen() {
	echo "status $status"
	essence <<<"$stderr" | sort
	reproductions <<<"$stderr"
}

# Explores with these options and program by fork and by exec, a program that is served: both show the same.
agrees() {
	run --separate-stderr "$shmcheck" explore --fork-server "$@"
	assert_stderr_line '^shmcheck: fork server: made [1-9]'
	seen >fork.seen
	run --separate-stderr "$shmcheck" explore "$@"
	seen >exec.seen
	diff exec.seen fork.seen || fail "$*"
}

# Explores what TABLE is about in a new folder NAME, and leaves what is to be the same in NAME.seen.
explored_as() {
	local name=$1 table=$2
	mkdir "$name" && cd "$name"
	explore_table "$table" "${@:3}"
	cd ..
	seen >"$name.seen"
}

@test "every program gets the table and the command lines that it gets by exec, or it is said why there is no server" {
	local table served=0
	for table in "$tables"/*.table; do
		mkdir "$(basename "$table")" && cd "$(basename "$table")"
		explored_as fork "$table" --fork-server
		if grep -q '^shmcheck: fork server: made [1-9]' <<<"$stderr"; then
			served=$((served + 1))
		else
			assert_stderr_line '^shmcheck: no fork server: ..'
		fi
		explored_as exec "$table"
		diff exec.seen fork.seen || fail "$table"
		cd ..
	done
	[ "$served" -ge 19 ] || fail "only $served were served"
}

@test "a program that cannot fork into a namespace of its own is run by exec, and waits for nothing" {
	build drops <<-'END'
		__attribute__((constructor)) static void drop(void)
		{
			if (setgid(65534) || setuid(65534))
				_exit(9);
		}
	END
	run --separate-stderr timeout 100 "$shmcheck" explore --fork-server --timeout=1000s -- ./drops
	assert_status 0
	assert_stderr_line 'no fork server: .*cannot fork into a namespace'
}

@test "what a program does before main is done once, and the runs are processes of their own" {
	build counts <<-'END'
		static pid_t first;
		__attribute__((constructor)) static void count(void) { first = getpid(); }
		__attribute__((destructor)) static void tell(void)
		{
			FILE *file = fopen("runs", "a");
			fprintf(file, "%s %s %s\n", getpid() == first ? "exec" : "fork", gettid() == getpid() ? "own" : "other",
				getsid(0) == getpid() ? "leads" : "follows");
			fclose(file);
		}
	END
	run "$shmcheck" explore --fork-server -- ./counts
	assert_status 0
	[ "$(grep -c '^fork own leads$' runs)" -ge 4 ]
	[ "$(grep -vc '^\(fork\|exec\) own leads$' runs)" -eq 0 ]
	# libc knows its thread by the id of the process that it is in
	build locks <<-'END'
		static pthread_mutex_t lock;
		static void twice(void)
		{
			pthread_mutexattr_t kind;
			pthread_mutexattr_init(&kind);
			pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
			pthread_mutex_init(&lock, &kind);
			pthread_mutex_lock(&lock);
			if (lock.__data.__owner != gettid() || pthread_mutex_lock(&lock) == 0 || pthread_mutex_unlock(&lock) || raise(0))
				abort();
			pthread_t thread;
			if (pthread_create(&thread, NULL, (void *(*)(void *))getpid, NULL) || pthread_join(thread, NULL))
				abort();
		}
		__attribute__((destructor)) static void end(void) { twice(); }
	END
	run --separate-stderr "$shmcheck" explore --fork-server -- ./locks
	assert_status 0
	assert_stderr_line '^shmcheck: fork server: made [1-9]'
}

# What a constructor, or a function of .preinit_array, does.
before_main() {
	local name=$1
	{ cat && printf '__attribute__((constructor)) static void begin(void) { %s }\n' "$2"; } </dev/null | build "$name"
}

@test "a program that is not as new before main is explored by exec" {
	build thread <<-'END'
		static void *sleeps(void *nothing) { pause(); return nothing; }
		__attribute__((constructor)) static void begin(void) { pthread_t t; pthread_create(&t, NULL, sleeps, NULL); }
	END
	refuses thread 'more than one thread'
	before_main calls 'shmctl(shmget(IPC_PRIVATE, 1, 0600), IPC_RMID, NULL);'
	refuses calls 'calls that shmcheck watches'
	before_main child 'if (!syscall(SYS_fork)) { pause(); _exit(0); }'
	refuses child 'started a process'
	before_main zombie 'if (!syscall(SYS_fork)) syscall(SYS_exit_group, 0);'
	refuses zombie 'started a process'
	before_main orphan 'if (!syscall(SYS_fork)) { if (!syscall(SYS_fork)) pause(); syscall(SYS_exit_group, 0); } while (wait(NULL) > 0) continue;'
	refuses orphan 'started a process'
	before_main timer 'alarm(1000);'
	refuses timer 'set a timer'
	before_main posix_timer 'timer_t t; struct sigevent e = {.sigev_notify = SIGEV_NONE}; if (timer_create(CLOCK_REALTIME, &e, &t)) abort();'
	refuses posix_timer 'set a timer'
	before_main dies 'prctl(PR_SET_PDEATHSIG, SIGTERM);'
	refuses dies 'does not inherit'
	before_main adopts 'prctl(PR_SET_CHILD_SUBREAPER, 1);'
	refuses adopts 'does not inherit'
	before_main pending 'sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR1); sigprocmask(SIG_BLOCK, &s, NULL); raise(SIGUSR1);'
	refuses pending 'does not inherit'
	before_main undo 'struct sembuf up = {0, 1, SEM_UNDO}; semop(semget(IPC_PRIVATE, 1, 0600), &up, 1);'
	refuses undo 'System V objects'
	before_main queue 'msgget(IPC_PRIVATE, 0600);'
	refuses queue 'System V objects'
	before_main moves 'syscall(SYS_unshare, CLONE_NEWIPC);'
	refuses moves 'IPC namespace'
}

@test "a program that has opened, read, written or mapped before main is explored by exec" {
	before_main file 'open("/etc/passwd", O_RDONLY);'
	refuses file 'opened a descriptor'
	before_main socket 'socket(AF_UNIX, SOCK_STREAM, 0);'
	refuses socket 'opened a descriptor'
	before_main closes 'open("/etc/passwd", O_RDONLY | O_CLOEXEC);'
	refuses closes 'opened a descriptor'
	before_main replaces 'dup2(open("/dev/null", O_RDWR), 2); close(3);'
	refuses replaces 'opened a descriptor'
	build early <<-'END'
		static void open_it(void) { syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); }
		__attribute__((section(".preinit_array"), used)) static void (*first)(void) = open_it;
	END
	refuses early 'opened a descriptor'
	before_main prints 'puts("hello"); fflush(stdout);'
	refuses prints 'written'
	before_main leaves_a_file 'int fd = open("pid", O_CREAT | O_WRONLY, 0600); if (write(fd, "1", 1) != 1) abort(); close(fd);'
	refuses leaves_a_file 'written'
	before_main shares 'mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);'
	refuses shares 'shared and writable'
	before_main locks 'static char page[4096]; mlock(page, sizeof page);'
	refuses locks 'locked'
	before_main hides 'madvise(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096, MADV_DONTFORK);'
	refuses hides 'not for a child'
	before_main clears 'madvise(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096, MADV_WIPEONFORK);'
	refuses clears 'not for a child'
	build reads <<-'END'
		__attribute__((constructor)) static void begin(void) { char c; if (read(0, &c, 1) != 1) abort(); }
	END
	echo input >input
	run --separate-stderr "$shmcheck" explore --fork-server --stdin=input -- ./reads
	assert_status 0
	assert_stderr_line 'no fork server: .*read its standard input'
}

@test "a program that does harmless things before main is served" {
	before_main harmless 'setenv("A", "b", 1); umask(027); chdir("/"); srand((unsigned)time(NULL)); signal(SIGUSR1, SIG_IGN);
		close(open("/etc/passwd", O_RDONLY)); free(malloc(100000)); printf("%s", "");'
	run --separate-stderr "$shmcheck" explore --fork-server -- ./harmless
	assert_status 0
	assert_stderr_line '^shmcheck: fork server: made [1-9]'
}

@test "a program whose runs are others by fork is explored by exec" {
	build knows <<-'END'
		static pid_t first;
		__attribute__((constructor)) static void begin(void) { first = getpid(); }
		static void look(void) { more = getpid() != first; }
	END
	sed -i 's/^for (int i = 0; i <= more/look();\n&/' knows.c
	grep -qx 'look();' knows.c
	cc -o knows knows.c
	refuses knows 'its runs are others'
	sed -i 's/more = getpid() != first/puts(getpid() == first ? "same" : "other")/' knows.c
	cc -o knows knows.c
	refuses knows 'print something else'
}

# A program that does more where a call fails, if OPERATOR says so of who it is and who was before main.
build_knowing() {
	build knows <<-'END'
		static pid_t first;
		__attribute__((constructor)) static void begin(void) { first = getpid(); }
	END
	sed -i "s/^.*return 1;\$/{ if (getpid() $1 first) { shmget(IPC_PRIVATE, 4096, 0600); } return 1; }/" knows.c
	grep -q "getpid() $1 first" knows.c
	cc -o knows knows.c
}

assert_tried_again_by_exec() {
	run --separate-stderr "$shmcheck" explore --fork-server -- ./knows
	local by_server=$stderr
	"$shmcheck" explore --fork-server --quiet --report=json:report -- ./knows 2>/dev/null || true
	grep -q '"no_fork_server":"a new process did' report
	grep -q '^shmcheck: no fork server: a new process did something else than a fork' <<<"$by_server" || fail "$by_server"
	run --separate-stderr "$shmcheck" explore -- ./knows
	diff <(essence <<<"$stderr" | grep -v SUMMARY) <(essence <<<"$by_server" | grep -v 'SUMMARY\|fork server')
}

@test "a finding of a fork's that a new process does not have is none, and all is tried again by exec" {
	build_knowing '!='
	assert_tried_again_by_exec
	refute_stderr_line '^shmcheck: error: leak'
}

@test "a finding that only a new process has is not missed" {
	build_knowing '=='
	assert_tried_again_by_exec
	assert_stderr_line '^shmcheck: error: leak'
}

@test "what is asked of an exploration holds by fork too" {
	agrees --depth=2 -- "$programs/victim" asks-before-removing
	agrees --signals=SIGKILL,SIGTERM -- "$programs/victim" forgets-to-remove
	agrees --jobs=4 --points=all --errnos=all -- "$programs/kin"
	agrees --ok-exit=1 --mode=once -- "$programs/victim" forgets-to-remove
	agrees --shard=2/3 -- "$programs/kin"
	agrees --sleep-scale=0.01 -- "$programs/victim" forgets-to-remove 5
	agrees --calls=shmdt --inject='shmctl.STAT:error=EACCES:expect=any' -- "$programs/victim" none
	agrees --calls=shmdt,shmctl --timeout=1s --mode=once -- "$programs/victim" retries-forever
	local id
	id=$("$shmcheck" explore --list -- "$programs/victim" forgets-to-remove | grep -m1 -o 'main/shmdt[^ ]*')
	agrees --point="$id" -- "$programs/victim" forgets-to-remove
}

@test "each run by fork reads its whole input, and may become another program" {
	build reads <<-'END'
		#include <string.h>
		static void read_all(void)
		{
			char line[64];
			while (fgets(line, sizeof line, stdin))
				more += strlen(line) == 3;
			if (more != 10)
				abort();
			more = 0;
			printf("read\n");
			fflush(stdout);
		}
		__attribute__((destructor)) static void become(void) { execl("./next", "next", NULL); }
	END
	sed -i 's/^for (int i = 0; i <= more/read_all();\n&/' reads.c
	cc -o reads reads.c
	build next </dev/null
	seq 10 19 >input
	agrees --stdin=input -- ./reads
	grep -q 'coverage: 20 points known' exec.seen
}

@test "a script is served by its interpreter" {
	cat >script.pl <<-END
		#!/usr/bin/perl
		$perl_clean
	END
	printf '#!/bin/sh\n%s forgets-to-remove\n' "$programs/victim" >script.sh
	chmod +x script.pl script.sh
	agrees -- ./script.pl
	agrees -- ./script.sh
}

@test "a static program, a folder to copy, no namespace: told before anything is started" {
	build static -static </dev/null
	run --separate-stderr "$shmcheck" explore --fork-server -- ./static
	assert_status 3
	assert_stderr_line 'no fork server: '
	cp static suid
	chown 65534 suid && chmod 4755 suid
	run --separate-stderr "$shmcheck" explore --fork-server -- ./suid
	assert_stderr_line 'no fork server: .*shim did not'
	build plain </dev/null
	mkdir empty
	run --separate-stderr "$shmcheck" explore --fork-server --copy=empty -- "$PWD/plain"
	assert_status 0
	assert_stderr_line 'no fork server: with --copy'
	run --separate-stderr "$shmcheck" explore --fork-server --isolate=none -- ./plain
	assert_status 0
	assert_stderr_line 'no fork server: .*private IPC namespace'
	run --separate-stderr "$shmcheck" explore --fork-server --limits=shmmni=77 -- ./plain
	assert_status 0
	assert_stderr_line 'no fork server: .*limits'
}

# bats test_tags=without-tsan
@test "for a user who is not root: told, and explored by exec" {
	as_user
	build plain </dev/null
	run --separate-stderr "${user[@]}" explore --fork-server --report=json -- ./plain
	assert_status 0
	assert_stderr_line '"forked_runs":0.*"no_fork_server":"it needs root'
}

@test "a server that is killed takes nothing with it, and leaves nothing" {
	"$shmcheck" explore --fork-server --jobs=1 --timeout=20s -- "$programs/victim" forgets-to-remove 1 2>report &
	local pid=$! status=0 i
	for ((i = 0; i < 500; i++)); do # the older of two is the server
		[ "$(pgrep -fc "^$programs/victim forgets-to-remove 1")" -ge 2 ] && break
		sleep 0.02
	done
	[ "$i" -lt 500 ]
	kill -KILL "$(pgrep -of "^$programs/victim forgets-to-remove 1")"
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	essence <report | grep -v 'coverage\|fork server' >killed
	explore_table "$tables/victim-forgets-to-remove.table"
	essence <<<"$stderr" | grep -v coverage >plain
	diff plain killed
	run ! pgrep -f "^$programs/victim forgets-to-remove 1"
}

@test "when a server no longer answers the runs are made by exec, with one job and with as many as there are processors" {
	# a call that fails makes it stop its sibling, the server
	cat >stops.pl <<-'END'
		my $id = shmget(0, 4096, 0600);
		exit(!shmctl($id, 0, 0)) if defined $id;
		my $parent = getppid;
		open F, "/proc/$parent/task/$parent/children";
		kill "STOP", grep { $_ != $$ } split " ", <F>;
		exit 7;
	END
	local jobs
	for jobs in 1 "$(nproc)"; do
		run --separate-stderr "$shmcheck" explore --fork-server --jobs="$jobs" --calls=shmget -- perl stops.pl
		assert_status 0
		assert_stderr_line 'SUMMARY: clean: [0-9]* handled'
		assert_stderr_line 'fork server: made [0-9]* of [0-9]* runs'
	done
}

@test "with shmcheck itself killed no server stays" {
	"$shmcheck" explore --fork-server --jobs=1 --timeout=20s -- "$programs/victim" forgets-to-remove 2 2>report &
	local pid=$! i
	for ((i = 0; i < 500; i++)); do
		[ "$(pgrep -fc "^$programs/victim forgets-to-remove 2")" -ge 2 ] && break
		sleep 0.02
	done
	[ "$i" -lt 500 ]
	kill -KILL "$pid"
	for ((i = 0; i < 500; i++)); do
		pgrep -f "^$programs/victim forgets-to-remove 2" >/dev/null || break
		sleep 0.05
	done
	[ "$i" -lt 500 ]
}

@test "nothing is left on the host by a fork server" {
	on_own_host bash -c '"$1" explore --fork-server -- "$2" forgets-to-remove 2>/dev/null; tail -n +2 /proc/sysvipc/shm | wc -l' \
		- "$shmcheck" "$programs/victim" >left
	[ "$(cat left)" -eq 0 ]
	run ! pgrep -f "^$programs/victim forgets-to-remove\$"
}
