#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line: statuses, bad usage, what is printed where.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "a clean program has status 0 and one line of summary" {
	run --separate-stderr "$shmcheck" run -- true
	assert_status 0
	[ -z "$output" ]
	assert_stderr_line '^shmcheck: SUMMARY: '
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "quiet prints nothing for a clean program" {
	run --separate-stderr "$shmcheck" run --quiet -- true
	assert_status 0
	[ -z "$output$stderr" ]
}

@test "the program's own status is passed on" {
	run "$shmcheck" run -- sh -c 'exit 7'
	assert_status 7
}

@test "the program's own status outranks its leak" {
	run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak; exit 9"
	assert_status 9
	assert_stderr_line 'segment-leak'
}

@test "death by a signal is 128 and its number" {
	run --separate-stderr "$shmcheck" run -- sh -c 'kill -TERM $$'
	assert_status 143
	run --separate-stderr "$shmcheck" run -- sh -c 'kill -KILL $$'
	assert_status 137
}

@test "a leak is status 23" {
	run --separate-stderr "$shmcheck" run -- perl -e "$perl_leak"
	assert_status 23
	assert_stderr_line 'segment-leak'
	assert_stderr_line '8192'
}

@test "another status for findings can be chosen" {
	run "$shmcheck" run --error-exitcode=77 -- perl -e "$perl_leak"
	assert_status 77
}

@test "with fail-on=never a leak is reported and the status is 0" {
	run --separate-stderr "$shmcheck" run --fail-on=never -- perl -e "$perl_leak"
	assert_status 0
	assert_stderr_line 'segment-leak'
}

@test "a program whose end is not waited for is inconclusive or held, never clean" {
	run --separate-stderr "$shmcheck" run --linger=100ms --show=note -- perl -e \
		'pipe(R, W); fork or do { defined(shmget(0, 8192, 0600)) or die; close R; close STDOUT; close STDERR; close W; sleep 20; }; close W; <R>; exit 0'
	assert_status 0
	assert_stderr_line 'SUMMARY'
	assert_stderr_line 'segment-held'
	refute_stderr_line 'SUMMARY: .*clean'
}

@test "our deadline is status 124" {
	run --separate-stderr "$shmcheck" run --timeout=300ms -- sleep 60
	assert_status 124
}

@test "a deadline ends the whole tree" {
	run --separate-stderr "$shmcheck" run --timeout=500ms -- sh -c 'sleep 61.25 & sleep 61.25 & wait'
	assert_status 124
	run pgrep -f '^sleep 61\.25$'
	assert_status 1
}

@test "a program that is not there is status 127" {
	run --separate-stderr "$shmcheck" run -- ./no-such-program
	assert_status 127
	assert_stderr_line "^shmcheck: .*no-such-program.*No such file"
	run "$shmcheck" run -- no-such-program-anywhere
	assert_status 127
}

@test "a program that cannot be executed is status 126" {
	echo "no program" >plain
	chmod 644 plain
	run --separate-stderr "$shmcheck" run -- ./plain
	assert_status 126
	assert_stderr_line "^shmcheck: .*plain.*Permission denied"
	run "$shmcheck" run -- "$BATS_TEST_TMPDIR"
	assert_status 126
}

@test "bad usage of run is status 125 and says what was meant" {
	run --separate-stderr "$shmcheck" run --isolate=nine -- true
	assert_status 125
	assert_stderr_line "isolate=nine"
	assert_stderr_line "did you mean 'none'"
	run "$shmcheck" run --no-such-option -- true
	assert_status 125
	run "$shmcheck" run
	assert_status 125
	run "$shmcheck" run --timeout=soon -- true
	assert_status 125
	run "$shmcheck" run --timeout=0 -- true
	assert_status 125
	run "$shmcheck" run --report=paper -- true
	assert_status 125
	run "$shmcheck" run --error-exitcode=256 -- true
	assert_status 125
	run "$shmcheck" run --limits=shmmni -- true
	assert_status 125
}

@test "bad usage of the other commands is status 2" {
	for command in report doctor list; do
		run "$shmcheck" "$command"
		assert_status 2
		run "$shmcheck" "$command" --no-such-option
		assert_status 2
	done
	run "$shmcheck"
	assert_status 2
	run "$shmcheck" list no-such-table
	assert_status 2
}

@test "an unknown command names the nearest one" {
	run --separate-stderr "$shmcheck" reprot
	assert_status 2
	assert_stderr_line "did you mean 'report'"
}

@test "a program's own options are not ours" {
	run --separate-stderr "$shmcheck" run -- printf '%s\n' --quiet
	assert_status 0
	[ "$output" = --quiet ]
	run --separate-stderr "$shmcheck" run echo --timeout=0
	assert_status 0
	[ "$output" = --timeout=0 ]
}

@test "help and version are on standard output with status 0" {
	run --separate-stderr "$shmcheck" --help
	assert_status 0
	[ -n "$output" ]
	[ -z "$stderr" ]
	run --separate-stderr "$shmcheck" --version
	assert_status 0
	[[ $output =~ ^shmcheck\ [0-9]+\.[0-9]+ ]]
	for command in run report doctor list; do
		run --separate-stderr "$shmcheck" "$command" --help
		assert_status 0
		[ -n "$output" ]
	done
}

@test "the lists have their rows" {
	run "$shmcheck" list calls
	assert_status 0
	for call in ftok shmget shmat shmdt shmctl; do
		assert_output_line "\\b$call\\b"
	done
	run "$shmcheck" list findings
	assert_status 0
	assert_output_line '\bsegment-leak\b'
}

@test "the report can go to a file and leaves standard error to the program" {
	run --separate-stderr "$shmcheck" run "--report=text:$PWD/report" -- perl -e "$perl_leak; print STDERR qq(own words\n)"
	assert_status 23
	[ "$stderr" = "own words" ]
	grep -q segment-leak report
	tail -n 1 report | grep -q '^shmcheck: SUMMARY: '
}

@test "a report that cannot be written is status 125" {
	run --separate-stderr "$shmcheck" run --report=text:no/such/folder/report -- true
	assert_status 125
	assert_stderr_line 'no/such/folder/report'
}

@test "a log that cannot be created is status 125, before the program starts" {
	run --separate-stderr "$shmcheck" run --log=no/such/folder/log -- touch started
	assert_status 125
	[ ! -e started ]
}

@test "standard input, arguments, environment and folder reach the program unchanged" {
	run --separate-stderr bash -c 'printf "a\nb" | MINE="x y" "$1" run -- sh -c "cat; echo \"|\$MINE|\$1|\$PWD\"" name "a  b"' _ "$shmcheck"
	assert_status 0
	[ "$output" = "a
b|x y|a  b|$PWD" ]
}

@test "a value that an option cannot have is refused with what would be right, and nothing runs" {
	while IFS='|' read -r words message; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$shmcheck" $words -- touch ran
		[ "$status" -eq 2 ] || [ "$status" -eq 125 ] || fail "$words: status $status"
		grep -qF -- "$message" <<<"$stderr" || fail "$words:" "$stderr"
		[ ! -e ran ]
	done <<-'END'
		run --limits=|shmcheck run: --limits: the list is empty
		run --limits=shmmni=-1|shmcheck run: --limits=shmmni=-1: expected a whole number from 0 to 32768
		run --timeout=0|shmcheck run: --timeout=0: must be longer than nothing
		run --error-exitcode=256|expected a whole number from 0 to 255
		explore --calls=|shmcheck explore: --calls: the list is empty
		explore --calls=,|shmcheck explore: --calls: the list is empty
		explore --errnos=|shmcheck explore: --errnos: the list is empty
		explore --ok-exit=|shmcheck explore: --ok-exit: the list is empty
		explore --budget=-1|shmcheck explore: --budget=-1: expected a number of runs, or a time
		explore --budget=99999999999999999999|expected a number of runs, or a time
		explore --shard=1/-1|shmcheck explore: --shard=1/-1: expected I/N with I from 1 to N
		explore --shard=3/2|expected I/N with I from 1 to N
		explore --jobs=0|expected a whole number from 1 to 64
		run --limits=shmmni=1,shmall=5,shmmni=2|shmcheck run: --limits: shmmni at column 19 is given twice
		run --show=never|shmcheck run: --show=never: expected note, warning or error
		run --write-baseline=|shmcheck: cannot write the baseline to '': No such file
		run --log=|shmcheck: cannot write the log to '': No such file
		run --report=json:new/|shmcheck: cannot write the json report to 'new/': Is a directory
		explore --output=|shmcheck: cannot write to --output=: No such file
		explore --errnos=EBADF|--errnos: 'EBADF': expected likely, all, or names such as ENOMEM (shmcheck list errnos)
		explore --signals=0|--signals: '0': expected names such as SIGTERM, or numbers
	END
	run --separate-stderr "$shmcheck" run
	assert_status 125
	assert_stderr_line '^shmcheck run: PROGRAM is missing$'
	run --separate-stderr "$shmcheck" scenario
	assert_status 2
	assert_stderr_line '^shmcheck scenario: FILE\|FOLDER... is missing$'
}

@test "options come before files, and one that comes behind them is taken for no file" {
	run --separate-stderr "$shmcheck" scenario folder --list
	assert_status 2
	assert_stderr_line "^shmcheck scenario: options come first, but '--list' stands behind 'folder'$"
	run --separate-stderr "$shmcheck" report log -v
	assert_status 2
	assert_stderr_line "^shmcheck report: options come first, but '-v' stands behind 'log'$"
	run --separate-stderr "$shmcheck" scenario -- folder --list
	assert_stderr_line "^shmcheck: 'folder' cannot be read: No such file or directory$"
}

@test "a file that is read is not overwritten, but for a baseline" {
	"$shmcheck" run --quiet --log=log -- true
	echo segment-leak >lines
	echo 'shmat:error=EIO:expect=any' >rules
	: >base
	cp log log.before
	for words in 'report --report=json:log log' 'run --suppressions=lines --gen-suppressions=./lines true' \
		'run --inject-file=rules --log=rules true' 'explore --stdin=lines --report=tap:lines true'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$shmcheck" $words
		[ "$status" -eq 2 ] || [ "$status" -eq 125 ] || fail "$words: status $status"
		assert_stderr_line '^shmcheck: .* that is read, and would be overwritten: name another file$'
	done
	cmp log log.before
	run "$shmcheck" run --baseline=base --write-baseline=base -- true
	assert_status 0
}

@test "a word that is no option is refused, printable, with what it may have been" {
	while IFS='|' read -r words message; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$shmcheck" $words touch ran
		[ "$status" -eq 2 ] || [ "$status" -eq 125 ] || fail "$words: status $status"
		[ "$(head -n 1 <<<"$stderr")" = "shmcheck ${words%% *}: $message" ] || fail "$words:" "$stderr"
		[ ! -e ran ]
	done <<-'END'
		run --tiemout=5s|there is no option '--tiemout=5s'; did you mean '--timeout'?
		run --quiet --=5|there is no option '--=5'
		run --timeout 5s -qZ|there is no option '-Z' in '-qZ'
		run --s=1|'--s=1' can be --sleep-scale, --seed, --stacks, --show, --suppressions
		run --quiet=3|'--quiet=3': --quiet takes no value
		run --jobs=4|run has no option --jobs, only explore and scenario
		explore --log=x|explore has no option --log, only run
		report --inject=x|report has no option --inject, only run and explore
		list --program-name=x|there is no option '--program-name=x'
		explain|no argument was expected, but 'touch' follows
	END
	for word in $'--\e[31m\xff\n=\x01' $'-\e' $'-\xff' $'--s=\e' $'--quiet=\xff'; do
		run --separate-stderr "$shmcheck" run "$word" -- touch ran
		assert_status 125
		assert_stderr_line '^shmcheck run: .*\\x(1b|ff)'
		[ "$(wc -l <<<"$stderr")" -eq 2 ]
		! grep -q '[^[:print:]]' <<<"$stderr"
		[ ! -e ran ]
	done
	run --separate-stderr "$shmcheck" run --timeout
	assert_status 125
	assert_stderr_line "^shmcheck run: '--timeout' needs a value$"
	run --separate-stderr "$shmcheck" --quiet -- true
	assert_status 2
	assert_stderr_line "^shmcheck: '--quiet': a command is expected first"
}

@test "two reports in one file are refused before anything runs, unless it is no file" {
	touch there
	ln -s there alias
	for pair in 'new ./new' 'there alias' 'alias there'; do
		run --separate-stderr "$shmcheck" run "--report=json:${pair% *}" "--report=tap:${pair#* }" -- touch ran
		assert_status 125
		assert_stderr_line "^shmcheck: the json report and the tap report would both be written to '${pair#* }': name two"
		run --separate-stderr "$shmcheck" run "--log=${pair% *}" "--write-baseline=${pair#* }" -- touch ran
		assert_status 125
		assert_stderr_line '^shmcheck: the baseline and the log would both be written'
	done
	[ ! -e ran ]
	"$shmcheck" run --report=json:/dev/stdout --report=tap:/dev/stdout -- true >both
	grep -q '^{' both
	grep -q '^ok 1' both
	run "$shmcheck" run --report=json:/dev/null --report=tap:/dev/null -- true
	assert_status 0
}

@test "a standard output that cannot be written is status 125, whoever writes to it" {
	cat >good.yaml <<-'YAML'
	name: good
	processes: [{name: a, command: ["true"]}]
	YAML
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr bash -c '"$@" >/dev/full' full "$shmcheck" $words
		[ "$status" -eq 125 ] || fail "$words: status $status" "$stderr"
		[ "$stderr" = 'shmcheck: standard output is incomplete: writing it failed' ] || fail "$words:" "$stderr"
		# shellcheck disable=SC2086 # words
		"$shmcheck" $words >&- || fail "$words: closed on purpose"
	done <<-'END'
		--help
		--version
		run --help
		list errnos
		doctor true
		scenario --list good.yaml
		explore --list -- ipcmk -M 4096
	END
	run --separate-stderr bash -c '"$1" run -- true >/dev/full' full "$shmcheck"
	assert_status 0
}

@test "no descriptor of ours is open in the program" {
	run --separate-stderr "$shmcheck" run -- sh -c 'ls /proc/self/fd | tr "\n" " "'
	bare=$(sh -c 'ls /proc/self/fd | tr "\n" " "')
	assert_status 0
	diff <(tr ' ' '\n' <<<"$bare" | wc -l) <(tr ' ' '\n' <<<"$output" | wc -l)
}

@test "doctor finds nothing against a dynamic program" {
	run "$shmcheck" doctor true
	assert_status 0
	assert_output_line '^clock: +(the processor|CLOCK_MONOTONIC)'
	SHMCHECK_CLOCK=monotonic run "$shmcheck" doctor true
	assert_output_line '^clock: +CLOCK_MONOTONIC$'
	SHMCHECK_CLOCK=sundial run "$shmcheck" doctor true
	assert_status 2
	assert_output_line 'SHMCHECK_CLOCK=sundial: expected monotonic'
	SHMCHECK_CLOCK=sundial run "$shmcheck" run -- true
	assert_status 125
}

@test "doctor says why the shim cannot enter a static program" {
	printf 'int main(void) { return 0; }\n' >static.c
	gcc -static -o static static.c
	run "$shmcheck" doctor ./static
	[ "$status" -ne 0 ]
	assert_output_line 'static'
}

@test "a static program is never called clean" {
	printf 'int main(void) { return 0; }\n' >static.c
	gcc -static -o static static.c
	run --separate-stderr "$shmcheck" run -- ./static
	assert_status 24
}

@test "the library is found beside the command and in the folders that the manual page names" {
	local place multiarch
	multiarch=$(cc -print-multiarch)
	grep -qF 'beside the command or, seen from there, in ../lib/MULTIARCH, ../lib64 or ../lib.' \
		"$BATS_TEST_DIRNAME/../docs/shmcheck.1"
	for place in bin lib/"$multiarch" lib64 lib; do
		mkdir -p prefix/bin "prefix/$place"
		cp "$shmcheck" prefix/bin
		cp "$BUILD/libshmcheck.so" "prefix/$place"
		run prefix/bin/shmcheck doctor true
		[[ $output == *"library:"*"/prefix/$place/libshmcheck.so"* ]] || fail "$place" "$output"
		rm -r prefix
	done
}
