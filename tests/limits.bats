#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Starved machines: the program runs as it would without us, or there is a clear word why not. Never a crash of ours.

load helper

programs=$BUILD/tests/programs

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# After `run`: the verdict is the right one, or the tool said why it could not work. EXPECTED is the right status.
assert_verdict_or_reason() {
	if [ "$status" -eq 125 ]; then
		assert_stderr_line '^shmcheck: .{20,}'
		return
	fi
	[ "$status" -eq "$1" ] || [ "$status" -eq 24 ] || fail "status $status, expected $1, 24 or 125" "$output" "$stderr"
}

@test "with hardly a descriptor the program is not harmed, and a leak is found" {
	local count first_enough=
	for count in {3..9}; do
		prlimit --nofile="$count" perl -e 1 2>/dev/null || continue # the loader itself needs one more
		run --separate-stderr "$shmcheck" run -- prlimit --nofile="$count" perl -e "$perl_leak; print qq(ran)"
		first_enough=${first_enough:-$count}
		[ "$output" = ran ]
		assert_status 23
	done
	[ -n "$first_enough" ]
}

@test "with few descriptors for ourselves there is the verdict, or a clear word of ours" {
	local count judged=0 told=0
	for count in {3..12}; do
		prlimit --nofile="$count" "$shmcheck" --version >/dev/null 2>&1 || continue
		run --separate-stderr prlimit --nofile="$count" "$shmcheck" run -- perl -e "$perl_leak"
		case $status in
		23) judged=$((judged + 1)) ;;
		125) told=$((told + 1)) && assert_stderr_line '^shmcheck: .*: .*Too many open files' ;;
		*) fail "status $status with $count descriptors" "$stderr" ;;
		esac
	done
	[ "$judged" -gt 0 ] && [ "$told" -gt 1 ]
}

@test "with a file size limit of 0 for the program leaks are found" {
	run --separate-stderr "$shmcheck" run -- prlimit --fsize=0 perl -e "$perl_leak"
	assert_status 23
}

@test "where no file may be as large as a session for a thousand threads one for fewer does" {
	cd "$BATS_TEST_TMPDIR"
	as_user
	run prlimit --fsize=8388608 "${user[@]}" run -- perl -e "$perl_leak"
	[ "$status" -eq 23 ]
}

@test "with a file size limit of 0 for ourselves nobody dies of SIGXFSZ" {
	run prlimit --fsize=0 "$shmcheck" run -- perl -e "$perl_leak" # into a pipe: a file would take no message
	# shellcheck disable=SC2030 # each test has a shell of its own
	stderr=$output
	assert_verdict_or_reason 23
}

@test "a program with 64 MB of address space is judged or told why not" {
	prlimit --as=67108864 perl -e "$perl_clean"
	run --separate-stderr "$shmcheck" run -- prlimit --as=67108864 perl -e "$perl_leak; print qq(ran)"
	[ "$output" = ran ]
	assert_verdict_or_reason 23
}

@test "with 64 MB of address space for ourselves too" {
	run --separate-stderr prlimit --as=67108864 "$shmcheck" run -- perl -e "$perl_leak"
	assert_verdict_or_reason 23
}

@test "an unwritable TMPDIR" {
	TMPDIR=/proc/nowhere run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak"
	assert_verdict_or_reason 23
}

@test "a full disk below TMPDIR and /dev/shm" {
	run --separate-stderr in_own_mounts sh -c '
		mkdir full && mount -t tmpfs -o size=64k none full && mount -t tmpfs -o size=64k none /dev/shm || exit 99
		dd if=/dev/zero of=full/filler bs=1k 2>/dev/null; dd if=/dev/zero of=/dev/shm/filler bs=1k 2>/dev/null
		TMPDIR=$PWD/full exec "$1" run -- perl -e "$2"' _ "$shmcheck" "$perl_leak"
	assert_verdict_or_reason 23
}

@test "a full disk in every folder for scratch files" {
	run --separate-stderr in_own_mounts sh -c '
		cp "$1" "${1%/*}/libshmcheck.so" . || exit 98
		for folder in /tmp /var/tmp /run /dev/shm; do
			case $PWD/ in $folder/*) continue ;; esac
			mount -t tmpfs -o size=4k none $folder || exit 99
			dd if=/dev/zero of=$folder/filler bs=1k 2>/dev/null
		done
		TMPDIR=/var/tmp exec ./shmcheck run -- perl -e "$2"' _ "$shmcheck" "$perl_leak"
	assert_verdict_or_reason 23
}

@test "a session grows with the threads that write and the places that call" {
	run --separate-stderr "$shmcheck" run --report=text:grown -- "$programs/places" 20 60
	assert_status 23
	grep -q 'segments made' grown
	run grep -c 'inconclusive\|no stack was kept' grown
	[ "$output" = 0 ]
	run --separate-stderr "$shmcheck" run -- "$programs/places" 1000
	assert_status 23
	assert_stderr_line '^ +created +at descend \(places.c:'
}

@test "a thousand threads that call at a time, and more children that nobody has reaped, find room" {
	gcc -w -x c -o crowd - -lpthread <<-'END'
		#include <pthread.h>
		#include <stdlib.h>
		#include <sys/shm.h>
		#include <sys/wait.h>
		#include <unistd.h>
		static pthread_barrier_t barrier;
		static void *call(void *argument)
		{
			shmctl(shmget(IPC_PRIVATE, 100, 0600), IPC_RMID, NULL);
			if (argument)
				pthread_barrier_wait(&barrier);
			return NULL;
		}
		int main(int argc, char **argv)
		{
			int count = atoi(argv[1]), are_threads = argc > 2;
			pthread_t thread;
			pthread_attr_t attributes;
			pthread_attr_init(&attributes);
			pthread_attr_setstacksize(&attributes, 65536);
			pthread_barrier_init(&barrier, NULL, count + 1);
			for (int i = 0; i < count; i++)
				if (are_threads ? pthread_create(&thread, &attributes, call, &thread) : fork() == 0)
					_exit(call(NULL) != NULL);
			if (are_threads)
				pthread_barrier_wait(&barrier);
			else
				waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOWAIT);
			call(NULL);
			return 0;
		}
	END
	run --separate-stderr "$shmcheck" run -- ./crowd 900 threads
	assert_status 0
	assert_stderr_line 'clean|901 segments made, 901 removed'
	run --separate-stderr "$shmcheck" run -- ./crowd 1300
	assert_status 0
	assert_stderr_line 'clean|1301 segments made, 1301 removed'
}

@test "a disk that is full when a session is to grow" {
	run --separate-stderr in_own_mounts sh -c '
		mkdir full && mount -t tmpfs -o size=500k none full || exit 99
		TMPDIR=$PWD/full exec "$1" run -- "$2" 1000 20' _ "$shmcheck" "$programs/places"
	assert_status 23
	assert_stderr_line '^ +created +\(no stack was kept\)$'
	assert_stderr_line '; 20001 segments made, 20000 removed, 1 left'
}

@test "a disk that is too full for what a failing run printed: that is said, and all that was found is told" {
	run --separate-stderr in_own_mounts sh -c '
		mkdir full && mount -t tmpfs -o size=4k none full || exit 99
		exec "$1" explore --output=full/kept --errnos=ENOMEM --calls=shmat -- "$2" forgets-to-remove' _ "$shmcheck" "$programs/victim"
	assert_status 125
	assert_stderr_line '^shmcheck: what failing runs printed could not be kept below --output=full/kept: No space left on device$'
	assert_stderr_line 'error: leak: shmat fails with ENOMEM'
}

@test "a read-only root" {
	# Every mount that can be is made read-only, this test's folder too.
	run --separate-stderr in_own_mounts sh -c '
		mount --make-rprivate / && cut -d " " -f 5 /proc/self/mountinfo | while read -r point; do
			mount -o remount,bind,ro "$point" 2>/dev/null
		done
		! touch probe 2>/dev/null && ! touch /dev/shm/probe 2>/dev/null || exit 99
		exec "$1" run -- perl -e "$2"' _ "$shmcheck" "$perl_leak"
	assert_verdict_or_reason 23
}

@test "the limits of the private namespace are those that were asked for" {
	run --separate-stderr "$shmcheck" run --limits=shmmni=1 -- perl -e \
		'my $a = shmget(0, 4096, 0600); my $b = shmget(0, 4096, 0600); print defined($b) ? "two" : "one: $!"; shmctl($a, 0, 0)'
	assert_status 0
	[[ $output == "one: No space left on device" ]]
	run --separate-stderr "$shmcheck" run --limits=shmmax=8192 -- perl -e \
		'print defined(shmget(0, 8193, 0600)) ? "made" : "refused"'
	assert_status 0
	[ "$output" = refused ]
}

@test "with kernel.shm_rmid_forced the kernel removes what is left: a note, in run, explore and a kept log" {
	is_root || skip "needs root"
	cat >forced.sh <<-'END'
		echo 1 >/proc/sys/kernel/shm_rmid_forced && exec "$@"
	END
	run --separate-stderr unshare --ipc sh forced.sh "$shmcheck" run --log=log --show=note -- perl -e "$perl_leak"
	assert_status 0
	assert_stderr_line 'note: segment-vanished'
	assert_stderr_line 'kernel.shm_rmid_forced is set'
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	run --separate-stderr unshare --ipc sh forced.sh "$shmcheck" explore -- perl -e "$perl_leak"
	assert_status 0
	# by the program itself, in its own namespace
	run --separate-stderr "$shmcheck" run -- sh forced.sh perl -e "$perl_leak"
	assert_status 0
	run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
}

@test "where no more processes are to be had that is said, and no run dies of it" {
	as_user
	chmod 777 .
	local processes
	for processes in {1..9}; do
		run --separate-stderr prlimit --nproc="$processes" "${user[@]}" explore --jobs=1 -- perl -e "$perl_clean"
		# shellcheck disable=SC2031 # as above
		[[ $status = 125 || $stderr = *SUMMARY* ]] || assert_status 125
		refute_stderr_line 'No child processes|Cannot allocate memory|died'
	done
}

@test "an exploration for which there are too few descriptors says what could not be done" {
	local count told=0
	for count in {3..12}; do
		prlimit --nofile="$count" "$shmcheck" --version >/dev/null 2>&1 || continue
		run --separate-stderr prlimit --nofile="$count" "$shmcheck" explore -- true
		[ "$status" -ne 0 ] || break
		assert_status 125
		assert_stderr_line '^shmcheck: (the exploration could not be made|the program could not be run): .*Too many open files'
		told=$((told + 1))
	done
	[ "$told" -gt 0 ]
}
