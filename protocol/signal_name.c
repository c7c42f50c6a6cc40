// SPDX-License-Identifier: MIT
// protocol: names of signals; one table, both ways.
#include "signal_name.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

struct signal_row {
	const char *name;
	int value;
};

#define REALTIME(n)                                                                                          \
	{                                                                                                    \
		"SIGRTMIN+" #n, SIGNAL_FIRST_REALTIME + (n)                                                  \
	}

/* Of several names of one signal the first is the one that is printed. */
static const struct signal_row rows[] = {
    {"SIGHUP", SIGHUP},
    {"SIGINT", SIGINT},
    {"SIGQUIT", SIGQUIT},
    {"SIGILL", SIGILL},
    {"SIGTRAP", SIGTRAP},
    {"SIGABRT", SIGABRT},
    {"SIGBUS", SIGBUS},
    {"SIGFPE", SIGFPE},
    {"SIGKILL", SIGKILL},
    {"SIGUSR1", SIGUSR1},
    {"SIGSEGV", SIGSEGV},
    {"SIGUSR2", SIGUSR2},
    {"SIGPIPE", SIGPIPE},
    {"SIGALRM", SIGALRM},
    {"SIGTERM", SIGTERM},
    {"SIGSTKFLT", SIGSTKFLT},
    {"SIGCHLD", SIGCHLD},
    {"SIGCONT", SIGCONT},
    {"SIGSTOP", SIGSTOP},
    {"SIGTSTP", SIGTSTP},
    {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU},
    {"SIGURG", SIGURG},
    {"SIGXCPU", SIGXCPU},
    {"SIGXFSZ", SIGXFSZ},
    {"SIGVTALRM", SIGVTALRM},
    {"SIGPROF", SIGPROF},
    {"SIGWINCH", SIGWINCH},
    {"SIGIO", SIGIO},
    {"SIGPWR", SIGPWR},
    {"SIGSYS", SIGSYS},
    {"SIGRTMIN", SIGNAL_FIRST_REALTIME},
    REALTIME(1),
    REALTIME(2),
    REALTIME(3),
    REALTIME(4),
    REALTIME(5),
    REALTIME(6),
    REALTIME(7),
    REALTIME(8),
    REALTIME(9),
    REALTIME(10),
    REALTIME(11),
    REALTIME(12),
    REALTIME(13),
    REALTIME(14),
    REALTIME(15),
    REALTIME(16),
    REALTIME(17),
    REALTIME(18),
    REALTIME(19),
    REALTIME(20),
    REALTIME(21),
    REALTIME(22),
    REALTIME(23),
    REALTIME(24),
    REALTIME(25),
    REALTIME(26),
    REALTIME(27),
    REALTIME(28),
    REALTIME(29),
    REALTIME(30),
    {"SIGRTMAX", SIGNAL_LAST},
    {"SIGIOT", SIGIOT},
    {"SIGPOLL", SIGPOLL},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

const char *signal_name(int signal)
{
	for (unsigned i = 0; i < ROW_COUNT; i++)
		if (rows[i].value == signal)
			return rows[i].name;
	return NULL;
}

/* Decimal digits only, at most 64 in value; -1 otherwise. */
static int small_number(const char *text, unsigned length)
{
	int value = 0;

	if (length == 0 || length > 2)
		return -1;
	for (unsigned i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= SIGNAL_LAST ? value : -1;
}

/* SIGRTMAX-n. */
static int from_last(const char *name, unsigned length)
{
	int offset =
	    length > 9 && memcmp(name, "SIGRTMAX-", 9) == 0 ? small_number(name + 9, length - 9) : -1;

	return offset >= 0 && offset <= SIGNAL_LAST - SIGNAL_FIRST_REALTIME ? SIGNAL_LAST - offset : -1;
}

int signal_by_name(const char *name, unsigned length)
{
	int number = small_number(name, length);

	/* 32 and 33 are glibc's own. */
	if (number > 0 && (number < 32 || number >= SIGNAL_FIRST_REALTIME))
		return number;
	for (unsigned i = 0; i < ROW_COUNT; i++) {
		const char *known = rows[i].name;

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return rows[i].value;
		if (strlen(known) == length + 3 && memcmp(known + 3, name, length) == 0)
			return rows[i].value;
	}
	return from_last(name, length);
}

const char *signal_name_at(unsigned index)
{
	return index < ROW_COUNT ? rows[index].name : NULL;
}
