#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore: each program's table stands in tests/explore/*.table, with how it was called in its first line.

load helper
load explore

setup() {
	cd "$BATS_TEST_TMPDIR"
	programs=$BUILD/tests/programs
	tables=$BATS_TEST_DIRNAME/explore
}

@test "every program gets its table" {
	local table wrong=0
	for table in "$tables"/*.table; do
		explore_table "$table"
		essence <<<"$stderr" >now
		# which thread comes first is for the machine to say
		if ! diff -u <(tail -n +2 "$table" | sort) <(sort now) >difference; then
			echo "$table (status $status):"
			cat difference
			wrong=1
		fi
		if grep -q '^shmcheck: error' now; then
			[ "$status" -eq 1 ] || wrong=1
		elif grep -q '^shmcheck: inconclusive' now; then
			[ "$status" -eq 3 ] || wrong=1
		else
			[ "$status" -eq 0 ] || wrong=1
		fi
	done
	[ "$wrong" -eq 0 ]
}

@test "every finding's command line shows it again" {
	local table line id verdict tried=0
	for table in "$tables"/*.table; do
		grep -q '^shmcheck: error' "$table" || continue
		explore_table "$table"
		while IFS= read -r line; do
			verdict=$(sed -nE 's/.*shmcheck: error: ([a-z-]+): .*/\1/p' <<<"${line%%|*}")
			line=${line#*|}
			run bash -c "$line"
			[ "$status" -eq 1 ] || fail "status $status of: $line"
			id=$(sed -nE "s/.*--point=([^' ]+).*/\1/p" <<<"$line")
			grep -F "\"id\":\"$id\"" again.json | grep -qF "\"verdict\":\"$verdict\"" ||
				fail "not $verdict: $line" "$(cat again.json)"
			tried=$((tried + 1))
		done < <(awk '/^shmcheck: error: /{ head = $0 } /^    reproduce /{ sub(/^    reproduce +/, "");
			sub(/ -- /, " --report=json:again.json -- "); print head "|" $0 }' <<<"$stderr")
	done
	[ "$tried" -ge 6 ] || fail "only $tried lines were tried"
}

@test "a program that sleeps is explored in less time with --sleep-scale, with the same verdicts" {
	local began=$SECONDS
	run --separate-stderr "$shmcheck" explore --sleep-scale=0.05 -- "$programs/victim" forgets-to-remove 10
	assert_status 1
	essence <<<"$stderr" | grep -v coverage >scaled
	[ $((SECONDS - began)) -lt 20 ] || fail "it took $((SECONDS - began)) s"
	explore_table "$tables/victim-forgets-to-remove.table"
	essence <<<"$stderr" | grep -v coverage >plain
	diff scaled plain
}

@test "more jobs run at a time where the runs mostly sleep" {
	jobs_of() {
		"$shmcheck" explore --report=json:jobs.json --calls=ftok "$@" 2>/dev/null
		sed -nE '/"type":"summary"/s/.*"jobs":([0-9]+).*/\1/p' jobs.json
	}
	local processors sleeper=(-- "$programs/victim" none 1)
	processors=$(nproc)
	[ "$(jobs_of "${sleeper[@]}")" -gt $((4 * processors)) ]
	[ "$(jobs_of --jobs=3 "${sleeper[@]}")" -eq 3 ]
	[ "$(jobs_of --isolate=none "${sleeper[@]}")" -eq 1 ]
	[ "$(jobs_of -- "$programs/victim")" -eq "$processors" ]
	[ "$(jobs_of -- perl -e 'use POSIX; 1 while (POSIX::times())[1] < 30')" -eq "$processors" ]
}

@test "one job is one program at a time" {
	local program='mkdir "busy" or exit 9; select undef, undef, undef, 0.01; my $i = shmget(0, 4096, 0600); defined $i and shmctl($i, 0, 0); rmdir "busy"'
	as_user
	chmod 777 .
	for command in "$shmcheck" "${user[*]}"; do
		read -r -a words <<<"$command"
		run --separate-stderr "${words[@]}" explore --jobs=1 -- perl -e "$program"
		assert_stderr_line '(swallowed|recovered)'
		refute_stderr_line 'handled|diverged'
	done
}

@test "what waited for its turn has the parent death signal that it gave itself, or none" {
	local life='my $i = shmget(0, 4096, 0600); defined $i and shmctl($i, 0, 0); open STDOUT, ">>", $ARGV[0]; exec "setpriv", "--dump"'
	run "$shmcheck" explore --jobs=1 -- perl -e "$life" "$PWD/none"
	assert_status 0
	grep 'death signal' none | sort -u >signals
	diff - signals <<<"Parent death signal: [none]"
	run "$shmcheck" explore --jobs=1 -- perl -e 'exec "setpriv", "--pdeathsig", "TERM", "perl", "-e", @ARGV' "$life" "$PWD/own"
	assert_status 0
	grep 'death signal' own | sort -u >signals
	diff - signals <<<"Parent death signal: TERM"
}

@test "what waits for its turn may be killed by the program that has it: it is run all the same" {
	local name=only-$BASHPID
	cp "$(readlink -f "$(command -v perl)")" "$name"
	cat >ends-others.pl <<-'END'
		$^X =~ m{([^/]+)$};
		my @others = grep { $_ != $$ } split " ", `pgrep -x $1`;
		kill "KILL", @others;
		my $i = shmget(0, 4096, 0600);
		defined $i and shmctl($i, 0, 0);
	END
	for server in --jobs=1 --fork-server; do
		run --separate-stderr "$shmcheck" explore --jobs=1 "$server" -- "./$name" ends-others.pl
		assert_status 0
		assert_stderr_line 'swallowed'
		refute_stderr_line 'crash|inconclusive'
	done
}

@test "on one processor nothing waits beside the program: one that bears no other of its name is explored" {
	cat >only-one <<-'END'
		#!/usr/bin/perl
		grep { $_ != $$ } split " ", `pgrep -x $ENV{NAME}` and exit 9;
		my $i = shmget(0, 4096, 0600);
		defined $i and shmctl($i, 0, 0);
	END
	export NAME=only-$BASHPID
	mv only-one "$NAME"
	chmod +x "$NAME"
	local processor
	processor=$(taskset -cp "$BASHPID" | sed -E 's/.*: ([0-9]+).*/\1/')
	run --separate-stderr taskset -c "$processor" "$shmcheck" explore --jobs=1 -- "./$NAME"
	assert_status 0
	assert_stderr_line 'coverage: 10 points known, 10 tried'
}

@test "where no namespace is to be had one job is all" {
	on_own_host unshare --user --map-root-user bash -c 'echo 0 >/proc/sys/user/max_ipc_namespaces && echo 0 >/proc/sys/user/max_user_namespaces &&
		"$1" explore --report=json:shared.json -- "$2" 2>/dev/null' - "$shmcheck" "$programs/victim" || true
	[ "$(sed -nE '/"type":"summary"/s/.*"jobs":([0-9]+).*/\1/p' shared.json)" -eq 1 ]
}

@test "a scaled sleep tells what is left of it in the program's own time, and refuses what sleep refuses" {
	run "$shmcheck" run --sleep-scale=0 -- perl -e 'my $t = time; sleep 100; exit(time - $t > 50)'
	assert_status 0
	run "$shmcheck" run --sleep-scale=0.01 -- perl -MTime::HiRes=alarm,sleep -e \
		'$SIG{ALRM} = sub {}; alarm 0.2; my $slept = CORE::sleep 100; print "$slept\n"'
	assert_status 0
	run "$shmcheck" run --sleep-scale=-1 -- true
	assert_status 125
	run "$shmcheck" run --sleep-scale=1e9 -- true
	assert_status 125
}

@test "the shards together are exactly the points of the whole" {
	"$shmcheck" explore --list --points=all -- "$programs/kin" | sort >whole
	[ "$(wc -l <whole)" -eq 26 ]
	for i in 1 2 3; do
		"$shmcheck" explore --list --points=all --shard=$i/3 -- "$programs/kin"
	done | sort >shards
	diff whole shards
	"$shmcheck" explore --points=all --shard=2/3 --report=json:shard.json --report=text:/dev/null -- "$programs/kin"
	grep '"type":"point"' shard.json | sed -nE 's/.*"id":"([^"]*)".*/\1/p' | sort >tried
	diff <("$shmcheck" explore --list --points=all --shard=2/3 -- "$programs/kin" | sort) tried
}

@test "identities are the same from run to run, stripped or not, and differ between places" {
	"$shmcheck" explore --list -- "$programs/crew" | sort >first
	"$shmcheck" explore --list -- "$programs/crew" | sort >second
	diff first second
	[ "$(sort -u first | wc -l)" -eq "$(wc -l <first)" ]
	strip -o crew "$programs/crew"
	"$shmcheck" explore --list -- ./crew | sort >stripped
	[ "$(sed 's/@[0-9a-f]*//' stripped | sort)" = "$(sed 's/@[0-9a-f]*//' first | sort)" ]
	run "$shmcheck" explore --mode=once -- ./crew first-forgets
	assert_status 1
	refute_output_line() { ! grep -qE -- "$1" <<<"$output"; }
	refute_output_line 'inconclusive|diverged'
}

@test "calls, errnos, mode and budget choose what is tried" {
	run "$shmcheck" explore --list --calls=shmat --errnos=ENOMEM,EIDRM --mode=persist -- "$programs/victim"
	assert_status 0
	diff <(printf '%s\n' "$output" | sed 's/@[0-9a-f]*//') <(printf 'main/shmat#1:ENOMEM:persist\nmain/shmat#1:EIDRM:persist\n')
	run --separate-stderr "$shmcheck" explore --budget=5 --seed=7 -- "$programs/victim"
	assert_status 0
	assert_stderr_line '13 not reached.*; ended early'
	assert_stderr_line 'SUMMARY: .* 5 runs'
	assert_stderr_line 'order of the points was that of --seed=7'
	local seed
	for seed in 1 2 3 4; do # whatever the order, once comes before persist
		run --separate-stderr "$shmcheck" explore --seed="$seed" --calls=shmat --errnos=ENOMEM -- "$programs/victim" retries
		assert_stderr_line '^  main shmat  .* recovered/handled$'
	done
	run --separate-stderr "$shmcheck" explore --point=main/shmat@0#1:ENOMEM:once -- "$programs/victim"
	assert_status 2
	assert_stderr_line 'no point .*--list'
	run --separate-stderr "$shmcheck" explore --list --point=main/nothing -- "$programs/victim"
	assert_status 2
	assert_stderr_line 'no point .*--list'
}

@test "signals come right after each call instead of an error" {
	run --separate-stderr "$shmcheck" explore --signals=SIGTERM,SIGKILL -- "$programs/victim"
	assert_status 1
	essence <<<"$stderr" | sort >now
	diff - now <<-END

		call and place SIGTERM SIGKILL
		main shmat attach leak leak
		main shmctl.RMID drop handled handled
		main shmdt work leak leak
		main shmget make leak leak
		shmcheck: coverage: 8 points known, 8 tried, 0 not reached
		$(sed -nE 's/^(shmcheck: error.*)/\1/p' now)
	END
}

@test "real-time signals are sent, told and counted as signals are that have a name" {
	run --separate-stderr "$shmcheck" explore --signals=SIGRTMIN+3,SIGRTMAX-1 --report=json -- "$programs/victim"
	assert_status 1
	jq -r 'select(.type == "point") | [.errno, .verdict, .status.signal] | @tsv' <<<"$stderr" | sort | uniq -c |
		sed 's/^ *//' >now
	diff - now <<-END
		1 SIGRTMIN+29	handled	SIGRTMIN+29
		3 SIGRTMIN+29	leak	SIGRTMIN+29
		1 SIGRTMIN+3	handled	SIGRTMIN+3
		3 SIGRTMIN+3	leak	SIGRTMIN+3
	END
	run --separate-stderr "$shmcheck" run --inject=shmget:signal=64 -- "$programs/victim"
	assert_status 192
	[[ ${stderr_lines[-1]} == *"; program died of SIGRTMIN+30" ]]
}

@test "each run has a fresh copy of a folder, and a standard input" {
	mkdir folder
	echo hello >folder/file
	echo words >input
	run "$shmcheck" explore --copy=folder --stdin=input -- perl -e \
		'open F, ">>", "file"; print F "x"; close F; -s "file" == 7 or exit 3; <STDIN> eq "words\n" or exit 4; my $i = shmget(0, 4096, 0600) // exit 5; shmctl($i, 0, 0) or exit 6'
	assert_status 0
	refute_output=$(grep -E 'diverged|inconclusive' <<<"$output" || true)
	[ -z "$refute_output" ]
	[ "$(cat folder/file)" = hello ]
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'shmcheck-copy-*' -user "$(id -u)" -newer input)" ]
	TMPDIR='' run "$shmcheck" explore --copy=folder -- perl -MCwd -e 'exit(cwd() !~ m{^/tmp/shmcheck-copy-})'
	assert_status 0
	assert_output_line 'without a fault the program exited 0'
	run "$shmcheck" explore --copy=no-such-folder -- true
	assert_status 2
	run "$shmcheck" explore --stdin=no-such-file -- true
	assert_status 2
}

@test "what a failing run printed and its log are kept" {
	run "$shmcheck" explore --output=kept --mode=once --errnos=ENOMEM --calls=shmat -- "$programs/victim" forgets-to-remove
	assert_status 1
	[ "$(find kept -name log | wc -l)" -eq 1 ]
	[ "$(find kept -name stdout -o -name stderr | wc -l)" -eq 2 ]
	run "$shmcheck" report "$(find kept -name log)"
	assert_status 1
	assert_output_line 'segment-leak'
}

@test "what was kept of a point is gone when the same point is no finding any more, and nothing else is" {
	options=(--output=kept --calls=shmget --errnos=ENOSPC --mode=once)
	two='my @ids = map { shmget(0, 4096, 0600) } 1, 2; my $ok = 2 == grep { defined } @ids; shmctl($_, 0, 0) for grep { defined && ($ok || $mended) } @ids; exit !$ok'
	run "$shmcheck" explore "${options[@]}" -- perl -e "$two"
	assert_status 1
	[ "$(find kept -name log | wc -l)" -eq 2 ]
	mkdir kept/mine
	touch kept/mine/stdout
	run "$shmcheck" explore "${options[@]}" -- perl -e "\$mended = 1; $two"
	assert_status 0
	[ "$(ls kept)" = mine ]
	[ -e kept/mine/stdout ]
}

@test "a folder whose path leaves no room for that of a run is told" {
	local there=$PWD name
	name=$(printf 'd%.0s' {1..200})
	while ((${#PWD} < 3800)); do
		mkdir "$name"
		cd "$name"
	done
	name=$(printf 'e%.0s' $(seq $((4085 - ${#PWD} - 1))))
	mkdir -p "${name:0:140}/${name:141}"
	cd "${name:0:140}/${name:141}"
	run --separate-stderr "$shmcheck" explore "--output=$PWD" --mode=once --errnos=ENOMEM --calls=shmat -- "$programs/victim" forgets-to-remove
	cd "$there"
	assert_status 125
	assert_stderr_line 'could not be kept below --output=.*: File name too long$'
}

@test "what the program leaves by itself is no finding, but is said" {
	run --separate-stderr "$shmcheck" explore --calls=shmget -- sh -c 'ipcmk -M 4096 && ipcmk -M 100'
	assert_status 0
	assert_stderr_line 'without a fault the program exited 0 and left 2 segments \(4196 bytes\): see shmcheck run$'
	run --separate-stderr "$shmcheck" explore --calls=shmget -- perl -e "$perl_clean"
	assert_stderr_line 'without a fault the program exited 0$'
}

@test "rules and limits of the user's are part of the world of every run" {
	run --separate-stderr "$shmcheck" explore -- "$programs/victim" asks-before-removing
	assert_status 0 # one failure is not enough to make it leak
	echo 'shmat:error=ENOMEM:when=1' >rules
	run --separate-stderr "$shmcheck" explore --inject-file=rules --limits=shmmni=7 --mode=once -- "$programs/victim" asks-before-removing
	assert_status 1
	assert_stderr_line 'error: leak: shmctl.STAT fails with EACCES'
	assert_stderr_line 'without a fault the program exited 1'
	assert_stderr_line 'reproduce .*--limits=shmmni=7 --inject-file=rules --seed=[0-9]+ .*--point='
	run bash -c "$(sed -nE 's/^ +reproduce +//p' <<<"$stderr")"
	assert_status 1
}

@test "a rule that does nothing makes an exploration inconclusive, a wrong one stops it" {
	run --separate-stderr "$shmcheck" explore --inject=shmdt:error=EINVAL:when=9 -- "$programs/victim"
	assert_status 3
	assert_stderr_line 'inconclusive: a rule had no effect .*fewer matching calls'
	run --separate-stderr "$shmcheck" explore --inject=shmdt:error=EINVAL:when=9:expect=any -- "$programs/victim"
	assert_status 0
	run --separate-stderr "$shmcheck" explore --inject=shmdt:error=EINVALID -- "$programs/victim"
	assert_status 2
	assert_stderr_line 'unknown errno'
	run --separate-stderr "$shmcheck" explore --inject-file=- -- "$programs/victim" </dev/null
	assert_status 2
	assert_stderr_line 'standard input cannot be read again'
	run --separate-stderr "$shmcheck" explore --inject="$(for i in {1..57}; do echo 'shmat:delay_exit=1us:expect=any'; done)" -- "$programs/victim"
	assert_status 2
	assert_stderr_line '57 rules: with explore there may be 56'
	run --separate-stderr "$shmcheck" explore --isolate=none --inject=shmget:world=full -- "$programs/victim"
	assert_status 125
	assert_stderr_line 'world=full'
}

@test "other exit statuses can count as success" {
	run --separate-stderr "$shmcheck" explore --ok-exit=1 --mode=once --errnos=ENOMEM --calls=shmat -- "$programs/victim"
	assert_stderr_line 'shmat +attach.* wrong-output'
	assert_status 1
}

@test "an output that is another in every run is not said to be deterministic" {
	always='my $id = shmget(0, 4096, 0600); my $first = shmctl($id, 0, 0); $first or shmctl($id, 0, 0); print $first ? "gone\n" : "late $what\n"'
	run --separate-stderr "$shmcheck" explore --calls=shmctl --errnos=EPERM --mode=once -- perl -e "\$what = 1; $always"
	assert_status 1
	assert_stderr_line '^ +again +deterministic'
	run --separate-stderr "$shmcheck" explore --calls=shmctl --errnos=EPERM --mode=once -- perl -e "\$what = \$\$; $always"
	assert_status 1
	assert_stderr_line '^ +again +flaky'
	refute_stderr_line 'deterministic'
}

@test "a crash that does not come a second time is flaky" {
	local once='my $id = shmget(0, 4096, 0600); my $gone = shmctl($id, 0, 0);
		$gone or shmctl($id, 0, 0); if (!$gone && !-e $ARGV[0]) { open my $f, ">", $ARGV[0]; kill SEGV => $$; }'
	run --separate-stderr "$shmcheck" explore --calls=shmctl --errnos=EPERM --mode=once -- perl -e "$once" "$BATS_TEST_TMPDIR/met"
	assert_status 1
	assert_stderr_line '^ +again +flaky'
}

@test "what a program prints now and then by itself is not a failure's doing; a wrong sum beside it is" {
	local noise
	for noise in coin lines sometimes time; do
		run --separate-stderr "$shmcheck" explore --calls=shmget,shmat -- "$programs/teller" "$noise"
		assert_status 0
		refute_stderr_line 'wrong-output|inconclusive'
		run --separate-stderr "$shmcheck" explore --calls=shmget,shmat -- "$programs/teller" "$noise" guilty
		assert_status 1
		assert_stderr_line 'error: wrong-output: shmget fails'
		assert_stderr_line 'error: wrong-output: shmat fails'
		assert_stderr_line '^ +again +deterministic'
		refute_stderr_line 'flaky|swallowed|inconclusive'
	done
}

@test "the id of a segment that took another one's place is no wrong output" {
	local try='for (0 .. 2) { $try = $_; $id = shmget(0x1234 + $_, 4096, 03600); last if defined $id } defined $id or exit 1; shmctl($id, 0, 0);'
	run --separate-stderr "$shmcheck" explore --calls=shmget --mode=once -- perl -e "$try"' print "segment $id\n"'
	assert_status 0
	refute_stderr_line 'wrong-output|inconclusive|diverged'
	run --separate-stderr "$shmcheck" explore --calls=shmget --mode=once -- perl -e "$try"' print "segment $id\ntry $try\n"'
	assert_status 1
	assert_stderr_line 'error: wrong-output: shmget fails with E'
}

@test "a wrong output for which there was no time to compare is not said" {
	run --separate-stderr "$shmcheck" explore --budget=2 --calls=shmat --errnos=ENOMEM -- "$programs/victim" prints-nonsense
	assert_status 3
	refute_stderr_line 'wrong-output'
	assert_stderr_line 'inconclusive: it ended before one of 2 points was decided'
	assert_stderr_line 'coverage: .* 0 tried, 0 not reached, 2 undecided .*; ended early'
}

@test "a program that cannot be run, or that the library cannot enter, is said to be so" {
	run -127 "$shmcheck" explore -- ./no-such-program
	assert_status 127
	run "$shmcheck" explore -- /etc/passwd
	assert_status 126
	run "$shmcheck" explore
	assert_status 2
	run "$shmcheck" explore --mode=twice -- true
	assert_status 2
	run --separate-stderr "$shmcheck" explore -- true
	assert_status 0
	assert_stderr_line '^shmcheck: hint: nothing was tried: the program makes none of the calls that were to fail, or none that can fail so$'
	assert_stderr_line '0 points known'
}

@test "two runs that differ by themselves are inconclusive" {
	run --separate-stderr "$shmcheck" explore -- perl -e \
		'-e "ran" or do { open F, ">", "ran"; exit 0 }; my $i = shmget(0, 4096, 0600) // exit 5; shmctl($i, 0, 0)'
	assert_status 3
	assert_stderr_line 'inconclusive: two runs without a fault'
}

@test "an interrupted exploration reports what was done" {
	"$shmcheck" explore --jobs=1 --timeout=20s -- "$programs/victim" retries-forever 2>report &
	local pid=$!
	sleep 2
	kill -INT "$pid"
	local status=0
	wait "$pid" || status=$?
	[ "$status" -ne 125 ] && [ "$status" -lt 128 ]
	grep -q 'ended early' report
	run ! pgrep -f "$programs/victim retries-forever"
}

@test "nothing is left on the host" {
	on_own_host bash -c '"$1" explore -- "$2" forgets-to-remove 2>/dev/null; tail -n +2 /proc/sysvipc/shm | wc -l' \
		- "$shmcheck" "$programs/victim" >left
	[ "$(cat left)" -eq 0 ]
}

@test "without a namespace what the runs left is removed, and nothing else" {
	on_own_host bash -c 'ipcmk -M 4096 >/dev/null; "$1" explore --isolate=none -- "$2" forgets-to-remove; echo "status $?"
		tail -n +2 /proc/sysvipc/shm | wc -l' - "$shmcheck" "$programs/victim" >out 2>err
	grep -q '^status 1$' out
	[ "$(tail -n 1 out)" -eq 1 ]
	essence <err | grep -q '^main shmat attach . leak leak leak\|^main shmat attach . handled leak leak'
	[ "$(grep -c 'made true' err)" -eq 0 ]
}

@test "fio leaves its segment when it cannot attach it" {
	run --separate-stderr "$shmcheck" explore -- fio --name=demo --ioengine=null --size=1m --output=/dev/null
	assert_status 1
	assert_stderr_line 'error: leak: shmat fails with ENOMEM'
	assert_stderr_line 'found +segment-leak: [0-9]+ bytes'
	[ "$(grep -c '^shmcheck: error' <<<"$stderr")" -eq 1 ]
	refute_stderr_line 'inconclusive|crash|hang|misuse'
}

@test "initdb has no leak of its own, whoever runs it" {
	local initdb folder=$BATS_TEST_TMPDIR/home
	initdb=$(find /usr/lib/postgresql -name initdb -type f | head -n 1)
	[ -n "$initdb" ] || skip "PostgreSQL is not installed"
	is_root || skip "needs root to become the user postgres"
	mkdir -p "$folder/empty"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	chown -R postgres "$folder"
	cd "$folder"
	run --separate-stderr runuser -u postgres -- env TMPDIR="$folder" "$shmcheck" explore --copy=empty --mode=once \
		--errnos=ENOMEM,EACCES --budget=6 --seed=1 -- "$initdb" -D data --no-sync -A trust
	refute_stderr_line 'error: (leak|crash|hang|misuse)|inconclusive'
	assert_stderr_line 'SUMMARY: .* 6 runs'
}

@test "which run ends first does not decide what recovery code shows" {
	local jobs
	for jobs in 1 2 8 8 8 8 8 8; do
		run --separate-stderr "$shmcheck" explore --depth=2 --jobs="$jobs" -- "$programs/victim" asks-before-removing
		assert_status 1
		assert_stderr_line '^ +after +main/shmat@[0-9a-f]+#1:ENOMEM:once$'
		assert_stderr_line 'error: leak: shmctl.STAT fails with EACCES'
	done
}

@test "a program that waits a second before it tries again is no hang; one that tries for ever is, also by fork" {
	cat >waits.c <<-'END'
		#include <sys/ipc.h>
		#include <sys/shm.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			int id, tries = argc > 1 ? 1000 : 3;
			(void)argv;
			while ((id = shmget(IPC_PRIVATE, 4096, 0600)) < 0 && tries--)
				sleep(1);
			return id < 0 || shmctl(id, IPC_RMID, 0);
		}
	END
	gcc -w -o waits waits.c
	local points=(--calls=shmget --errnos=ENOSPC)
	for server in "" --fork-server; do
		run --separate-stderr "$shmcheck" explore $server "${points[@]}" -- ./waits
		assert_status 0
		run --separate-stderr "$shmcheck" explore $server "${points[@]}" --mode=persist -- ./waits guilty
		assert_status 1
		assert_stderr_line 'error: hang'
	done
	run --separate-stderr "$shmcheck" explore "${points[@]}" --mode=once --timeout=500ms -- ./waits # as told
	assert_status 1
}
