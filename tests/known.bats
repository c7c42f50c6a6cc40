#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is known does not count: suppressions, baselines, segments left on purpose.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Leaves a segment with key $1; $2 more with IPC_PRIVATE.
leak_key() {
	printf 'defined(shmget(%s, 4096, 0600 | 01000)) or die "shmget: $!"; for (1..%d) { defined(shmget(0, 8192, 0600)) or die }' \
		"$1" "${2:-0}"
}

@test "a suppressed leak does not count, and the table says which line it was" {
	printf '# ours\nsegment-leak:key=0x1234 comm=perl # kept for the next start\n' >lines
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1234)"
	assert_status 0
	refute_stderr_line 'error: segment-leak'
	assert_stderr_line '^shmcheck: suppressions used'
	assert_stderr_line '^ +1  lines:2: segment-leak:key=0x1234 comm=perl  # kept for the next start$'
	assert_stderr_line '^shmcheck: SUMMARY: clean: .* 1 left .*1 known'
}

@test "another leak than the suppressed one counts" {
	echo 'segment-leak:key=0x1234' >lines
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1235)"
	assert_status 23
	assert_stderr_line '^shmcheck: suppression unused: lines:1: segment-leak:key=0x1234$'
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1234 1)"
	assert_status 23
	assert_stderr_line 'SUMMARY: 1 error .*1 known'
}

@test "an expired suppression no longer holds, and is reported" {
	echo 'segment-leak:key=0x1234 expires=2020-02-29' >lines
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1234)"
	assert_status 23
	assert_stderr_line '^shmcheck: suppression expired, would have been used: lines:1: '
	run --separate-stderr "$shmcheck" run --suppressions=lines -- true
	assert_status 0
	assert_stderr_line '^shmcheck: suppression expired, and unused: lines:1: '
}

@test "an empty file has no suppression in it, whatever the heap holds" {
	: >none
	for byte in 42 115 255; do
		MALLOC_PERTURB_=$byte run --separate-stderr "$shmcheck" run --suppressions=none --suppressions=/dev/null -- perl -e "$perl_leak"
		assert_status 23
		refute_stderr_line 'suppression'
	done
}

@test "a bad suppression stops everything before the program starts" {
	echo 'segment-leak:kye=0x1234' >lines
	run --separate-stderr "$shmcheck" run --suppressions=lines -- touch started
	assert_status 125
	assert_stderr_line '^shmcheck: lines: line 1, column 14: unknown word: '
	assert_stderr_line "did you mean 'key'"
	[ ! -e started ]
	run --separate-stderr "$shmcheck" run --suppressions=absent -- touch started
	assert_status 125
	assert_stderr_line "absent.*No such file"
	[ ! -e started ]
	run --separate-stderr "$shmcheck" run --suppressions=. -- touch started
	assert_status 125
	[ ! -e started ]
}

@test "generated suppressions make the same run clean" {
	run --separate-stderr "$shmcheck" run --gen-suppressions=lines -- perl -e "$(leak_key 0x1234 1)"
	assert_status 23
	[ "$(wc -l <lines)" -eq 2 ]
	grep -q '^segment-leak:key=0x00001234 comm=perl fun=' lines
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1234 1)"
	assert_status 0
	run --separate-stderr "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1235 1)"
	assert_status 23
}

@test "without a file the generated lines stand in the report, before its last line" {
	run --separate-stderr "$shmcheck" run --gen-suppressions -- perl -e "$(leak_key 0x1234)"
	assert_status 23
	[[ $(tail -n 1 <<<"$stderr") == "shmcheck: SUMMARY: "* ]]
	grep '^segment-leak:' <<<"$stderr" >lines
	run "$shmcheck" run --suppressions=lines -- perl -e "$(leak_key 0x1234)"
	assert_status 0
}

@test "with a baseline only what is new fails" {
	run "$shmcheck" run --write-baseline=base -- perl -e "$(leak_key 0x1234)"
	assert_status 23
	run --separate-stderr "$shmcheck" run --baseline=base -- perl -e "$(leak_key 0x1234)"
	assert_status 0
	assert_stderr_line 'SUMMARY: clean: .*1 known'
	# One more leak of the same stack is a new one: its number counts.
	run --separate-stderr "$shmcheck" run --baseline=base -- perl -e "$(leak_key 0x1234) $(leak_key 0x1235)"
	assert_status 23
	assert_stderr_line 'SUMMARY: 1 error .*1 known'
}

@test "a finding that is gone is said, and forgotten when the baseline is written again; comments stay" {
	"$shmcheck" run --write-baseline=base -- perl -e "$(leak_key 0x1234)" || [ $? -eq 23 ]
	sed -i 's/^# .*/&\n# ticket 12/' base
	run --separate-stderr "$shmcheck" run --baseline=base -- true
	assert_status 0
	assert_stderr_line '^shmcheck: baseline base: 1 no longer found'
	run "$shmcheck" run --baseline=base --write-baseline=base -- true
	assert_status 0
	grep -q '^# ticket 12$' base
	run ! grep -qE '^[0-9a-f]{16} ' base
	run "$shmcheck" run --baseline=base -- perl -e "$(leak_key 0x1234)"
	assert_status 23
}

@test "a bad or absent baseline stops everything before the program starts" {
	echo 'f59c1cb9523c41eg 1 segment-leak' >base
	run --separate-stderr "$shmcheck" run --baseline=base -- touch started
	assert_status 125
	assert_stderr_line '^shmcheck: base: line 1: no fingerprint'
	run --separate-stderr "$shmcheck" run --baseline=absent -- touch started
	assert_status 125
	[ ! -e started ]
}

@test "a baseline or log that has no end or that nobody writes is an error, not a wait" {
	mkfifo pipe
	run --separate-stderr timeout 60 "$shmcheck" run --baseline=/dev/zero -- touch ran
	assert_status 125
	assert_stderr_line '^shmcheck: /dev/zero: line 1: longer than [0-9]+ bytes, or it has a NUL$'
	run --separate-stderr timeout 60 "$shmcheck" run --log=pipe -- touch ran
	assert_status 125
	assert_stderr_line "^shmcheck: cannot create the log 'pipe': No such device or address$"
	run --separate-stderr timeout 60 "$shmcheck" report pipe
	assert_status 2
	assert_stderr_line "^shmcheck: cannot read the log 'pipe': not a regular file$"
	[ ! -e ran ]
}

@test "a baseline that cannot be written is status 125 and leaves the old one" {
	is_root || skip "needs a folder that nobody can write to"
	run --separate-stderr "$shmcheck" run --write-baseline=absent/base -- true
	assert_status 125
	assert_stderr_line "^shmcheck: cannot write the baseline to 'absent/base': "
}

@test "a segment that is left on purpose is no leak" {
	run --separate-stderr "$shmcheck" run --persistent=0x1234 -- perl -e "$(leak_key 0x1234)"
	assert_status 0
	assert_stderr_line '^shmcheck: persistent key 0x1234: left on purpose$'
	run --separate-stderr "$shmcheck" run --persistent=4660 -- perl -e "$(leak_key 0x1234 1)"
	assert_status 23
	run --separate-stderr "$shmcheck" run --persistent=0x1234 -- perl -e "$(leak_key 0x1235)"
	assert_status 23
	assert_stderr_line '^shmcheck: persistent key 0x1234 unused'
}

@test "a key that is none is bad usage" {
	for key in 0 IPC_PRIVATE 0x123456789 12x ''; do
		run --separate-stderr "$shmcheck" run "--persistent=$key" -- touch started
		assert_status 125
		assert_stderr_line '^shmcheck: --persistent='
	done
	[ ! -e started ]
}

@test "report takes them too" {
	"$shmcheck" run --quiet --log=log -- perl -e "$(leak_key 0x1234)" 2>/dev/null || [ $? -eq 23 ]
	echo 'segment-leak:key=0x1234' >lines
	run "$shmcheck" report log
	assert_status 1
	run "$shmcheck" report --suppressions=lines log
	assert_status 0
	run "$shmcheck" report --persistent=0x1234 log
	assert_status 0
	run "$shmcheck" report --write-baseline=base log
	assert_status 1
	run "$shmcheck" report --baseline=base log
	assert_status 0
	echo 'segment-leak:kye=0x1234' >lines
	run "$shmcheck" report --suppressions=lines log
	assert_status 2
}

# Leaves its segment when it cannot be attached, or looked at.
explored='my $id = shmget(0x1234, 8192, 0600 | 01000); defined($id) or exit 1; my $b; shmread($id, $b, 0, 1) or exit 2;
	shmctl($id, 0, 0) or exit 3'

@test "explore: a suppressed cause does not count, another does" {
	run --separate-stderr "$shmcheck" explore --calls=shmat,shmdt --gen-suppressions=lines -- perl -e "$explored"
	assert_status 1
	[ "$(sort lines | uniq -d)" = '' ]
	sed -i 's/ # why.*/ # known since 2.1/' lines
	run --separate-stderr "$shmcheck" explore --calls=shmat,shmdt --suppressions=lines -- perl -e "$explored"
	assert_status 0
	assert_stderr_line '^ +[0-9]+  lines:1: segment-leak:key=0x00001234 comm=perl fun=.*  # known since 2.1$'
	assert_stderr_line '^shmcheck: SUMMARY: clean: .* of them known'
	refute_stderr_line '^shmcheck: error: leak'
	sed -i 's/0x00001234/0x00001235/' lines
	run --separate-stderr "$shmcheck" explore --calls=shmat,shmdt --suppressions=lines -- perl -e "$explored"
	assert_status 1
	assert_stderr_line '^shmcheck: suppression unused: lines:1: '
}

@test "explore: a crash is no leak: it is suppressed as a point, or not at all" {
	local crashing='my $id = shmget(0, 8192, 0600); defined($id) or exit 1; my $b; shmread($id, $b, 0, 1) or kill(6, $$);
		shmctl($id, 0, 0) or exit 3'
	echo 'segment-leak' >lines
	run "$shmcheck" explore --calls=shmat --suppressions=lines -- perl -e "$crashing"
	assert_status 1
	echo 'point-crash:fun=Perl_*  # known' >lines
	run "$shmcheck" explore --calls=shmat --suppressions=lines -- perl -e "$crashing"
	assert_status 0
	echo 'point-crash:fun=other' >lines
	run "$shmcheck" explore --calls=shmat --suppressions=lines -- perl -e "$crashing"
	assert_status 1
}

@test "explore: with a baseline only a new cause fails" {
	run "$shmcheck" explore --calls=shmat --write-baseline=base -- perl -e "$explored"
	assert_status 1
	run "$shmcheck" explore --calls=shmat --baseline=base -- perl -e "$explored"
	assert_status 0
	run "$shmcheck" explore --calls=shmat,shmdt --baseline=base -- perl -e "$explored"
	assert_status 1
}

@test "explore: a segment that is left on purpose is no leak of a fault point" {
	run "$shmcheck" explore --calls=shmat,shmdt --persistent=0x1234 -- perl -e "$explored"
	assert_status 0
	run "$shmcheck" explore --calls=shmat,shmdt --persistent=0x1235 -- perl -e "$explored"
	assert_status 1
}

@test "scenario: an unexpected finding that is suppressed does not count; an expectation that is not met does" {
	printf '%s\n' "name: leaves one" "processes:" "  - {name: a, command: [perl, -e, 'shmget(0x1234, 8192, 0600 | 01000)']}" \
		"expect:" "  findings: []" >leak.yaml
	run "$shmcheck" scenario leak.yaml
	assert_status 1
	echo 'segment-leak:key=0x1234 # on purpose' >lines
	run --separate-stderr "$shmcheck" scenario --suppressions=lines leak.yaml
	assert_status 0
	assert_stderr_line '^ +1  lines:1: segment-leak:key=0x1234  # on purpose$'
	sed -i 's/findings: .*/processes: [{name: a, exit: 3}]/' leak.yaml
	run "$shmcheck" scenario --suppressions=lines leak.yaml
	assert_status 1
}
