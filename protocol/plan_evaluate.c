// SPDX-License-Identifier: MIT
// protocol: evaluates if= on a call's arguments, and prints it back.
#include "plan_expression.h"
#include "plan_operator.h"

#include <sys/ipc.h>
#include <sys/shm.h>

enum { DEPTH_MASK = PLAN_DEPTH - 1 }; /* the plan lies in memory that a victim can scribble on */

uint8_t expression_fields_of(unsigned call)
{
	switch (call) {
	case CALL_FTOK:
		return 1 << FIELD_ID;
	case CALL_SHMGET:
		return 1 << FIELD_KEY | 1 << FIELD_SIZE | 1 << FIELD_FLAGS | 1 << FIELD_CREATE;
	case CALL_SHMAT:
		return 1 << FIELD_ID | 1 << FIELD_ADDR | 1 << FIELD_FLAGS;
	case CALL_SHMDT:
		return 1 << FIELD_ADDR;
	case CALL_SHMCTL:
		return 1 << FIELD_ID | 1 << FIELD_CMD;
	}
	return 0;
}

/* A size above INT64_MAX counts as that: it is more than anything it can be compared with. */
static inline int64_t size_value(uint64_t size)
{
	return size > INT64_MAX ? INT64_MAX : (int64_t)size;
}

static inline int64_t field_value(unsigned field, unsigned call, const uint64_t *args)
{
	switch (field) {
	case FIELD_KEY:
		return (int32_t)args[0];
	case FIELD_SIZE:
		return size_value(args[1]);
	case FIELD_FLAGS:
		return (int32_t)args[2];
	case FIELD_ID: /* ftok: proj_id */
		return (int32_t)args[call == CALL_FTOK ? 1 : 0];
	case FIELD_ADDR:
		return (int64_t)args[call == CALL_SHMDT ? 0 : 1];
	case FIELD_CMD: /* the kernel ignores IPC_64 */
		return shmctl_command((int32_t)args[1]);
	case FIELD_CREATE:
		return (int32_t)args[0] == IPC_PRIVATE || (args[2] & IPC_CREAT);
	}
	return 0;
}

int64_t expression_field(unsigned field, unsigned call, const uint64_t *args)
{
	return field_value(field, call, args);
}

static int64_t divide(int64_t a, int64_t b, bool modulo)
{
	if (b == 0)
		return 0;
	if (b == -1) /* INT64_MIN / -1 traps */
		return modulo ? 0 : (int64_t)(0 - (uint64_t)a);
	return modulo ? a % b : a / b;
}

/* Sums and products wrap: as unsigned, where that is defined. */
static inline int64_t arithmetic(unsigned op, int64_t left, int64_t right)
{
	uint64_t a = (uint64_t)left, b = (uint64_t)right;

	switch (op) {
	case OP_MULTIPLY:
		return (int64_t)(a * b);
	case OP_DIVIDE:
	case OP_MODULO:
		return divide(left, right, op == OP_MODULO);
	case OP_ADD:
		return (int64_t)(a + b);
	case OP_SUBTRACT:
		return (int64_t)(a - b);
	case OP_LEFT:
		return (int64_t)(a << (b & 63));
	case OP_RIGHT:
		return left >> (b & 63);
	case OP_BIT_AND:
		return left & right;
	case OP_BIT_XOR:
		return left ^ right;
	case OP_BIT_OR:
		return left | right;
	}
	return 0;
}

static inline bool compare(unsigned op, unsigned arg, int64_t a, int64_t b)
{
	bool equal = arg == OP_NARROW ? (int32_t)a == (int32_t)b : a == b;

	switch (op) {
	case OP_LESS:
		return a < b;
	case OP_LESS_EQUAL:
		return a <= b;
	case OP_GREATER:
		return a > b;
	case OP_GREATER_EQUAL:
		return a >= b;
	case OP_EQUAL:
		return equal;
	case OP_UNEQUAL:
		return !equal;
	case OP_AND:
		return a && b;
	case OP_OR:
		return a || b;
	}
	return false;
}

static inline int64_t operand(const struct plan_expression *expression, unsigned i, unsigned call,
			      const uint64_t *args)
{
	unsigned arg = expression->arg[i];
	const struct constant_row *row;

	if (expression->op[i] == OP_FIELD)
		return field_value(arg, call, args);
	if (expression->op[i] != OP_NAME)
		return expression->numbers[arg % PLAN_NUMBERS];
	row = constant_at(arg);
	return row ? row->value : 0;
}

static inline int64_t unary(unsigned op, int64_t value)
{
	if (op == OP_NOT)
		return !value;
	return op == OP_COMPLEMENT ? ~value : (int64_t)(0 - (uint64_t)value);
}

/* Most conditions compare one argument with one number: no stack is needed for that. */
bool expression_is_simple(const struct plan_expression *expression)
{
	return expression->op_count == 3 && expression->op[0] == OP_FIELD && expression->op[1] <= OP_OCTAL &&
	       expression->op[2] >= OP_LESS && expression->op[2] <= OP_UNEQUAL;
}

bool expression_is_true(const struct plan_expression *expression, unsigned call, const uint64_t *args)
{
	int64_t stack[PLAN_DEPTH] = {0}; /* compiled code never reads what it did not push */
	unsigned top = (unsigned)-1;

	if (!expression->op_count)
		return true;
	if (expression_is_simple(expression))
		return compare(expression->op[2], expression->arg[2],
			       field_value(expression->arg[0], call, args),
			       expression->numbers[expression->arg[1] % PLAN_NUMBERS]);
	for (unsigned i = 0; i < expression->op_count && i < PLAN_OPS; i++) {
		unsigned op = expression->op[i];
		int64_t *right = &stack[top & DEPTH_MASK], *left = &stack[(top - 1) & DEPTH_MASK];

		if (op <= OP_FIELD) {
			stack[++top & DEPTH_MASK] = operand(expression, i, call, args);
			continue;
		}
		if (op <= OP_NEGATE) {
			*right = unary(op, *right);
			continue;
		}
		top--;
		if ((op >= OP_LESS && op <= OP_UNEQUAL) || op == OP_AND || op == OP_OR)
			*left = compare(op, expression->arg[i], *left, *right);
		else
			*left = arithmetic(op, *left, *right);
	}
	return stack[top & DEPTH_MASK] != 0;
}

/* Where the operand that ends at END begins. */
static unsigned operand_start(const struct plan_expression *expression, unsigned end)
{
	int wanted = 1;

	for (unsigned i = end + 1; i-- > 0;) {
		unsigned op = expression->op[i];

		wanted += op <= OP_FIELD ? -1 : op <= OP_NEGATE ? 0 : 1;
		if (wanted == 0)
			return i;
	}
	return 0;
}

static void print_leaf(const struct plan_expression *expression, unsigned i, struct out *out)
{
	unsigned op = expression->op[i], arg = expression->arg[i];

	if (op == OP_FIELD)
		out_text(out, expression_field_name(arg) ? expression_field_name(arg) : "?");
	else if (op == OP_NAME)
		out_text(out, constant_at(arg) ? constant_at(arg)->name : "?");
	else
		out_number(out, (uint64_t)expression->numbers[arg % PLAN_NUMBERS],
			   op == OP_HEX     ? 16
			   : op == OP_OCTAL ? 8
					    : 10);
}

/* The operand that ends at END, in parentheses when it binds less than PRECEDENCE. The recursion is as deep as the
 * tree, at most PLAN_OPS. */
static void print_operand(const struct plan_expression *expression, unsigned end, unsigned precedence,
			  struct out *out)
{
	const struct operator_row *row = operator_row(expression->op[end]);
	bool parentheses = row && row->precedence < precedence;

	if (!row) {
		print_leaf(expression, end, out);
		return;
	}
	if (parentheses)
		out_char(out, '(');
	if (row->precedence == UNARY_PRECEDENCE) {
		out_text(out, row->sign);
		if (end)
			print_operand(expression, end - 1, UNARY_PRECEDENCE, out);
	} else if (end >= 2) {
		unsigned right = operand_start(expression, end - 1);

		if (right)
			print_operand(expression, right - 1, row->precedence, out);
		out_text(out, row->sign);
		print_operand(expression, end - 1, row->precedence + 1u, out);
	}
	if (parentheses)
		out_char(out, ')');
}

void expression_print(const struct plan_expression *expression, struct out *out)
{
	if (expression->op_count && expression->op_count <= PLAN_OPS)
		print_operand(expression, expression->op_count - 1u, 1, out);
}
