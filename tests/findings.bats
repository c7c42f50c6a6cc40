#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every finding end to end: a program that deserves it, and a correct one that looks like it.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	findings=$BUILD/tests/programs/findings
}

# The findings of one run, as "id=severity" lines: of CASE as guilty or innocent.
found() {
	local command=("$shmcheck" run --crash --show=note --report=json -- "$findings" "$1" "$2")
	if [ "$1" = stale-attach ]; then
		command=(sh -c 'perl -e "defined(shmget(0x5eed0001, 4096, 01600)) or die" && exec "$0" "$@"'
			"$shmcheck" run --isolate=none "${command[@]:2}")
	fi
	on_own_host "${command[@]}" 2>report.json >/dev/null || true
	grep -q '"type": *"summary"' report.json || fail "$1 $2: no summary" "$(cat report.json)"
	perl -MJSON::PP -ne 'my $o = eval { decode_json($_) } or next;
		print "$o->{id}=$o->{severity}\n" if $o->{type} eq "finding"' report.json
}

severity_of() {
	case $1 in
	segment-leak | failed-result-used/crash | use-after-detach* | use-after-remove) echo error ;;
	mode-world | remove-twice | attach-after-remove | crash-window) echo note ;;
	*) echo warning ;;
	esac
}

@test "each guilty program gets its finding, with the severity that is its due" {
	for name in $("$findings"); do
		found "$name" guilty >list
		grep -qx "${name%%/*}=$(severity_of "$name")" list || fail "$name: found instead:" "$(cat list)"
	done
}

@test "no guilty program is accused of more than it did, at warning or above" {
	for name in $("$findings"); do
		found "$name" guilty >list
		! grep -vE "^${name%%/*}=|=note$" list || fail "$name: found as well:" "$(cat list)"
	done
}

@test "no innocent twin is accused of anything at warning or above, or of what its twin did" {
	for name in $("$findings"); do
		found "$name" innocent >list
		! grep -qE "=(error|warning)$" list || fail "$name: found:" "$(cat list)"
		# another process may ask for what was removed: a note says so, no more
		[ "$name" = use-after-remove ] || ! grep -q "^${name%%/*}=" list || fail "$name: found:" "$(cat list)"
	done
}

# A client that hands its segment to a partner outside the run and removes it, as X clients do; the partner lets go a
# moment after the client has died, or never.
pinned_by() {
	cat >partner.pl <<-'END'
		my ($lets_go) = @ARGV;
		pipe(my $ids, my $id) or die;
		pipe(my $replies, my $reply) or die;
		if (my $client = fork) {
			close $id; close $replies;
			my ($shmid, $pid) = split " ", <$ids>;
			(my $at = syscall(30, $shmid + 0, 0, 0)) > 0 or die "shmat: $!";
			syswrite $reply, "x";
			select(undef, undef, undef, 0.01) while kill 0, $pid;
			select(undef, undef, undef, 0.05);
			syscall(67, $at) if $lets_go;
			waitpid($client, 0);
			exit($? >> 8);
		}
		close $ids; close $reply;
		use Fcntl; fcntl($_, F_SETFD, 0) for $id, $replies;
		exec "$ENV{SHMCHECK}", "run", "--isolate=none", "--", "perl", "-e",
			'my ($out, $in) = @ARGV; open my $o, ">&=", $out; open my $i, "<&=", $in; my $s = shmget(0, 4096, 01600);
			syscall(30, $s, 0, 0) > 0 or die; syswrite $o, "$s $$\n"; sysread $i, my $x, 1; shmctl($s, 0, 0)',
			fileno($id), fileno($replies);
	END
	SHMCHECK=$shmcheck run --separate-stderr on_own_host perl partner.pl "$1"
}

@test "a partner outside that lets go when its client dies does not pin the segment; one that does not, does" {
	pinned_by 1
	assert_status 0
	refute_stderr_line 'segment-pinned'
	pinned_by 0
	assert_stderr_line '^shmcheck: warning: segment-pinned: '
}

@test "the fault of a crash is found in the kernel's log too" {
	[ "$(cat /proc/sys/debug/exception-trace)" = 1 ] && dd if=/dev/kmsg iflag=nonblock bs=8k count=1 of=/dev/null 2>/dev/null ||
		skip "the kernel's log cannot be read here"
	[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || skip "the kernel's log has other process ids"
	for name in use-after-detach failed-result-used/crash; do
		# the kernel logs a few faults in five seconds, anybody's
		for ((i = 0; i < 15; i++)); do
			run --separate-stderr "$shmcheck" run -- "$findings" "$name" guilty
			! grep -q '^shmcheck: crash: .* at address' <<<"$stderr" || break
			sleep 1
		done
		assert_stderr_line "^shmcheck: error: ${name%%/*}: "
	done
}

@test "a wrong handle is an error where harm followed" {
	# its creator leaves a segment behind
	run --separate-stderr "$shmcheck" run --inject 'shmat:error=ENOMEM:when=1' -- perl -e '
		require "sys/ipc.ph" if 0; my $id = shmget(0, 4096, 01600); my $bytes;
		shmread($id, $bytes, 0, 1); syscall(67, -1); exit 0'
	assert_stderr_line '^shmcheck: error: failed-result-used: '
	assert_stderr_line '^    .* got what .* had failed with .*A segment that it made is left\.$'
}

@test "shmcheck-findings(7) describes what shmcheck lists, each once, with the same severity" {
	local page=$BATS_TEST_DIRNAME/../docs/shmcheck-findings.7
	"$shmcheck" list findings | sed -nE 's/^([a-z]+-[a-z-]+) +(error|warning|note) .*/\1 \2/p' | sort >listed
	sed -nE 's/^\.SS ([a-z-]+) \((error|warning|note)\)$/\1 \2/p' "$page" | sort >described
	[ "$(wc -l <listed)" -ge 22 ]
	diff listed described
}
