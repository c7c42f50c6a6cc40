#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Kept logs: the same report again, and every way in which a log can be damaged.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

keep_log() {
	"$shmcheck" run --quiet --log=log "--report=text:$PWD/report" -- perl -e "$perl_leak" || [ $? -eq 23 ]
	[ -s log ]
}

# report says what is wrong with FILE, with status 2, and does not die of it.
assert_rejected() {
	run --separate-stderr "$shmcheck" report "$1"
	assert_status 2
	assert_stderr_line "^shmcheck: cannot read the log '$1': ."
}

@test "a kept log gives the same findings again" {
	keep_log
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	diff <(grep -v SUMMARY report) <(grep -v SUMMARY <<<"$stderr")
}

@test "a clean program's log is reported with status 0" {
	"$shmcheck" run --quiet --log=log -- perl -e "$perl_clean"
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	assert_stderr_line '^shmcheck: SUMMARY: '
}

@test "a log that is not there, empty, a folder, or something else is rejected" {
	assert_rejected absent
	: >empty
	assert_rejected empty
	mkdir folder
	assert_rejected folder
	cp /bin/true foreign
	assert_rejected foreign
	head -c 65536 /dev/zero >zeroes
	assert_rejected zeroes
}

@test "a log cut anywhere is rejected, or inconclusive, and never clean" {
	keep_log
	local size cut
	size=$(stat -c %s log)
	for cut in 1 7 8 15 16 17 31 32 33 100 $((size / 4)) $((size / 2)) $((size - 100)) $((size - 9)) $((size - 1)); do
		[ "$cut" -gt 0 ] && [ "$cut" -lt "$size" ] || continue
		head -c "$cut" log >torn
		assert_rejected torn
	done
}

@test "a log with a scribbled byte anywhere never crashes report" {
	keep_log
	local size i offset
	size=$(stat -c %s log)
	for i in {0..59}; do
		offset=$((size * i / 60))
		cp log scribbled
		# A byte that differs from the one that was there.
		perl -e 'my ($o) = @ARGV; open my $f, "+<", "scribbled" or die; seek $f, $o, 0; read $f, my $b, 1; seek $f, $o, 0;
			print $f chr(ord($b) ^ 0x5a); close $f or die' "$offset"
		run --separate-stderr "$shmcheck" report scribbled
		[ "$status" -eq 2 ] || [ "$status" -eq 1 ] || [ "$status" -eq 3 ] ||
			fail "offset $offset of $size: status $status" "$stderr"
	done
}

@test "something behind the end of a log is noticed or ignored, never a crash" {
	keep_log
	cp log longer
	head -c 4096 /dev/urandom >>longer
	run --separate-stderr "$shmcheck" report longer
	[ "$status" -lt 4 ]
}

@test "a log on a full device is an incomplete log and status 125" {
	[ -c /dev/full ] || skip "no /dev/full"
	run --separate-stderr "$shmcheck" run --log=/dev/full -- true
	assert_status 125
	assert_stderr_line "/dev/full"
	assert_stderr_line 'No space left'
}
