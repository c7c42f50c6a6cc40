// SPDX-License-Identifier: MIT
// scenario: ${NAME} in the values of a document, and the matrix that gives such names values.
#include "variables.h"

#include "harness/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static bool is_name(const char *text)
{
	if (!isalpha((unsigned char)*text))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-')
			return false;
	return true;
}

static int check_row(struct document *document, const yaml_node_t *name, const yaml_node_t *list,
		     struct complaint *complaint)
{
	if (name->type != YAML_SCALAR_NODE || !is_name(text_of(name)))
		return document_complain(document, &name->start_mark, complaint,
					 "a name in 'matrix': expected letters, digits, _ and -");
	if (strcmp(text_of(name), "folder") == 0 || strcmp(text_of(name), "work") == 0)
		return document_complain(document, &name->start_mark, complaint,
					 "the name '%s' is taken: ${%s} is a folder", text_of(name),
					 text_of(name));
	if (list->type != YAML_SEQUENCE_NODE ||
	    list->data.sequence.items.start == list->data.sequence.items.top)
		return document_complain(document, &list->start_mark, complaint,
					 "'%s' in 'matrix': expected a list of values", text_of(name));
	for (const yaml_node_item_t *item = list->data.sequence.items.start;
	     item < list->data.sequence.items.top; item++) {
		const yaml_node_t *value = yaml_document_get_node(&document->yaml, *item);
		if (value->type != YAML_SCALAR_NODE)
			return document_complain(document, &value->start_mark, complaint,
						 "a value of '%s' in 'matrix': expected a text or a number",
						 text_of(name));
	}
	return 0;
}

static size_t list_length(const yaml_node_t *list)
{
	return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

int matrix_read(struct document *document, struct matrix *ret_matrix, struct complaint *complaint)
{
	struct matrix matrix = {.combinations = 1};
	const yaml_node_t *node = document_find(document, "matrix");
	if (node && node->type != YAML_MAPPING_NODE)
		return document_complain(document, &node->start_mark, complaint,
					 "'matrix': expected a mapping of names to lists of values");
	const yaml_node_pair_t *pair = node ? node->data.mapping.pairs.start : NULL;
	for (; node && pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&document->yaml, pair->key);
		const yaml_node_t *list = yaml_document_get_node(&document->yaml, pair->value);
		int code = check_row(document, name, list, complaint);
		if (code)
			return code;
		if (matrix.count == VARIABLES_MOST - 2)
			return document_complain(document, &name->start_mark, complaint,
						 "too many names in 'matrix': at most %d",
						 VARIABLES_MOST - 2);
		for (unsigned i = 0; i < matrix.count; i++)
			if (strcmp(matrix.names[i], text_of(name)) == 0)
				return document_complain(document, &name->start_mark, complaint,
							 "'%s' is given twice: expected it once",
							 text_of(name));
		matrix.names[matrix.count] = text_of(name);
		matrix.lists[matrix.count++] = list;
		matrix.combinations *= list_length(list);
		if (matrix.combinations > MATRIX_MOST)
			return document_complain(document, &node->start_mark, complaint,
						 "'matrix' has more than %d combinations", MATRIX_MOST);
	}
	*ret_matrix = matrix;
	return 0;
}

void matrix_choose(const struct matrix *matrix, struct document *document, size_t index,
		   struct variables *variables)
{
	/* the last name changes fastest, as in nested loops */
	size_t rest = matrix->combinations;
	for (unsigned i = 0; i < matrix->count; i++) {
		size_t length = list_length(matrix->lists[i]);
		rest /= length;
		int item = matrix->lists[i]->data.sequence.items.start[index / rest % length];
		variables->names[variables->count] = matrix->names[i];
		variables->values[variables->count++] =
		    text_of(yaml_document_get_node(&document->yaml, item));
	}
}

static const char *find_value(const struct variables *variables, const char *name, size_t length)
{
	for (unsigned i = 0; i < variables->count; i++)
		if (strlen(variables->names[i]) == length && memcmp(variables->names[i], name, length) == 0)
			return variables->values[i];
	return NULL;
}

static int reject(struct document *document, const yaml_node_t *node, const char *at,
		  const struct variables *variables, struct complaint *complaint)
{
	char word[64];
	size_t length = strcspn(at, "}");
	yaml_mark_t mark = node->start_mark;
	if (mark.line == node->end_mark.line)
		mark.column +=
		    (size_t)(at - text_of(node)) + (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE);
	if (!at[length])
		return document_complain(document, &mark, complaint, "'${' without '}': expected ${NAME}");
	snprintf(word, sizeof word, "%.*s", (int)(length - 2 < 60 ? length - 2 : 60), at + 2);
	const char *near = error_nearest(word, variables->names, variables->count);
	return document_complain(
	    document, &mark, complaint, "unknown name in '${%s}': expected %s%s%s ($${ gives ${)", word,
	    near ? "'" : "folder, work or a name of the matrix", near ? near : "", near ? "'" : "");
}

static int replace(struct document *document, yaml_node_t *node, const struct variables *variables,
		   struct complaint *complaint)
{
	char *made = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&made, &size);
	if (!stream)
		return -ENOMEM;
	int code = 0;
	for (const char *c = text_of(node); !code && *c; c++) {
		size_t length = c[0] == '$' && c[1] == '{' ? strcspn(c, "}") : 0;
		const char *value = length && c[length] ? find_value(variables, c + 2, length - 2) : NULL;
		if (strncmp(c, "$${", 3) == 0) {
			fputs("${", stream);
			c += 2;
		} else if (length && !value) {
			code = reject(document, node, c, variables, complaint);
		} else if (length) {
			fputs(value, stream);
			c += length;
		} else {
			fputc(*c, stream);
		}
	}
	if (fclose(stream) && !code)
		code = -ENOMEM;
	if (code) {
		free(made);
		return code;
	}
	free(node->data.scalar.value); /* libyaml's own is malloc's too */
	node->data.scalar.value = (unsigned char *)made;
	node->data.scalar.length = size;
	return 0;
}

/* A walk over the values; what an alias shares is looked at once. */
struct walk {
	struct document *document;
	const struct variables *variables;
	struct complaint *complaint;
	bool *seen; /* by node */
};

static int visit(struct walk *walk, int index, bool is_root)
{
	yaml_document_t *yaml = &walk->document->yaml;
	yaml_node_t *node = yaml_document_get_node(yaml, index);
	int code = 0;
	if (walk->seen[index])
		return 0;
	walk->seen[index] = true;
	if (node->type == YAML_SCALAR_NODE && strstr(text_of(node), "${"))
		return replace(walk->document, node, walk->variables, walk->complaint);
	if (node->type == YAML_SEQUENCE_NODE)
		for (const yaml_node_item_t *item = node->data.sequence.items.start;
		     !code && item < node->data.sequence.items.top; item++)
			code = visit(walk, *item, false);
	if (node->type == YAML_MAPPING_NODE)
		for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		     !code && pair < node->data.mapping.pairs.top; pair++) {
			const yaml_node_t *key = yaml_document_get_node(yaml, pair->key);
			bool is_matrix =
			    is_root && key->type == YAML_SCALAR_NODE && strcmp(text_of(key), "matrix") == 0;
			if (!is_matrix)
				code = visit(walk, pair->value, false);
		}
	return code;
}

int variables_replace(struct document *document, const struct variables *variables,
		      struct complaint *complaint)
{
	size_t nodes = (size_t)(document->yaml.nodes.top - document->yaml.nodes.start);
	struct walk walk = {document, variables, complaint, calloc(nodes + 1, sizeof(bool))};
	int code = walk.seen ? visit(&walk, 1, true) : -ENOMEM;
	free(walk.seen);
	return code;
}
