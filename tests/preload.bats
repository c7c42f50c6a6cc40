#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The library without the command: LD_PRELOAD, SHMCHECK_INJECT and SHMCHECK_LOG, and the log judged later.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	library=$BUILD/libshmcheck.so
}

# Runs a command under the library, with the variables before -- set.
preloaded() {
	local variables=()
	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	shift
	on_own_host env LD_PRELOAD="$library" "${variables[@]}" "$@"
}

# The program does not start: status 125, one line on standard error that matches, and no log.
assert_stopped() {
	local expected=$1
	shift
	run --separate-stderr preloaded "$@" -- touch started
	assert_status 125
	[ "$(wc -l <<<"$stderr")" -eq 1 ] || fail "more than one line" "$stderr"
	[[ $stderr == "$expected" ]] || fail "expected: $expected" "it was: $stderr"
	[ ! -e started ]
	[ -z "$(find . -name '*log*')" ]
}

@test "without its variables the library is inert" {
	run preloaded -- sh -c 'env | grep -c SHMCHECK; ls'
	[ "$output" = 0 ]
	run preloaded -- perl -e "$perl_clean"
	assert_status 0
	[ -z "$(ls)" ]
}

@test "a bad rule stops the program before main, in one line" {
	assert_stopped "shmcheck: SHMCHECK_INJECT: rule 1, column 13: unknown errno: 'ENOMEN', did you mean 'ENOMEM'? (expected: a name such as ENOMEM)" \
		SHMCHECK_INJECT=shmat:error=ENOMEN SHMCHECK_LOG=log
	assert_stopped "shmcheck: SHMCHECK_INJECT: rule 2, column 20: unknown call: 'shmt', did you mean 'shmat'? (expected: ftok, shmget, shmat, shmdt, shmctl, shmctl.RMID and the like, or all)" \
		'SHMCHECK_INJECT=shmat:error=ENOMEM;shmt:error=EINVAL' SHMCHECK_LOG=log
	assert_stopped "shmcheck: SHMCHECK_INJECT: there is no rule in it" SHMCHECK_INJECT= SHMCHECK_LOG=log
	assert_stopped "shmcheck: SHMCHECK_INJECT: rule 1: world=full needs a namespace of the run's own: use shmcheck run" \
		SHMCHECK_INJECT=shmget:world=full SHMCHECK_LOG=log
}

@test "a rule without a log, or a log without a name, stops the program" {
	assert_stopped "shmcheck: SHMCHECK_INJECT and SHMCHECK_LOG belong together: without a log nobody could tell whether a rule had its effect" \
		SHMCHECK_INJECT=shmat:error=ENOMEM
	assert_stopped "shmcheck: SHMCHECK_LOG: the name of the file is missing" SHMCHECK_LOG=
	assert_stopped "shmcheck: SHMCHECK_STACKS: none, create or all was expected" SHMCHECK_LOG=log SHMCHECK_STACKS=some
	assert_stopped "shmcheck: SHMCHECK_SEED: a number from 0 to 18446744073709551615 was expected" SHMCHECK_LOG=log SHMCHECK_SEED=x
}

@test "a log that cannot be made stops the program and says why" {
	assert_stopped "shmcheck: SHMCHECK_LOG=$PWD/no/log: its folder is not there (errno 2)" SHMCHECK_LOG=no/log
	assert_stopped "shmcheck: SHMCHECK_LOG=/dev/null: there is something else of that name, and it is no log of shmcheck (errno 17)" \
		SHMCHECK_LOG=/dev/null
	run --separate-stderr prlimit --fsize=4096 env LD_PRELOAD="$library" SHMCHECK_LOG=log true
	assert_status 125
	assert_stderr_line '^shmcheck: .*: RLIMIT_FSIZE \(ulimit -f\) is below the smallest log'
	[ ! -e log ]
}

@test "somebody else's file is never overwritten" {
	echo "a diary" >diary
	run --separate-stderr preloaded SHMCHECK_LOG=diary -- true
	assert_status 125
	[ "$(cat diary)" = "a diary" ]
	[ "$(find . -name "diary*")" = ./diary ]
}

@test "a leak is judged from the log, with its stack, by one witness" {
	run --separate-stderr preloaded SHMCHECK_LOG=log -- perl -e "$perl_leak; print 'out'; exit 3"
	assert_status 3
	[ "$output" = out ]
	[ -z "$stderr" ]
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	assert_stderr_line 'segment-leak'
	assert_stderr_line 'created +at Perl_'
	assert_stderr_line 'SUMMARY: 1 error \(segment-leak\).* 1 left \(8192 bytes\); program status unknown; one witness only$'
	refute_stderr_line 'ipcrm'
}

@test "a clean program's log is clean, and says that there was one witness" {
	preloaded SHMCHECK_LOG=log -- perl -e "$perl_clean"
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	assert_stderr_line '^shmcheck: SUMMARY: 0 errors, 0 warnings, .* 1 removed, 0 left; .*one witness only$'
}

@test "a rule has its effect, and its absence is a finding" {
	run preloaded SHMCHECK_INJECT='shmget:error=ENOSPC' SHMCHECK_LOG=log -- perl -e "$perl_leak"
	[[ $output == "shmget: No space left on device"* ]]
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	preloaded SHMCHECK_INJECT='shmat:error=ENOMEM' SHMCHECK_LOG=log -- perl -e "$perl_clean"
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	assert_stderr_line '^shmcheck: error: fault-not-hit: '
	assert_stderr_line '^    rule 1, shmat:error=ENOMEM'
}

# Four shmgets: of PROGRAM, of its child, after exec in the child, and of a grandchild by system().
family='sub get { my $id = shmget(0, 4096, 0600); print defined $id ? "made\n" : "failed\n"; shmctl($id, 0, 0) if defined $id }
	$| = 1; get();
	if (!fork) { get(); exec $^X, "-e", q(my $id = shmget(0, 4096, 0600); print defined $id ? "made\n" : "failed\n"; shmctl($id, 0, 0) if defined $id) }
	wait; chdir "/"; system("perl -e \"print defined(shmget(0, 4096, 0600)) ? qq(made\n) : qq(failed\n)\"")'

@test "forks, execs and spawns share one log and one count" {
	for when in 1 2 3 4; do
		run preloaded SHMCHECK_INJECT="shmget:error=ENOSPC:when=$when" SHMCHECK_LOG=log -- perl -e "$family"
		[ "$(grep -n failed <<<"$output")" = "$when:failed" ] || fail "when=$when" "$output"
	done
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	assert_stderr_line '3 segments made, 3 removed'
}

@test "a program that is killed leaves a log that can be judged" {
	run preloaded SHMCHECK_LOG=log -- perl -e "$perl_leak; kill KILL => \$\$"
	assert_status 137
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	assert_stderr_line 'segment-leak'
}

@test "a log is as large as RLIMIT_FSIZE permits; what finds no room is lost and counted" {
	many='for (1..2000) { my $id = shmget(0, 4096, 0600); shmctl($id, 0, 0) } print "unharmed"'
	run prlimit --fsize=500000 env LD_PRELOAD="$library" SHMCHECK_LOG="$PWD/log" perl -e "$many"
	assert_status 0
	[ "$output" = unharmed ]
	[ "$(stat -c %s log)" -le 500000 ]
	run --separate-stderr "$shmcheck" report log
	assert_status 3
	assert_stderr_line 'inconclusive: the log was full: [1-9][0-9]* events were lost'
	# The twin: with room for all of them.
	preloaded SHMCHECK_LOG=log -- perl -e "$many"
	run --separate-stderr "$shmcheck" report log
	assert_status 0
}

@test "a full disk stops the program, or makes the log smaller" {
	run --separate-stderr in_own_mounts sh -c '
		mkdir small && mount -t tmpfs -o size=1m none small || exit 99
		LD_PRELOAD=$1 SHMCHECK_LOG=small/log perl -e "print q(ran)" || exit 98
		"$2" report small/log || exit 97
		dd if=/dev/zero of=small/filler bs=1k 2>/dev/null; rm small/log; dd if=/dev/zero of=small/filler2 bs=1k 2>/dev/null
		LD_PRELOAD=$1 SHMCHECK_LOG=small/log perl -e "print q(ran again)"' _ "$library" "$shmcheck"
	assert_status 125
	[ "$output" = ran ]
	assert_stderr_line '^shmcheck: .*: the disk is full'
}

@test "an earlier log is replaced, one in use is joined, and never under other rules" {
	preloaded SHMCHECK_LOG=log -- perl -e "$perl_leak"
	preloaded SHMCHECK_LOG=log -- perl -e "$perl_clean"
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	# While one process lives another starts from the same variables, as from a shell that has exported them.
	mkfifo ready go
	on_own_host env LD_PRELOAD="$library" SHMCHECK_LOG=log SHMCHECK_INJECT='shmget:error=ENOSPC:when=2' \
		perl -e "$perl_leak; open R, '>ready'; close R; open G, '<go'; <G>" &
	local first=$!
	read -r _ <ready || true
	run env LD_PRELOAD="$library" SHMCHECK_LOG=log SHMCHECK_INJECT='shmget:error=ENOSPC:when=2' perl -e "$perl_leak"
	[[ $output == "shmget: No space left on device"* ]]
	run env LD_PRELOAD="$library" SHMCHECK_LOG=log SHMCHECK_INJECT='shmget:error=ENOSPC:when=3' true
	assert_status 125
	[[ $output == "shmcheck: SHMCHECK_LOG=$PWD/log: a process that lives logs there under other rules: name another file" ]]
	run --separate-stderr "$shmcheck" report log
	assert_stderr_line 'inconclusive: pid [0-9]+ still runs and writes to this log'
	: >go
	wait "$first"
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	refute_stderr_line 'still runs'
	[ "$(find . -name "*log*")" = ./log ]
}

@test "the line that repeats a run has the program's arguments, or there is none" {
	local shell='select(.type == "finding").shell' many
	printf '#!/bin/sh\nexec ipcmk "$@"\n' >script
	chmod +x script
	preloaded SHMCHECK_LOG=log SHMCHECK_INJECT=shmget:delay_enter=1us -- ./script -M 4096 -p 0600
	"$shmcheck" report --report=json:report log || [ $? -eq 1 ]
	[[ $(jq -r "$shell" report) =~ ^"shmcheck run --isolate=none --inject=shmget:delay_enter=1us --seed="[0-9]+" -- ./script -M 4096 -p 0600"$ ]]
	many=$(printf ' %.0s' {1..4100})
	preloaded SHMCHECK_LOG=log -- sh -c 'ipcmk -M 4096' sh "$many"
	"$shmcheck" report --report=json:report log || [ $? -eq 1 ]
	[ -z "$(jq -r "$shell" report)" ]
}

@test "what is made in an IPC namespace that the program enters is not judged, as under the command" {
	local enter=(unshare --ipc)
	is_root || enter=(unshare --user --map-root-user --ipc)
	preloaded SHMCHECK_LOG=log -- "${enter[@]}" ipcmk -M 4096
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	assert_stderr_line 'hint: 1 call was made in an IPC namespace that the program itself entered'
	assert_stderr_line 'SUMMARY: clean'
}

@test "a program that the command's program starts with rules and a log of its own has them" {
	run --separate-stderr on_own_host "$shmcheck" run -- env LD_PRELOAD="$library" SHMCHECK_LOG=log \
		SHMCHECK_INJECT=shmget:error=ENOSPC:when=2 sh -c "perl -e '$perl_clean'; perl -e '$perl_clean'"
	[[ $stderr == *"shmget: No space left on device"* ]]
	assert_stderr_line 'hint: 1 program was started .* with a SHMCHECK_LOG of its own, under this one'
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	assert_stderr_line 'rule 1: shmget:error=ENOSPC:when=2: 1 hit, 2 matching calls'
	run --separate-stderr on_own_host "$shmcheck" run -- perl -e '%ENV = (SHMCHECK_LOG => "bare"); exec "/usr/bin/perl", "-e", shift' "$perl_clean"
	assert_stderr_line 'hint: 1 program was started'
	refute_stderr_line 'inconclusive'
	run --separate-stderr "$shmcheck" report bare
	assert_stderr_line 'SUMMARY: .*1 segment made, 1 removed'
	on_own_host "$shmcheck" run --quiet --log=outer -- env LD_PRELOAD="$library" SHMCHECK_LOG=log sh -c "perl -e '$perl_leak'; exit 0" || true
	run --separate-stderr "$shmcheck" report log
	assert_stderr_line 'creator +main(@1)? \(perl, pid [0-9]+\)'
}

@test "the command refuses rules that only the library alone would take" {
	local word
	for word in run explore; do
		SHMCHECK_INJECT=shmat:error=ENOMEM run "$shmcheck" "$word" touch started
		[[ $output == "shmcheck: SHMCHECK_INJECT is for programs that run without this command, and has no effect here: use --inject=RULE, or unset it" ]]
		[ ! -e started ]
	done
	assert_status 2
	SHMCHECK_INJECT=shmat:error=ENOMEM run "$shmcheck" scenario .
	assert_status 2
	[[ $output == *"use the file's key 'inject', or unset it" ]]
	SHMCHECK_INJECT=shmat:error=ENOMEM run "$shmcheck" list calls
	assert_status 0
}

@test "%p in the log's name is the process" {
	run preloaded SHMCHECK_LOG=log.%p -- sh -c 'echo $$; true'
	[ -f "log.$output" ]
}

@test "one seed fails the same calls, another seed others" {
	draw='print join "", map { my $id = shmget(0, 4096, 0600); shmctl($id, 0, 0) if defined $id; defined $id ? 1 : 0 } 1..64'
	a=$(preloaded SHMCHECK_LOG=log SHMCHECK_SEED=7 SHMCHECK_INJECT=shmget:error=ENOSPC:p=0.5 -- perl -e "$draw")
	b=$(preloaded SHMCHECK_LOG=log SHMCHECK_SEED=7 SHMCHECK_INJECT=shmget:error=ENOSPC:p=0.5 -- perl -e "$draw")
	c=$(preloaded SHMCHECK_LOG=log SHMCHECK_SEED=8 SHMCHECK_INJECT=shmget:error=ENOSPC:p=0.5 -- perl -e "$draw")
	[[ $a == *0*1* || $a == *1*0* ]]
	[ "$a" = "$b" ]
	[ "$a" != "$c" ]
}

@test "a log of the library that is cut or scribbled on never crashes report" {
	prlimit --fsize=500000 env LD_PRELOAD="$library" SHMCHECK_LOG="$PWD/log" SHMCHECK_INJECT='shmat:error=ENOMEM:scope=process' \
		perl -e "$perl_clean"
	local size i offset
	size=$(stat -c %s log)
	for i in 100 4096 $((size / 2)) $((size - 1)); do
		head -c "$i" log >torn
		run --separate-stderr "$shmcheck" report torn
		assert_status 2
	done
	for i in {0..79}; do # run has an i of its own: no counting loop
		# The header and the beginnings of the parts more closely than the rest.
		offset=$((i < 40 ? i * 8 : size * (i - 40) / 40))
		cp log scribbled
		perl -e 'my ($o) = @ARGV; open my $f, "+<", "scribbled" or die; seek $f, $o, 0; read $f, my $b, 4; seek $f, $o, 0;
			print $f $b ^ "\x5a\xff\x5a\xff"; close $f or die' "$offset"
		run --separate-stderr "$shmcheck" report scribbled
		[ "$status" -lt 4 ] || fail "offset $offset of $size: status $status" "$stderr"
	done
}

@test "a log whose rules were overwritten is refused, and its counts are not told" {
	preloaded SHMCHECK_INJECT='shmget:error=ENOSPC' SHMCHECK_LOG=log -- perl -e "$perl_leak" || true
	run --separate-stderr "$shmcheck" report log
	assert_status 0
	# The number of rules stands 24 bytes behind the plan's first word.
	at=$(grep --only-matching --byte-offset --text shmplan3 log | head -n 1 | cut -d: -f1)
	printf '\377' | dd of=log bs=1 seek=$((at + 24)) conv=notrunc status=none
	run --separate-stderr "$shmcheck" report log
	assert_status 2
	refute_stderr_line 'hit'
}
