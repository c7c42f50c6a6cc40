// SPDX-License-Identifier: MIT
// protocol: the table of if='s operators and names, shared by its compiler, printer and evaluator.
#include "plan_operator.h"

#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#ifndef SHM_HUGETLB
#define SHM_HUGETLB 04000
#endif
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

static const struct operator_row binary[] = {
    {"<<", OP_LEFT, 8},     {">>", OP_RIGHT, 8},   {"<=", OP_LESS_EQUAL, 7}, {">=", OP_GREATER_EQUAL, 7},
    {"==", OP_EQUAL, 6},    {"!=", OP_UNEQUAL, 6}, {"&&", OP_AND, 2},        {"||", OP_OR, 1},
    {"*", OP_MULTIPLY, 10}, {"/", OP_DIVIDE, 10},  {"%", OP_MODULO, 10},     {"+", OP_ADD, 9},
    {"-", OP_SUBTRACT, 9},  {"<", OP_LESS, 7},     {">", OP_GREATER, 7},     {"&", OP_BIT_AND, 5},
    {"^", OP_BIT_XOR, 4},   {"|", OP_BIT_OR, 3},
};

static const struct operator_row unary[] = {
    {"!", OP_NOT, UNARY_PRECEDENCE},
    {"~", OP_COMPLEMENT, UNARY_PRECEDENCE},
    {"-", OP_NEGATE, UNARY_PRECEDENCE},
};

static const struct constant_row constants[] = {
    {"IPC_PRIVATE", IPC_PRIVATE},   {"IPC_CREAT", IPC_CREAT},         {"IPC_EXCL", IPC_EXCL},
    {"IPC_NOWAIT", IPC_NOWAIT},     {"IPC_RMID", IPC_RMID},           {"IPC_SET", IPC_SET},
    {"IPC_STAT", IPC_STAT},         {"IPC_INFO", IPC_INFO},           {"SHM_RDONLY", SHM_RDONLY},
    {"SHM_RND", SHM_RND},           {"SHM_REMAP", SHM_REMAP},         {"SHM_EXEC", SHM_EXEC},
    {"SHM_HUGETLB", SHM_HUGETLB},   {"SHM_NORESERVE", SHM_NORESERVE}, {"SHM_LOCK", SHM_LOCK},
    {"SHM_UNLOCK", SHM_UNLOCK},     {"SHM_STAT", SHM_STAT},           {"SHM_INFO", SHM_INFO},
    {"SHM_STAT_ANY", SHM_STAT_ANY},
};

enum {
	BINARY_COUNT = sizeof(binary) / sizeof(binary[0]),
	UNARY_COUNT = sizeof(unary) / sizeof(unary[0]),
	CONSTANT_COUNT = sizeof(constants) / sizeof(constants[0])
};

const struct operator_row *operator_row(unsigned operation)
{
	for (unsigned i = 0; i < BINARY_COUNT; i++)
		if (binary[i].operation == operation)
			return &binary[i];
	for (unsigned i = 0; i < UNARY_COUNT; i++)
		if (unary[i].operation == operation)
			return &unary[i];
	return NULL;
}

const struct operator_row *operator_binary_at(unsigned index)
{
	return index < BINARY_COUNT ? &binary[index] : NULL;
}

const struct constant_row *constant_at(unsigned index)
{
	return index < CONSTANT_COUNT ? &constants[index] : NULL;
}
