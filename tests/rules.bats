#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Rules from the command line to the report: marks, hits, what preceded a finding, what is excused.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# The first line of a finding and the sentence below it match.
assert_finding() {
	sed -z 's/\n    /: /g' <<<"$stderr" | grep -qE -- "$1" || fail "no finding matches: $1" "it was:" "$stderr"
}

# A C-like Perl program: make, attach, detach and remove, each result checked.
# shellcheck disable=SC2034
perl_once='my $id = shmget(0, 4096, 0600); defined $id or exit 1; shmctl($id, 0, 0) or exit 2'

@test "fio fails its shmat and leaves a segment: the leak names the fault" {
	run --separate-stderr "$shmcheck" run --inject=shmat:error=ENOMEM -- fio --name=job --ioengine=null --size=1m --output=out
	assert_status 1
	assert_stderr_line 'error: segment-leak'
	assert_stderr_line '^    created     at '
	assert_stderr_line '^    after       shmat\([0-9]+, 0, 0\) = -1 ENOMEM \(INJECTED\), by rule 1, in main \(fio, pid [0-9]+\)$'
	assert_stderr_line '^shmcheck: rule 1: shmat:error=ENOMEM: 1 hit, 1 matching call$'
	# The twin: without the fault there is neither.
	run --separate-stderr "$shmcheck" run -- fio --name=job --ioengine=null --size=1m --output=out
	assert_status 0
	refute_stderr_line 'leak|after|rule'
}

@test "hits and matches of every rule are at the end of the text and in the JSON summary" {
	run --separate-stderr "$shmcheck" run "--report=json:$PWD/report" --report=text --inject=shmget:error=ENOSPC:when=2:name=second \
		--inject='shmdt:error=EINVAL:expect=any' -- perl -e 'shmget(0, 4096, 0600) for 1..3; shmctl($_, 0, 0) for 0..9; 1'
	assert_stderr_line '^shmcheck: rule 1: shmget:error=ENOSPC:when=2:name=second: 1 hit, 3 matching calls$'
	assert_stderr_line '^shmcheck: rule 2: shmdt:error=EINVAL:expect=any: 0 hits, 0 matching calls$'
	python3 - report <<-'END'
		import json, sys
		objects = [json.loads(line) for line in open(sys.argv[1])]
		assert [o for o in objects if o["type"] == "rule"] == [
		    {"type": "rule", "version": 1, "number": 1, "text": "shmget:error=ENOSPC:when=2:name=second", "name": "second",
		     "matches": 3, "hits": 1, "expect": "hit"},
		    {"type": "rule", "version": 1, "number": 2, "text": "shmdt:error=EINVAL:expect=any", "name": None,
		     "matches": 0, "hits": 0, "expect": "any"}], objects
		assert objects[-1]["seed"] is None
	END
}

@test "a run without rules has none in its reports" {
	run --separate-stderr "$shmcheck" run "--report=json:$PWD/report" --report=text -- perl -e "$perl_once"
	refute_stderr_line 'rule|seed'
	run grep '"type":"rule"' report
	[ -z "$output" ]
}

@test "JSON has the fault beside the finding, marked, with its rule" {
	"$shmcheck" run "--report=json:$PWD/report" --inject=shmctl.RMID:error=EPERM:when=2+ -- perl -e \
		'my @id = map { shmget(0, 4096, 0600) } 1..2; shmctl($_, 0, 0) for @id; exit 1' || [ $? -eq 1 ]
	"$shmcheck" run --show=note "--report=json:$PWD/report" --inject=shmctl.RMID:error=EPERM:when=2+ -- perl -e \
		'my @id = map { shmget(0, 4096, 0600) } 1..2; shmctl($_, 0, 0) for @id; exit 1' || [ $? -eq 1 ]
	python3 - report <<-'END'
		import json, sys
		leak = [f for f in map(json.loads, open(sys.argv[1])) if f.get("id") == "segment-leak"]
		assert len(leak) == 1 and leak[0]["severity"] == "note", leak
		after = leak[0]["after"]
		assert after["call"].endswith("= -1 EPERM (INJECTED)") and after["injected"] and not after["world"], after
		assert after["rule"] == 1 and after["stack"]["frames"], after
		assert leak[0]["reproduce"][:3] == ["shmcheck", "run", "--inject=shmctl.RMID:error=EPERM:when=2+"], leak[0]["reproduce"]
	END
}

@test "what is printed to reproduce a finding finds it again, draws and all" {
	"$shmcheck" run "--report=json:$PWD/first" --seed=5 --inject='shmctl.RMID:error=EPERM:p=0.3' --fail-on=warning -- \
		perl -e 'for (1..20) { my $id = shmget(0, 4096 * $_, 0600); shmctl($id, 0, 0) }' || [ $? -eq 23 ]
	python3 - first <<-'END' >./line
		import json, shlex, sys
		finding = [f for f in map(json.loads, open(sys.argv[1])) if f["type"] == "finding"][0]
		assert finding["id"] == "segment-leak", finding
		print(shlex.join(finding["reproduce"][1:]))
	END
	grep -q -- --seed=5 line
	eval "$shmcheck $(sed 's/^run /run --report=json:second /' line)" || [ $? -eq 23 ]
	bytes() { python3 -c 'import json, sys; print([(o.get("text"), o.get("hits"), o.get("count")) for o in map(json.loads, open(sys.argv[1])) if o["type"] in ("rule", "finding")])' "$1"; }
	[ "$(bytes first)" = "$(bytes second)" ] || fail "$(bytes first)" "$(bytes second)"
}

@test "what is printed to reproduce a finding has every option that changed the run" {
	options=('--limits=shmmni=1,shmmax=65536' --stacks=create --timeout=20000ms --linger=1500ms --sleep-scale=0.5 --crash)
	full='defined(shmget(0, 4096, 0600)) or die $!; defined(shmget(0, 4096, 0600)) or print "full\n"; print "<$_>\n" for @ARGV'
	"$shmcheck" run "--report=json:$PWD/first" --log=log "${options[@]}" -- perl -e "$full" 'a b' $'c\nd' "e'f\"" "" >out || [ $? -eq 23 ]
	"$shmcheck" report --report=json:kept log || [ $? -eq 1 ]
	for report in first kept; do
		python3 - "$report" "${options[@]}" >./line <<-'END'
			import json, shlex, sys
			finding = [f for f in map(json.loads, open(sys.argv[1])) if f["type"] == "finding"][0]
			options = finding["reproduce"][2:]
			assert options[:len(sys.argv) - 2] == sys.argv[2:], options
			assert finding["shell"].startswith("shmcheck run "), finding
			print(finding["shell"][len("shmcheck "):])
		END
		eval "$shmcheck $(cat line)" >again 2>err || [ $? -eq 23 ]
		diff out again
	done
}

@test "a rule that never fired is an error, with the reason" {
	run --separate-stderr "$shmcheck" run --inject=shmat:error=ENOMEM -- perl -e "$perl_once"
	assert_status 23
	assert_finding 'fault-not-hit: .*rule 1, shmat:error=ENOMEM: no call passed its filters \(matching calls: 0\)'
	run --separate-stderr "$shmcheck" run --inject=shmget:error=ENOSPC:when=500 -- perl -e "$perl_once"
	assert_status 23
	assert_finding 'fault-not-hit: .*fewer matching calls than its when asks for \(matching calls: 1\)'
	run --separate-stderr "$shmcheck" run --inject='shmget:error=ENOSPC;shmget:error=ENOMEM' -- perl -e "$perl_once"
	assert_finding 'fault-not-hit: .*rule 2, .*an earlier rule gave the result'
	run --separate-stderr "$shmcheck" run --inject=shmat:error=ENOMEM:expect=any -- perl -e "$perl_once"
	assert_status 0
	run --separate-stderr "$shmcheck" run --inject=shmat:error=ENOMEM:p=0.5 --seed=3 -- perl -e "$perl_once"
	assert_status 0
	assert_stderr_line '^shmcheck: seed 3: '
}

@test "a failed removal is excused: a note when it was noticed, a warning when it was not" {
	run --separate-stderr "$shmcheck" run --inject=shmctl.RMID:error=EPERM -- perl -e "$perl_once"
	assert_status 2
	assert_stderr_line 'SUMMARY: 0 errors, 0 warnings, 1 note;'
	careless='my $id = shmget(0, 4096, 0600); shmctl($id, 0, 0); exit 0'
	run --separate-stderr "$shmcheck" run --inject=shmctl.RMID:error=EPERM -- perl -e "$careless"
	assert_status 0
	assert_finding 'warning: segment-leak: .*A rule failed its removal, and the program did not notice'
	again='my $id = shmget(0, 4096, 0600); shmctl($id, 0, 0) or shmctl($id, 0, 0); exit 0'
	run --separate-stderr "$shmcheck" run --inject=shmctl.RMID:error=EPERM -- perl -e "$again"
	assert_status 0
	assert_stderr_line 'SUMMARY: 0 errors, 0 warnings, 1 note;'
	run --separate-stderr "$shmcheck" run --inject=shmctl.RMID:error=EPERM:when=1 -- perl -e "$again"
	assert_status 0
	assert_stderr_line 'SUMMARY: 0 errors, 0 warnings, .* 0 left;'
	# What would have leaked anyway is no excuse.
	run --separate-stderr "$shmcheck" run --inject=shmctl.STAT:error=EACCES:expect=any -- perl -e "$perl_leak"
	assert_status 23
}

@test "a failed shmdt is excused, or warned of when nobody noticed" {
	detach() { printf 'import ctypes, sys; c = ctypes.CDLL(None, use_errno=True); c.shmat.restype = ctypes.c_void_p; i = c.shmget(0, 4096, 0o600); a = c.shmat(i, None, 0); c.shmctl(i, 0, None); r = c.shmdt(ctypes.c_void_p(a)); sys.exit(%s)' "$1"; }
	run --separate-stderr "$shmcheck" run --show=note --inject=shmdt:error=EINVAL -- python3 -c "$(detach '1 if r else 0')"
	assert_status 1
	assert_finding 'note: attach-leak: .*a rule failed the shmdt .* Excused\.'
	run --separate-stderr "$shmcheck" run --inject=shmdt:error=EINVAL -- python3 -c "$(detach 0)"
	assert_status 0
	assert_finding 'warning: attach-leak: .*The program did not notice\.'
	run --separate-stderr "$shmcheck" run -- python3 -c "$(detach 0)"
	refute_stderr_line 'attach-leak'
}

@test "a kill that a rule sent makes the leak a warning, a kill of somebody else's does not" {
	run --separate-stderr "$shmcheck" run --inject=shmget:signal=KILL -- perl -e "$perl_once"
	assert_status 137
	assert_finding 'warning: segment-leak: .*A rule killed the process'
	assert_stderr_line '^    after       shmget\(IPC_PRIVATE, 4096, 0600\) = 0 \(INJECTED SIGKILL\), by rule 1'
	run --separate-stderr "$shmcheck" run --inject=shmctl:signal=KILL@enter -- perl -e "$perl_once"
	assert_status 137
	assert_finding 'warning: segment-leak: .*A rule killed the process'
	assert_stderr_line '^    after       shmctl\(0, IPC_RMID\) \(never returned\) \(INJECTED SIGKILL\), by rule 1'
	run --separate-stderr "$shmcheck" run -- perl -e 'my $id = shmget(0, 4096, 0600); kill KILL => $$'
	assert_status 137
	assert_stderr_line 'error: segment-leak'
}

@test "a signal makes a delay no shorter" {
	local often='use Time::HiRes qw(ualarm time); my ($signals, $begun) = (0, time); $SIG{ALRM} = sub { $signals++ };
		ualarm(50000, 50000); shmctl(shmget(0, 4096, 0600), 0, 0); print $signals && time - $begun >= 0.5 ? "late" : "early"'
	run --separate-stderr "$shmcheck" run --inject=shmget:delay_exit=500ms -- perl -e "$often"
	[ "$output" = late ] || fail "$output"
}

@test "a delayed call is marked" {
	run --separate-stderr "$shmcheck" run --inject=shmget:delay_exit=1ms -- perl -e "$perl_leak"
	assert_stderr_line '^    after       shmget\(.*\) = 0 \(DELAYED\), by rule 1'
}

@test "a kept log has the rules, their counts and the faults" {
	"$shmcheck" run --quiet --log=log "--report=text:$PWD/report" --inject=shmat:error=ENOMEM:expect=any --inject=shmget:error=ENOSPC:p=0.5 \
		--seed=2 --show=note -- perl -e 'for (1..4) { my $id = shmget(0, 4096, 0600) } kill KILL => $$' || true
	run --separate-stderr "$shmcheck" report --show=note log
	diff <(grep -v SUMMARY report) <(grep -v SUMMARY <<<"$stderr")
	assert_stderr_line '^shmcheck: rule 2: shmget:error=ENOSPC:p=0.5: [0-9] hits?, 4 matching calls$'
	assert_stderr_line '^shmcheck: seed 2: '
	"$shmcheck" run --quiet --log=log --inject=shmat:error=ENOMEM --report=text:report -- perl -e "$perl_once" || [ $? -eq 23 ]
	run --separate-stderr "$shmcheck" report log
	assert_status 1
	assert_finding 'fault-not-hit'
}

@test "verbose shows the rules in canonical form before the program starts" {
	run --separate-stderr "$shmcheck" run --verbose --inject=shmctl,shmget:when=1+:error=EIO:effect=skip -- sh -c 'echo started >&2'
	assert_stderr_line '^rule 1: shmget,shmctl:error=EIO$'
	[ "$(grep -n '^rule 1' <<<"$stderr" | cut -d: -f1)" -lt "$(grep -n '^started$' <<<"$stderr" | cut -d: -f1)" ]
}

# The exact words of each door. ARGUMENT EXPECTED…
assert_refused() {
	local argument=$1
	shift
	run --separate-stderr "$shmcheck" run "$argument" -- touch started
	assert_status 125
	[ "$stderr" = "$(printf '%s\n' "$@")" ] || fail "expected:" "$@" "it was:" "$stderr"
	[ ! -e started ]
}

@test "a bad rule is refused on the command line and in a file, in the same words" {
	assert_refused --inject=shmat:error=ENOMEN "shmcheck: --inject: column 13: unknown errno: 'ENOMEN'" \
		'    shmat:error=ENOMEN' '                ^^^^^^' "    did you mean 'ENOMEM'?" "    expected: a name such as ENOMEM"
	assert_refused '--inject=shmat:error=ENOMEM;shmt:when=2' "shmcheck: --inject: rule 2, column 20: unknown call: 'shmt'" \
		'    shmat:error=ENOMEM;shmt:when=2' '                       ^^^^' "    did you mean 'shmat'?" \
		'    expected: ftok, shmget, shmat, shmdt, shmctl, shmctl.RMID and the like, or all'
	printf '# mine\nshmat:error=ENOMEM\nshmdt:erorr=EINVAL\n' >rules
	assert_refused --inject-file=rules "shmcheck: rules: line 3, column 7: unknown key: 'erorr'" \
		'    shmdt:erorr=EINVAL' '          ^^^^^' "    did you mean 'error'?" \
		'    expected: error, retval, effect, world, signal, delay_enter, delay_exit, when, p, scope, if, in, name or expect'
	assert_refused --inject-file=absent "shmcheck: --inject-file: cannot read 'absent': No such file or directory"
	assert_refused '--inject=shmget:world=removed:error=EACCES' \
		"shmcheck: --inject: column 8: world and a forged result contradict each other: 'world=removed'" \
		'    shmget:world=removed:error=EACCES' '           ^^^^^^^^^^^^^' '    expected: world, or error, or retval'
}

@test "of a long line only what is around the bad word is shown" {
	long=$(printf 'shmat:error=EIO:expect=any;%.0s' {1..30})
	run --separate-stderr "$shmcheck" run --inject="${long}shmta:error=EIO;$long" -- touch started
	assert_status 125
	[ ! -e started ]
	[ "$(awk '{ if (length > most) most = length } END { print most + 0 }' <<<"$stderr")" -lt 200 ]
	# what stands above the carets
	[ "$(awk '/\^/ { print substr(line, index($0, "^"), gsub(/\^/, "")) } { line = $0 }' <<<"$stderr")" = shmta ]
	head -c 5000 /dev/zero >zeros
	run --separate-stderr "$shmcheck" run --inject-file=zeros -- touch started
	assert_status 125
	[ "$(wc -c <<<"$stderr")" -lt 700 ]
	# within é there is no cut
	run --separate-stderr "$shmcheck" run --inject="shmat:name=$(printf 'é%.0s' {1..150})" -- true
	assert_status 125
	iconv -f UTF-8 -t UTF-16 <<<"$stderr" >/dev/null
	[[ $stderr != *\?* ]]
}

@test "a rule that asks for a caller looks no further than the stack goes" {
	gcc -O2 -fomit-frame-pointer -Wno-infinite-recursion -o alternate "$BATS_TEST_DIRNAME/stacks/alternate.c" -lpthread
	local site
	site=$(objdump -d alternate | awk '/call.*<shmget@plt>/ { getline; sub(":", "", $1); print $1; exit }')
	# a handler on an alternate stack, behind which nothing is mapped
	run --separate-stderr "$shmcheck" run --inject="shmget:error=ENOSPC:expect=any:in=alternate+0x$site<0xabcde" -- ./alternate plain
	assert_status 23
	assert_stderr_line ': 0 hits, '
	assert_stderr_line 'program exited 0$'
}
