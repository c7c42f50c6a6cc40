// SPDX-License-Identifier: MIT
// protocol: compiles if=: precedence climbing into reverse Polish.
#include "plan_expression.h"
#include "plan_operator.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

enum { NESTING_MAX = 24 };

/* 32-bit operands are compared in 32 bits; a constant takes the other side's width. */
enum width { WIDTH_ANY, WIDTH_NARROW, WIDTH_WIDE };

struct compiler {
	struct word rest;
	struct plan_expression *result;
	struct expression_error *error;
	unsigned nesting;
	bool constant_zero; /* the operand just compiled is the literal 0 */
};

static const char *const field_names[FIELD_COUNT] = {"key", "size", "flags", "id", "addr", "cmd", "create"};

const char *expression_field_name(unsigned field)
{
	return field < FIELD_COUNT ? field_names[field] : NULL;
}

static int fail(struct compiler *compiler, struct word word, const char *what, const char *expected)
{
	*compiler->error = (struct expression_error){.word = word, .what = what, .expected = expected};
	return -EINVAL;
}

static void skip(struct compiler *compiler, size_t length)
{
	compiler->rest.text += length;
	compiler->rest.length -= length;
}

static void skip_blanks(struct compiler *compiler)
{
	while (compiler->rest.length && (*compiler->rest.text == ' ' || *compiler->rest.text == '\t'))
		skip(compiler, 1);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The word that the rest starts with: letters and digits, or one character. */
static struct word next_word(const struct compiler *compiler)
{
	size_t length = 0;

	while (length < compiler->rest.length && is_letter(compiler->rest.text[length]))
		length++;
	if (length == 0 && compiler->rest.length)
		length = 1;
	return word_of(compiler->rest.text, length);
}

static int emit(struct compiler *compiler, struct word word, unsigned op, unsigned arg)
{
	struct plan_expression *result = compiler->result;

	if (result->op_count == PLAN_OPS)
		return fail(compiler, word, "this condition is too long",
			    "at most 48 operands and operators");
	result->op[result->op_count] = (uint8_t)op;
	result->arg[result->op_count++] = (uint8_t)arg;
	compiler->constant_zero = false;
	return 0;
}

static int compile_number(struct compiler *compiler, struct word word)
{
	struct plan_expression *result = compiler->result;
	uint64_t value;
	int base, error = word_number(word, &value, &base);

	if (error == -ERANGE)
		return fail(compiler, word, "this number does not fit in 64 bits", NULL);
	if (error)
		return fail(compiler, word, "this is no number", "decimal, 0x… or 0… digits");
	if (value == 0 && base == 8) /* 00 is printed as 0 */
		base = 10;
	if (result->number_count == PLAN_NUMBERS)
		return fail(compiler, word, "this condition has too many numbers", "at most 16");
	result->numbers[result->number_count] = (int64_t)value;
	skip(compiler, word.length);
	error = emit(compiler, word,
		     base == 16  ? OP_HEX
		     : base == 8 ? OP_OCTAL
				 : OP_DECIMAL,
		     result->number_count);
	result->number_count++;
	compiler->constant_zero = value == 0;
	return error ? error : (value >> 32 ? WIDTH_WIDE : WIDTH_ANY);
}

static int unknown_name(struct compiler *compiler, struct word word)
{
	struct nearest nearest = {0};

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		nearest_try(&nearest, word, field_names[i]);
	for (unsigned i = 0; constant_at(i); i++)
		nearest_try(&nearest, word, constant_at(i)->name);
	fail(compiler, word, "unknown name in the condition",
	     "key, size, flags, id, addr, cmd, create, a number, or a constant such as IPC_CREAT");
	compiler->error->nearest = nearest.name;
	return -EINVAL;
}

static int compile_name(struct compiler *compiler, struct word word)
{
	int error;

	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		if (!word_is(word, field_names[i]))
			continue;
		skip(compiler, word.length);
		compiler->result->fields |= (uint8_t)(1u << i);
		error = emit(compiler, word, OP_FIELD, i);
		return error ? error : (i == FIELD_SIZE || i == FIELD_ADDR ? WIDTH_WIDE : WIDTH_NARROW);
	}
	for (unsigned i = 0; constant_at(i); i++) {
		if (!word_is(word, constant_at(i)->name))
			continue;
		skip(compiler, word.length);
		error = emit(compiler, word, OP_NAME, i);
		return error ? error : WIDTH_ANY;
	}
	return unknown_name(compiler, word);
}

static int compile_binary(struct compiler *compiler, unsigned precedence);

static int compile_parentheses(struct compiler *compiler, struct word opening)
{
	int width;

	skip(compiler, 1);
	width = compile_binary(compiler, 1);
	if (width < 0)
		return width;
	skip_blanks(compiler);
	if (!compiler->rest.length || *compiler->rest.text != ')')
		return fail(compiler, opening, "this parenthesis is not closed", "')'");
	skip(compiler, 1);
	return width;
}

static int compile_unary(struct compiler *compiler, struct word sign, unsigned op);

static int compile_operand(struct compiler *compiler)
{
	struct word word;

	skip_blanks(compiler);
	word = next_word(compiler);
	if (!word.length)
		return fail(compiler, word, "the condition ends too early", "a name, a number or '('");
	if (*word.text == '(')
		return compile_parentheses(compiler, word);
	if (*word.text == '!')
		return compile_unary(compiler, word, OP_NOT);
	if (*word.text == '~')
		return compile_unary(compiler, word, OP_COMPLEMENT);
	if (*word.text == '-')
		return compile_unary(compiler, word, OP_NEGATE);
	if (!is_letter(*word.text))
		return fail(compiler, word, "an operand is missing here", "a name, a number or '('");
	if (*word.text >= '0' && *word.text <= '9')
		return compile_number(compiler, word);
	return compile_name(compiler, word);
}

/* A level of nesting a call, so that the recursion is bounded on any text. */
static int compile_nested(struct compiler *compiler)
{
	int width;

	if (++compiler->nesting > NESTING_MAX)
		return fail(compiler, next_word(compiler), "the condition is nested too deeply", NULL);
	width = compile_operand(compiler);
	compiler->nesting--;
	return width;
}

static int compile_unary(struct compiler *compiler, struct word sign, unsigned op)
{
	int width, error;

	skip(compiler, 1);
	width = compile_nested(compiler);
	if (width < 0)
		return width;
	error = emit(compiler, sign, op, 0);
	return error ? error : op == OP_NOT ? WIDTH_ANY : width;
}

/* The binary operator that the rest starts with, when it binds at least as PRECEDENCE. */
static const struct operator_row *next_operator(struct compiler *compiler, unsigned precedence)
{
	skip_blanks(compiler);
	for (unsigned i = 0; operator_binary_at(i); i++) {
		const struct operator_row *row = operator_binary_at(i);
		size_t length = strlen(row->sign);

		if (compiler->rest.length >= length && memcmp(compiler->rest.text, row->sign, length) == 0)
			return row->precedence >= precedence ? row : NULL;
	}
	return NULL;
}

static int emit_binary(struct compiler *compiler, struct word sign, unsigned op, int *width, int right)
{
	int common = *width > right ? *width : right;
	bool compares = op >= OP_LESS && op <= OP_UNEQUAL;

	*width = compares || op == OP_AND || op == OP_OR ? WIDTH_ANY : common;
	return emit(compiler, sign, op,
		    (op == OP_EQUAL || op == OP_UNEQUAL) && common == WIDTH_NARROW ? OP_NARROW : 0);
}

static int compile_binary(struct compiler *compiler, unsigned precedence)
{
	const struct operator_row *row;
	int width = compile_nested(compiler);

	while (width >= 0 && (row = next_operator(compiler, precedence))) {
		struct word sign = word_of(compiler->rest.text, strlen(row->sign));
		int right, error;

		skip(compiler, sign.length);
		right = compile_binary(compiler, row->precedence + 1u);
		if (right < 0)
			return right;
		if (compiler->constant_zero && (row->operation == OP_DIVIDE || row->operation == OP_MODULO))
			return fail(compiler, sign, "division by zero", NULL);
		error = emit_binary(compiler, sign, row->operation, &width, right);
		if (error)
			return error;
	}
	return width;
}

/* The evaluator's stack is as deep as the code needs; it is known here, once. */
static bool is_shallow(const struct plan_expression *expression)
{
	unsigned depth = 0;

	for (unsigned i = 0; i < expression->op_count; i++) {
		if (expression->op[i] <= OP_FIELD)
			depth++;
		else if (expression->op[i] > OP_NEGATE)
			depth--;
		if (depth > PLAN_DEPTH)
			return false;
	}
	return true;
}

int expression_compile(struct word text, struct plan_expression *ret_expression,
		       struct expression_error *ret_error)
{
	struct compiler compiler = {.rest = text, .result = ret_expression, .error = ret_error};
	int width;

	memset(ret_expression, 0, sizeof(*ret_expression));
	width = compile_binary(&compiler, 1);
	if (width < 0)
		return width;
	skip_blanks(&compiler);
	if (compiler.rest.length)
		return fail(&compiler, next_word(&compiler), "unexpected here",
			    "an operator or the end of the condition");
	if (!is_shallow(ret_expression))
		return fail(&compiler, text, "the condition is nested too deeply", NULL);
	return 0;
}
