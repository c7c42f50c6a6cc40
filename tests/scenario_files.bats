#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bad scenario files: each message whole, with line and column; and that nothing ran.

load scenario

# The file on standard input is refused with status 2 and the message "FILE:$1".
refuses() {
	scenario
	run_scenario
	echo "$output"
	[ "$status" -eq 2 ]
	[ "$output" = "shmcheck: $file:$1" ]
}

# A whole scenario with the lines on standard input behind it, which begin with line 5.
refuses_behind() {
	refuses "$1" < <(
		cat <<-'YAML'
		name: bad
		processes:
		  - {name: writer, command: [programs/actor]}
		  - {name: reader, command: [programs/actor]}
		YAML
		sed 's/^\t*//'
	)
}

@test "an unknown key, near to one and not" {
	refuses "4:5: unknown key 'comand' in 'processes': did you mean 'command'?" <<-'YAML'
	name: bad
	processes:
	  - name: a
	    comand: ["true"]
	YAML
	refuses_behind "5:1: unknown key 'zzzzzzz' in 'scenario': expected one of name, description, tags, skip, matrix, segments, limits, processes, order, signals, inject, seed, expect, timeout, linger, repeat, crashes, explore" <<-'YAML'
	zzzzzzz: 1
	YAML
	refuses_behind "5:37: unknown key 'zzz' in 'processes': expected one of name, exit, signal, stdout, stdout-regex, stderr, stderr-regex" <<-'YAML'
	expect: {processes: [{name: writer, zzz: 1}]}
	YAML
}

@test "lists within lists without end are refused at once" {
	refuses "1:33: a list or mapping within 32 others: no scenario needs so many" < <(printf '[%.0s' {1..200000})
	refuses "2:1: not YAML: did not find expected node content while parsing a flow node" < <(printf '[%.0s' {1..32})
}

@test "a key given twice, or missing" {
	refuses_behind "6:1: 'timeout' is given twice: expected it once" <<-'YAML'
	timeout: 1s
	timeout: 2s
	YAML
	refuses "3:5: 'command' is missing in 'processes'" <<-'YAML'
	name: bad
	processes:
	  - name: a
	YAML
	refuses "1:1: 'processes' is missing in 'scenario'" <<-'YAML'
	name: bad
	YAML
}

@test "values of the wrong type" {
	refuses "1:12: 'processes' is 'x': expected a list ([...] or lines that begin with -)" <<-'YAML'
	processes: x
	name: bad
	YAML
	refuses_behind "5:8: 'order' is a mapping: expected a list ([...] or lines that begin with -)" <<-'YAML'
	order: {a: b}
	YAML
	refuses_behind "5:9: 'expect' is a list: expected a mapping (KEY: VALUE)" <<-'YAML'
	expect: []
	YAML
	refuses_behind "5:9: 'repeat' is 'often': expected a whole number from 0 to 4294967295" <<-'YAML'
	repeat: often
	YAML
	refuses_behind "5:26: 'segments-left' is '-1': expected a whole number from 0 to 4294967295" <<-'YAML'
	expect: {segments-left:  -1}
	YAML
	refuses_behind "5:21: 'timed-out' is 'maybe': expected true or false" <<-'YAML'
	expect: {timed-out: maybe}
	YAML
	refuses "1:6: 'name' has no value: expected a text" <<-'YAML'
	name:
	processes: [{name: a, command: ["true"]}]
	YAML
	refuses "2:33: 'command' is empty: expected at least 1" <<-'YAML'
	name: bad
	processes: [{name: a,  command: []}]
	YAML
	refuses_behind "5:8: 'tags' is a mapping: expected a text" <<-'YAML'
	tags: [{a: b}]
	YAML
}

@test "what is not YAML, not one document, or nothing" {
	refuses "3:1: not YAML: could not find expected ':' while scanning a simple key" <<-'YAML'
	name: bad
	zzz
	tags: [a
	YAML
	refuses "2:1: not YAML: found unknown escape character while parsing a quoted scalar" < <(printf 'name: "\n\\q"\n')
	refuses "4:1: a second document: expected one scenario a file" <<-'YAML'
	name: bad
	processes: []
	---
	name: worse
	YAML
	refuses "1:1: nothing in it: expected a scenario" <<<''
	refuses "1:1: 'scenario' is 'x': expected a mapping (KEY: VALUE)" <<<x
}

@test "names of processes" {
	refuses "2:20: '1st' is no name of a process: expected letters, digits, _ and -, the first a letter, at most 40, and not 'all' or 'others'" <<-'YAML'
	name: bad
	processes: [{name: 1st, command: ["true"]}]
	YAML
	refuses "4:12: the name 'a' is given twice: expected one that no other process has" <<-'YAML'
	name: bad
	processes:
	  - {name: a, command: ["true"]}
	  - {name: a, command: ["true"]}
	YAML
	refuses "4:12: the name 'a-2' is given twice: expected one that no other process has" <<-'YAML'
	name: bad
	processes:
	  - {name: a, instances: 3, command: ["true"]}
	  - {name: a-2, command: ["true"]}
	YAML
	refuses "2:34: 'instances' is 0: expected a whole number from 1 to 64" <<-'YAML'
	name: bad
	processes: [{name: a, instances: 0, command: ["true"]}]
	YAML
}

@test "a role that nobody has: in order, inject, signals, expectations, start and stop" {
	refuses_behind "6:27: no process is called 'raeder': did you mean 'reader'?" <<-'YAML'
	order:
	  - writer.shmget.1     < raeder.shmget.1
	YAML
	refuses_behind "6:5: no process is called 'somebody': expected a name of 'processes'" <<-'YAML'
	order:
	  - somebody.start < reader.start
	YAML
	refuses_behind "6:5: no process has the role 'reder': did you mean 'reader'?" <<-'YAML'
	inject:
	  - reder/shmat:error=ENOMEM
	YAML
	refuses_behind "6:26: no process is called 'nobody': expected a name of 'processes'" <<-'YAML'
	signals:
	  - {signal: SIGINT, to: nobody, after: writer.start}
	YAML
	refuses_behind "5:29: no process is called 'witer': did you mean 'writer'?" <<-'YAML'
	expect: {processes: [{name: witer}]}
	YAML
	refuses "2:58: no process is called 'b': expected a name of 'processes'" <<-'YAML'
	name: bad
	processes: [{name: a, command: ["true"], start-after: [  b.exit]}]
	YAML
	refuses "2:58: no process is called 'b': expected a name of 'processes'" <<-'YAML'
	name: bad
	processes: [{name: a, command: ["true"], stop: {after: [ b.exit]}}]
	YAML
}

@test "points that there are not" {
	refuses_behind "6:12: unknown call 'shmgit': did you mean 'shmget'?" <<-'YAML'
	order:
	  - writer.shmgit < reader.shmget
	YAML
	refuses_behind "6:12: unknown call 'attach': expected a call such as shmget, point, start or exit" <<-'YAML'
	order:
	  - writer.attach < reader.shmget
	YAML
	refuses_behind "6:35: unknown command 'RMIT' of shmctl: did you mean 'RMID'?" <<-'YAML'
	order:
	  - writer.shmget < reader.shmctl.RMIT
	YAML
	refuses_behind "6:19: '0': expected a number, counted from 1" <<-'YAML'
	order:
	  - writer.shmget.0 < reader.shmget
	YAML
	refuses_behind "6:18: there is one start: nothing may follow it" <<-'YAML'
	order:
	  - writer.start.1 < reader.shmget
	YAML
	refuses_behind "6:5: 'writer' is no point: expected ROLE.CALL.N, ROLE.point.NAME, ROLE.start or ROLE.exit" <<-'YAML'
	order:
	  - writer < reader.shmget
	YAML
	refuses_behind "6:18: '' is no name of a point: expected letters, digits, _ and -, at most 47" <<-'YAML'
	order:
	  - writer.point < reader.shmget
	YAML
	refuses_behind "6:5: 'writer.shmget' orders nothing: expected POINT < POINT" <<-'YAML'
	order:
	  - writer.shmget
	YAML
	refuses_behind "6:20: a point is missing: expected POINT < POINT" <<-'YAML'
	order:
	  - writer.shmget <
	YAML
}

@test "an order that goes in a circle: by constraints, by a process's own steps, by its start and end" {
	refuses_behind "7:23: this order goes in a circle, so nobody could begin: writer.shmget.1 < reader.shmget.1 < writer.shmget.1" <<-'YAML'
	order:
	  - writer.shmget < reader.shmget
	  - reader.shmget   < writer.shmget
	YAML
	refuses_behind "7:21: this order goes in a circle, so nobody could begin: reader.shmget.1 < reader.shmget.2 < writer.shmget.1 < reader.shmget.1" <<-'YAML'
	order:
	  - reader.shmget.2 < writer.shmget
	  - writer.shmget < reader.shmget.1
	YAML
	refuses_behind "6:19: this order goes in a circle, so nobody could begin: writer.shmget.1 < writer.exit < writer.shmget.1" <<-'YAML'
	order:
	  - writer.exit < writer.shmget
	YAML
	refuses_behind "6:23: this order goes in a circle, so nobody could begin: writer.start < writer@1.shmget.1 < writer.start" <<-'YAML'
	order:
	  - writer@1.shmget < writer.start
	YAML
	refuses_behind "6:21: this order goes in a circle, so nobody could begin: writer.shmget.1 < writer.shmget.1" <<-'YAML'
	order:
	  - writer.shmget < writer.shmget.1
	YAML
}

@test "rules: the word, and what is near" {
	refuses_behind "6:24: bad rule: unknown errno 'ENOMEN': did you mean 'ENOMEM'?" <<-'YAML'
	inject:
	  - reader/shmat:error=ENOMEN
	YAML
	refuses_behind "5:11: no rule in it: see shmcheck-rules(7)" <<-'YAML'
	inject: ["# a comment"]
	YAML
}

@test "signals: unknown, at two points or none, for several" {
	refuses_behind "5:20: 'SIGFOO' is no signal: expected a name such as SIGINT or SIGKILL" <<-'YAML'
	signals: [{signal: SIGFOO, to: writer, after: writer.start}]
	YAML
	refuses_behind "5:11: neither 'after' nor 'before': expected one of them" <<-'YAML'
	signals: [{signal: SIGINT, to: writer}]
	YAML
	refuses_behind "5:11: both 'after' and 'before': expected one of them" <<-'YAML'
	signals: [{signal: SIGINT, to: writer, after: writer.start, before: writer.exit}]
	YAML
	refuses_behind "5:47: nobody is there any more after 'writer.exit'" <<-'YAML'
	signals: [{signal: SIGINT, to: writer, after: writer.exit}]
	YAML
	refuses "3:32: 'a' has 2 instances: expected one of them, such as 'a-1'" <<-'YAML'
	name: bad
	processes: [{name: a, instances: 2, command: ["true"]}]
	signals: [{signal: SIGINT, to: a, after: a-1.start}]
	YAML
}

@test "expectations that mean nothing" {
	refuses_behind "5:21: unknown finding 'segment-leek': expected 'segment-leak'" <<-'YAML'
	expect: {findings: [segment-leek]}
	YAML
	refuses_behind "5:21: 'segment-leak many': expected \"finding\" or \"finding COUNT\", COUNT being N, N+ or N..M" <<-'YAML'
	expect: {findings: [segment-leak many]}
	YAML
	refuses_behind "5:35: 'segment-leak' is given twice: expected it once, with a count" <<-'YAML'
	expect: {findings: [segment-leak, segment-leak 2]}
	YAML
	refuses_behind "5:43: 'exit' is '256': expected a number from 0 to 255, nonzero or any" <<-'YAML'
	expect: {processes: [{name: reader, exit: 256}]}
	YAML
	refuses_behind "5:54: both 'exit' and 'signal': expected one of them" <<-'YAML'
	expect: {processes: [{name: reader, exit: 1, signal: SIGINT}]}
	YAML
	refuses_behind "5:52: '(' is no regular expression: Unmatched ( or \\(" <<-'YAML'
	expect: {processes: [{name: reader, stdout-regex:  (}]}
	YAML
	refuses_behind "5:21: neither 'key' nor 'ftok': expected one of them" <<-'YAML'
	expect: {segments: [{size: 1}]}
	YAML
	refuses_behind "5:21: 'exists: false' and yet a property: expected nothing but a key beside it" <<-'YAML'
	expect: {segments: [{key: 1, exists: false, size: 1}]}
	YAML
}

@test "planted segments, limits, durations, environment, users that mean nothing" {
	refuses_behind "5:12: 'key' is 0: expected a key of 32 bits that is not 0 (IPC_PRIVATE)" <<-'YAML'
	segments: [{key: 0, size: 1}]
	YAML
	refuses_behind "5:12: 'size' is 2: expected at least 1 and the 3 bytes of its content" <<-'YAML'
	segments: [{key: 1, size: 2, content: abc}]
	YAML
	refuses_behind "5:12: 'mode' is 01000: expected one from 0 to 0777" <<-'YAML'
	segments: [{key: 1, size: 2, mode: 01000}]
	YAML
	refuses_behind "5:12: 'content-hex' is '0x': expected numbers of two hexadecimal digits" <<-'YAML'
	segments: [{key: 1, size: 2, content-hex: 0x}]
	YAML
	refuses_behind "5:18: 'shmmni': expected a whole number from 0 to 32768" <<-'YAML'
	limits: {shmmni: 40000}
	YAML
	refuses_behind "5:18: 'shmmni' is 'many': expected a whole number that fits in 64 bits" <<-'YAML'
	limits: {shmmni: many}
	YAML
	refuses_behind "5:10: 'timeout' is '0': must be longer than nothing" <<-'YAML'
	timeout: 0
	YAML
	refuses_behind "5:10: 'timeout' is 'soon': expected a duration such as 500ms, 5s or 2m" <<-'YAML'
	timeout: soon
	YAML
	refuses_behind "5:17: unknown condition 'Monday': expected root, namespace, command:NAME, environment:NAME, file:PATH or architecture:NAME" <<-'YAML'
	skip: [{unless: Monday, why: x}]
	YAML
	refuses "2:56: 'SHMCHECK_LOG=x': the SHMCHECK_ variables are shmcheck's own" <<-'YAML'
	name: bad
	processes: [{name: a, command: ["true"], environment: [SHMCHECK_LOG=x]}]
	YAML
	refuses "2:48: no user 'no-such-user': expected a name or a number of a user" <<-'YAML'
	name: bad
	processes: [{name: a, command: ["true"], user: no-such-user}]
	YAML
}

@test "programs that are not there" {
	refuses "2:33: no program 'no-such-program' in PATH" <<-'YAML'
	name: bad
	processes: [{name: a, command: [no-such-program]}]
	YAML
	refuses "2:33: no program 'programs/no-such': looked from $BATS_TEST_TMPDIR, from each --programs, and in the folder scenarios beside shmcheck" <<-'YAML'
	name: bad
	processes: [{name: a, command: [programs/no-such]}]
	YAML
}

@test "matrix and variables" {
	refuses_behind "5:17: 'size' in 'matrix': expected a list of values" <<-'YAML'
	matrix: {size:  1}
	YAML
	refuses_behind "5:10: the name 'work' is taken: \${work} is a folder" <<-'YAML'
	matrix: {work: [1]}
	YAML
	refuses "3:49: unknown name in '\${siez}': expected 'size' (\$\${ gives \${)" <<-'YAML'
	name: bad
	matrix: {size: [1]}
	processes: [{name: a, command: ["true", "--size=${siez}"]}]
	YAML
	refuses_behind "5:14: '\${' without '}': expected \${NAME}" <<-'YAML'
	description: ${work
	YAML
	# in the second combination only
	refuses "3:9: 'repeat' is 'often': expected a whole number from 0 to 4294967295" <<-'YAML'
	name: bad
	matrix: {times: [1, often]}
	repeat: ${times}
	processes: [{name: a, command: ["true"]}]
	YAML
}

@test "all bad files of a folder are told, and no good one runs" {
	mkdir "$BATS_TEST_TMPDIR/all"
	file=$BATS_TEST_TMPDIR/all/1.yaml
	scenario <<<'nam: x'
	file=$BATS_TEST_TMPDIR/all/2.yaml
	scenario <<<'[]'
	file=$BATS_TEST_TMPDIR/all/3.yaml
	scenario <<-YAML
	name: good
	processes: [{name: a, command: [touch, $BATS_TEST_TMPDIR/ran]}]
	YAML
	file=$BATS_TEST_TMPDIR/all
	run_scenario
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = "shmcheck: $file/1.yaml:1:1: unknown key 'nam' in 'scenario': did you mean 'name'?" ]
	[ "${lines[1]}" = "shmcheck: $file/2.yaml:1:1: 'scenario' is a list: expected a mapping (KEY: VALUE)" ]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "files that are not there, folders without any" {
	file=$BATS_TEST_TMPDIR/absent.yaml
	run_scenario
	[ "$status" -eq 2 ]
	[ "$output" = "shmcheck: '$file' cannot be read: No such file or directory" ]
	mkdir "$BATS_TEST_TMPDIR/empty"
	file=$BATS_TEST_TMPDIR/empty
	run_scenario
	[ "$status" -eq 2 ]
	[ "$output" = "shmcheck: '$file': no scenario in it: expected files named *.yaml or *.yml" ]
}

@test "a folder that is not there, and a process that is expected twice" {
	refuses "3:43: no folder 'no/such': looked from $BATS_TEST_TMPDIR" <<-'YAML'
	name: bad
	processes:
	  - {name: a, command: ["true"], folder: "no/such"}
	YAML
	refuses_behind "5:54: 'writer' is given twice: expected it once" <<-'YAML'
	expect: {processes: [{name: writer, exit: 1}, {name: writer, exit: 0}]}
	YAML
}

@test "options that mean nothing are refused, and nothing runs" {
	scenario <<-YAML
	name: good
	processes: [{name: a, command: [touch, $BATS_TEST_TMPDIR/ran]}]
	YAML
	while IFS='|' read -r option message; do
		run_scenario "$option"
		[ "$status" -eq 2 ] || fail "$option: status $status" "$output"
		[ "${lines[0]}" = "$message" ] || fail "$option:" "$output"
	done <<-'END'
		--tags=|shmcheck scenario: --tags=: a tag is missing at column 1
		--tags=a,!|shmcheck scenario: --tags=a,!: a tag is missing at column 4
		--programs=no/such|shmcheck scenario: --programs=no/such: not a folder
		--repeat=-1|shmcheck scenario: --repeat=-1: expected a whole number from 1 to 1000000
		--jobs=0|shmcheck scenario: --jobs=0: expected a whole number from 1 to 256
		--point=x|shmcheck: --point=x: no scenario here has a section explore
	END
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "names that would disturb a terminal are made printable, and the command line is one for a shell" {
	file=$BATS_TEST_TMPDIR/$'two words\n\e.yaml'
	scenario <<-'YAML'
	name: "red \e[31m"
	tags: ["a\nb"]
	processes: [{name: a, command: ["false"]}]
	YAML
	run_scenario --list
	[ "$output" = "$BATS_TEST_TMPDIR/two words\\x0a\\x1b.yaml: red \\x1b[31m [a\\x0ab]" ]
	run_scenario
	[ "$status" -eq 1 ]
	again=$(sed -n 's/^      again: shmcheck //p' <<<"$output")
	eval "run \"\$BUILD/shmcheck\" $again"
	[ "$status" -eq 1 ]
	[[ $output == 'FAIL  red \x1b[31m'* ]]
}
