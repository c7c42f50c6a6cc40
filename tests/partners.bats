#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who is outside: partners that a private namespace hides, other users' programs, and what cannot be entered.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# A copy of the command and its library that everybody may read, and a program for it to run.
open_to_all() {
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
}

@test "run and doctor warn of an X server that is likely outside" {
	local x_client
	x_client=$(command -v x11perf)
	DISPLAY=:99 run --separate-stderr "$shmcheck" run -- "$x_client" -version
	assert_stderr_line 'hint: DISPLAY=:99 .*--isolate=none'
	DISPLAY=:99 run "$shmcheck" doctor "$x_client"
	assert_output_line '^partner: +DISPLAY=:99'
	# Its twins: no X client, no local server, no namespace.
	DISPLAY=:99 run --separate-stderr "$shmcheck" run -- true
	refute_stderr_line '^shmcheck: hint'
	DISPLAY=far:0 run --separate-stderr "$shmcheck" run -- "$x_client" -version
	refute_stderr_line '^shmcheck: hint'
	DISPLAY=:99 run --separate-stderr "$shmcheck" run --isolate=none -- "$x_client" -version
	refute_stderr_line '^shmcheck: hint'
}

@test "run and doctor warn of fakeroot's daemon" {
	FAKEROOTKEY=1 run --separate-stderr "$shmcheck" run -- true
	assert_status 0
	assert_stderr_line 'hint: FAKEROOTKEY'
	FAKEROOTKEY=1 run "$shmcheck" doctor true
	assert_output_line '^partner: +FAKEROOTKEY'
	run --separate-stderr env -u FAKEROOTKEY "$shmcheck" run -- true
	refute_stderr_line '^shmcheck: hint'
}

@test "a key that was asked for in vain and that the host has is a hint" {
	cat >ask.pl <<-'END'
		my $key = 0x5a5a0001;
		my $id = shmget($key, 4096, $ARGV[0] ? 01600 : 0);
		shmctl($id, 0, 0) if defined $id;
	END
	run --separate-stderr on_own_host sh -c 'perl -e "shmget(0x5a5a0001, 4096, 01600) // die"
		"$1" run --log=log -- perl ask.pl' _ "$shmcheck"
	assert_status 0
	assert_stderr_line 'hint: .*key 0x5a5a0001.*host.*--isolate=none'
	run --separate-stderr "$shmcheck" report log
	assert_stderr_line 'hint: .*key 0x5a5a0001'
	[ "$(grep -c hint <<<"$stderr")" -eq 1 ]
	# Its twins: the host has no such key; the program makes it.
	run --separate-stderr on_own_host "$shmcheck" run -- perl ask.pl
	refute_stderr_line '^shmcheck: hint'
	run --separate-stderr on_own_host sh -c 'perl -e "shmget(0x5a5a0001, 4096, 01600) // die"
		"$1" run -- sh -c "perl ask.pl; perl ask.pl create"' _ "$shmcheck"
	refute_stderr_line '^shmcheck: hint'
}

@test "doctor knows set-user-id, capabilities, other machines, scripts, and what is not to be executed" {
	is_root || skip "needs root"
	open_to_all
	cp "$(type -P true)" suid
	cp "$(type -P true)" capable
	chmod 4755 suid
	setcap cap_net_raw+ep capable
	printf '#!/bin/sh\n' >script
	printf '#!%s/script\n' "$PWD" >nested
	printf '\x7fELF\x02\x01\x01' | cat - <(head -c 11 /dev/zero) <(printf '\xb7') <(head -c 100 /dev/zero) >other
	echo 'no program' >plain
	chmod 755 script nested other
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	run "${as_nobody[@]}" ./shmcheck doctor ./suid
	assert_status 3
	assert_output_line 'set-user-id'
	run "$shmcheck" doctor ./suid # root gains nothing by it
	assert_status 0
	run "${as_nobody[@]}" ./shmcheck doctor ./capable
	assert_status 3
	assert_output_line 'file capabilities'
	run "$shmcheck" doctor ./script
	assert_status 0
	assert_output_line '^script: +run by /bin/sh'
	run "$shmcheck" doctor ./nested
	assert_status 0
	run "$shmcheck" doctor ./other
	assert_status 3
	assert_output_line 'another machine'
	run "$shmcheck" doctor ./plain
	assert_status 126
	run -127 "$shmcheck" doctor ./absent
}

@test "what cannot be entered is never called clean" {
	is_root || skip "needs root"
	open_to_all
	cp "$(type -P true)" capable
	setcap cap_net_raw+ep capable
	cat >leaks.c <<-'END'
		#include <stddef.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		int main(void) { return shmget(IPC_PRIVATE, 8192, 0600) < 0; }
	END
	gcc -static -o leaks leaks.c
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	run --separate-stderr "${as_nobody[@]}" ./shmcheck run --isolate=none -- ./capable
	assert_status 24
	assert_stderr_line 'inconclusive: .*file capabilities'
	for inside in ./leaks 'sh -c ./leaks' 'sh -c ./leaks;true'; do
		run --separate-stderr "$shmcheck" run -- sh -c "exec $inside"
		assert_status 23
		assert_stderr_line 'segment-unattributed'
		assert_stderr_line 'inconclusive'
	done
}

@test "an ordinary user gets the same verdicts with and without a namespace" {
	is_root || skip "needs root, to become somebody else"
	open_to_all
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups) isolate
	for isolate in auto ipc none; do
		run --separate-stderr on_own_host "${as_nobody[@]}" ./shmcheck run --isolate=$isolate -- perl -e "$perl_leak"
		assert_status 23
		assert_stderr_line 'segment-leak'
		run --separate-stderr on_own_host "${as_nobody[@]}" ./shmcheck run --isolate=$isolate -- perl -e "$perl_clean"
		assert_status 0
		run --separate-stderr on_own_host "${as_nobody[@]}" ./shmcheck run --isolate=$isolate --timeout=300ms -- sleep 60
		assert_status 124
	done
	run --separate-stderr "${as_nobody[@]}" ./shmcheck run --limits=shmmni=2 -- perl -e \
		'shmget(0, 4096, 0600) // die for 1 .. 2; print defined(shmget(0, 4096, 0600)) ? "three" : "two"; shmctl($_, 0, 0) for 0, 1'
	[ "$output" = two ]
}

@test "where no namespace is permitted the report says so, and --isolate=ipc runs nothing" {
	is_root || skip "needs root, to forbid namespaces"
	open_to_all
	run --separate-stderr unshare --user --map-root-user --ipc sh -c 'echo 0 >/proc/sys/user/max_ipc_namespaces && exec "$@"' _ \
		./shmcheck run -- perl -e "$perl_leak"
	assert_status 23
	assert_stderr_line 'not isolated: .*max_(user|ipc)_namespaces'
	assert_stderr_line 'ipcrm -m'
	run --separate-stderr unshare --user --map-root-user --ipc sh -c 'echo 0 >/proc/sys/user/max_ipc_namespaces && exec "$@"' _ \
		./shmcheck run --isolate=ipc -- touch started
	assert_status 125
	[ ! -e started ]
}

@test "a program that gives up root is still watched" {
	is_root || skip "needs root"
	open_to_all
	cat >drops.pl <<-'END'
		use POSIX;
		defined(shmget(0, 4096, 0600)) or die;
		POSIX::setgid(65534); POSIX::setuid(65534);
		defined(shmget(0, 8192, 0600)) or die;
		unless (fork) { exec "perl", "-e", 'defined(shmget(0, 12288, 0600)) or die' }
		wait;
	END
	chmod 644 drops.pl
	run --separate-stderr ./shmcheck run -- perl drops.pl
	assert_status 23
	assert_stderr_line '3 times, 24576 bytes'
	assert_stderr_line 'SUMMARY: .*3 segments made, 0 removed, 3 left'
	refute_stderr_line 'unattributed|inconclusive'
}

@test "without a namespace only the program's own segments are judged" {
	cat >both.pl <<-'END'
		my $foreign = shmget(0x5a5a0002, 4096, 0) // die;
		shmread($foreign, my $bytes, 0, 4) or die;
		shmget(0, 8192, 0600) // die if @ARGV;
	END
	run --separate-stderr on_own_host sh -c 'perl -e "shmget(0x5a5a0002, 4096, 01600) // die"
		"$1" run --isolate=none -- perl both.pl; echo $?; "$1" run --isolate=none -- perl both.pl leak; echo $?
		tail -n +2 /proc/sysvipc/shm | wc -l' _ "$shmcheck"
	[ "$output" = $'0\n23\n2' ] || fail "$output" "$stderr"
	# A neighbour makes and removes meanwhile: never counted.
	run --separate-stderr on_own_host bash -c 'perl -e "while (1) { my \$id = shmget(0, 4096, 0600); shmget(0, 4096, 0600) if \$n++ < 20; shmctl(\$id, 0, 0) }" &
		for i in 1 2 3 4 5; do "$1" run --isolate=none -- perl -e "$2" || exit 1; done; kill $!' _ "$shmcheck" "$perl_clean"
	assert_status 0
}

@test "segments in an IPC namespace that the program itself enters are not judged" {
	is_root || skip "needs root"
	run --separate-stderr "$shmcheck" run -- unshare --ipc perl -e "$perl_leak; $perl_clean"
	assert_status 0
	assert_stderr_line 'hint: 3 calls were made in an IPC namespace'
	cat >enters.c <<-'END'
		#define _GNU_SOURCE
		#include <sched.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		int main(int argc, char **argv)
		{
			int id = shmget(IPC_PRIVATE, 8192, 0600), there;
			char *place = shmat(id, 0, 0);
			(void)argv;
			if (argc == 1)
				shmctl(id, IPC_RMID, 0);
			if (unshare(CLONE_NEWIPC))
				return 9;
			there = shmget(IPC_PRIVATE, 4096, 0600);
			return shmdt(place) || there < 0;
		}
	END
	gcc -o enters enters.c
	run --separate-stderr "$shmcheck" run --show=note -- ./enters
	assert_status 0
	refute_stderr_line 'segment-|attach-leak'
	run --separate-stderr "$shmcheck" run -- ./enters guilty
	assert_status 23
	assert_stderr_line 'segment-leak'
	refute_stderr_line 'vanished'
}

@test "a thread, or a child of vfork, that enters an IPC namespace enters it alone" {
	is_root || skip "needs root"
	cat >alone.c <<-'END'
		#define _GNU_SOURCE
		#include <pthread.h>
		#include <sched.h>
		#include <sys/ipc.h>
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>
		static void *enter(void *argument)
		{
			for (int i = 0; i < 3 && !unshare(CLONE_NEWIPC); i++) {
				shmget(IPC_PRIVATE, 4096, 0600);
				shmget(IPC_PRIVATE, 4096, 0600);
			}
			return argument;
		}
		int main(int argc, char **argv)
		{
			pthread_t thread;
			(void)argv;
			pthread_create(&thread, 0, enter, 0);
			pthread_join(thread, 0);
			pid_t child = vfork();
			if (child == 0)
				_exit(unshare(CLONE_NEWIPC) != 0);
			waitpid(child, 0, 0);
			int id = shmget(IPC_PRIVATE, 8192, 0600);
			return id < 0 || (argc == 1 && shmctl(id, IPC_RMID, 0));
		}
	END
	gcc -o alone alone.c -lpthread
	run --separate-stderr "$shmcheck" run -- ./alone
	assert_status 0
	assert_stderr_line 'hint: 6 calls were made in an IPC namespace'
	assert_stderr_line '1 segment made, 1 removed'
	run --separate-stderr "$shmcheck" run -- ./alone guilty
	assert_status 23
	assert_stderr_line 'error: segment-leak'
	refute_stderr_line 'vanished|unattributed'
}
