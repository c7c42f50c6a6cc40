// SPDX-License-Identifier: MIT
// protocol: the table of if='s operators and names, shared by its compiler, printer and evaluator.
#ifndef SHMCHECK_PROTOCOL_PLAN_OPERATOR_H
#define SHMCHECK_PROTOCOL_PLAN_OPERATOR_H

#include <stdint.h>

enum operation {
	OP_DECIMAL = 1, /* numbers[arg] */
	OP_HEX,
	OP_OCTAL,
	OP_NAME, /* the constant of row arg */
	OP_FIELD, /* enum plan_field arg */
	OP_NOT,
	OP_COMPLEMENT,
	OP_NEGATE,
	OP_MULTIPLY,
	OP_DIVIDE,
	OP_MODULO,
	OP_ADD,
	OP_SUBTRACT,
	OP_LEFT,
	OP_RIGHT,
	OP_LESS,
	OP_LESS_EQUAL,
	OP_GREATER,
	OP_GREATER_EQUAL,
	OP_EQUAL,
	OP_UNEQUAL,
	OP_BIT_AND,
	OP_BIT_XOR,
	OP_BIT_OR,
	OP_AND,
	OP_OR
};

enum { OP_NARROW = 1 }; /* arg of OP_EQUAL, OP_UNEQUAL: compare 32 bits */
enum { UNARY_PRECEDENCE = 11 };

struct operator_row {
	const char *sign;
	uint8_t operation;
	uint8_t precedence; /* as in C, 10 binds most; 11 is unary */
};

struct constant_row {
	const char *name;
	int64_t value;
};

/* The row of a binary or unary OPERATION; NULL for an operand. */
const struct operator_row *operator_row(unsigned operation);

/* Binary operators by index; longer signs come before their prefixes. NULL past the end. */
const struct operator_row *operator_binary_at(unsigned index);

/* Named constants by index; NULL past the end. */
const struct constant_row *constant_at(unsigned index);

#endif
