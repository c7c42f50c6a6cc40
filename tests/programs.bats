#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that nobody here wrote: leaks are found in them, and the clean ones are undisturbed.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "ipcmk leaks one segment of 4096 bytes, made in ipcmk" {
	run --separate-stderr "$shmcheck" run -- ipcmk -M 4096
	assert_status 23
	[[ $output == "Shared memory id: "* ]]
	[ "$(grep -c 'segment-leak' <<<"$(grep -v SUMMARY <<<"$stderr")")" -eq 1 ]
	assert_stderr_line '4096'
	assert_stderr_line 'ipcmk'
}

@test "the host's segments are as before" {
	# The inner shell plays a host that has a segment of its own.
	run --separate-stderr on_own_host sh -c '
		ipcmk -M 1234 >&2
		ids() { tail -n +2 /proc/sysvipc/shm | tr -s " " | cut -d " " -f 2-5; }
		before=$(ids)
		"$1" run -- ipcmk -M 4096 >&2
		[ $? -eq 23 ] || exit 1
		after=$(ids)
		[ -n "$before" ] && [ "$before" = "$after" ]' _ "$shmcheck"
	assert_status 0
}

@test "with isolate=none a leak stays, is reported, and a foreign segment is not" {
	run --separate-stderr on_own_host sh -c '
		ipcmk -M 1234 >/dev/null
		"$1" run --isolate=none -- ipcmk -M 4096
		[ $? -eq 23 ] && [ "$(tail -n +2 /proc/sysvipc/shm | wc -l)" -eq 2 ]' _ "$shmcheck"
	assert_status 0
	[ "$(grep -c 'segment-leak' <<<"$(grep -v SUMMARY <<<"$stderr")")" -eq 1 ]
	assert_stderr_line '4096'
	refute_stderr_line '\b1234\b'
	assert_stderr_line 'ipcrm'
}

@test "a Perl program that leaks is found and its clean twin is not" {
	run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
	run --separate-stderr "$shmcheck" run -- perl -e "$perl_clean"
	assert_status 0
}

@test "a leak in a forked child, and one behind env -i, are found" {
	run --separate-stderr "$shmcheck" run -- perl -e "unless (fork) { $perl_leak; exit } wait"
	assert_status 23
	run --separate-stderr "$shmcheck" run -- env -i "$(command -v perl)" -e "$perl_leak"
	assert_status 23
	assert_stderr_line 'segment-(leak|unattributed)'
}

@test "a program killed between shmget and IPC_RMID leaks" {
	for signal in KILL INT SEGV; do
		run --separate-stderr "$shmcheck" run -- perl -e \
			"my \$id = shmget(0, 8192, 0600); kill $signal => \$\$; sleep 5; shmctl(\$id, 0, 0)"
		assert_status $((128 + $(kill -l $signal)))
		assert_stderr_line 'segment-leak'
	done
}

@test "an ordinary user gets the same verdicts" {
	is_root || skip "needs root, to become somebody else"
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	# The build's folder need not be open to everybody.
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
	run --separate-stderr "${as_nobody[@]}" ./shmcheck run -- true
	assert_status 0
	run --separate-stderr "${as_nobody[@]}" ./shmcheck run -- ipcmk -M 4096
	assert_status 23
	run --separate-stderr "${as_nobody[@]}" ./shmcheck run -- id -u
	[ "$output" = 65534 ]
}

@test "fio's shared memory is clean" {
	run --separate-stderr "$shmcheck" run -- fio --name=job --ioengine=null --size=1g --time_based --runtime=1 --output=fio.out
	assert_status 0
	assert_stderr_line 'SUMMARY'
	grep -q 'job: (groupid=0' fio.out
}

@test "stress-ng's shm stressor prints and ends as without us" {
	normal() { sed -E 's/\[[0-9]+\]/[PID]/; s/[0-9]+\.[0-9]+/N.N/g; s/ +/ /g'; }
	local bare_status=0 watched_status=0
	stress-ng --shm-sysv 1 --shm-sysv-ops 50 >bare.out 2>&1 || bare_status=$?
	"$shmcheck" run --report=text:report -- stress-ng --shm-sysv 1 --shm-sysv-ops 50 >watched.out 2>&1 || watched_status=$?
	[ "$bare_status" -eq "$watched_status" ] || fail "$watched_status, without us $bare_status" "$(cat report)"
	diff <(normal <bare.out) <(normal <watched.out)
}

@test "PostgreSQL's initdb is clean" {
	is_root || skip "needs root, to become postgres"
	local initdb
	initdb=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort | tail -n 1)
	[ -n "$initdb" ]
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 .. ../.. shmcheck libshmcheck.so
	chmod 777 .
	run --separate-stderr ./shmcheck run -- setpriv --reuid=postgres --regid=postgres --clear-groups \
		"$initdb" -D "$PWD/data" --no-sync
	assert_status 0
	[ -f data/PG_VERSION ]
	assert_stderr_line 'SUMMARY'
	run --separate-stderr ./shmcheck run -- su postgres -s /bin/sh -c "'$initdb' -D '$PWD/data2' --no-sync"
	assert_status 0
	[ -f data2/PG_VERSION ]
}

@test "PHP, which loads its extensions with RTLD_DEEPBIND, is seen" {
	php -m | grep -qix 'sysvshm' || skip "this php has no sysvshm"
	run --separate-stderr "$shmcheck" run -- php -r '$s = shm_attach(0x5117, 10000, 0600); shm_put_var($s, 1, "x"); shm_detach($s);'
	assert_status 23
	assert_stderr_line 'segment-leak'
	run --separate-stderr "$shmcheck" run -- php -r '$s = shm_attach(0x5117, 10000, 0600); shm_remove($s); shm_detach($s);'
	assert_status 0
}

# Starts an X server on a display that it picks; leaves DISPLAY.
start_x() {
	mkfifo display
	Xvfb -displayfd 7 -screen 0 1280x1024x24 -nolisten tcp 7>display 2>xvfb.log 3>&- &
	x_server=$!
	read -r number <display
	export DISPLAY=:$number
}

teardown() {
	[ -z "${x_server:-}" ] || kill "$x_server"
}

@test "an X client with MIT-SHM shares memory with its server outside, by isolate=none" {
	start_x
	local shared=(x11perf -display "$DISPLAY" -repeat 1 -time 1 -reps 50 -shmput10)
	run "${shared[@]}"
	assert_status 0
	assert_output_line 'ShmPutImage'
	run --separate-stderr "$shmcheck" run --isolate=none "--report=json:$PWD/report" -- "${shared[@]}"
	assert_status 0
	assert_output_line 'ShmPutImage'
	grep -Eq '"attaches": *[1-9]' report
}

@test "a clean program's output and status are as without us" {
	assert_undisturbed -- perl -e 'print "out\n"; print STDERR "err\n"; exit 3'
	assert_undisturbed -- ls -l /usr/bin
	assert_undisturbed -- bash -c 'echo $LD_LIBRARY_PATH; umask; ulimit -a'
}
