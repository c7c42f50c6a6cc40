// SPDX-License-Identifier: MIT
// report: libxml2, loaded when a report needs it: with it come a C++ runtime and Unicode tables, which every run would
// otherwise wait for.
#ifndef SHMCHECK_HARNESS_REPORT_XML_H
#define SHMCHECK_HARNESS_REPORT_XML_H

#include <libxml/xmlwriter.h>

#define XML_FUNCTIONS(X)                                                                                     \
	X(xmlSetGenericErrorFunc)                                                                            \
	X(xmlOutputBufferCreateIO)                                                                           \
	X(xmlNewTextWriter)                                                                                  \
	X(xmlFreeTextWriter)                                                                                 \
	X(xmlTextWriterSetIndent)                                                                            \
	X(xmlTextWriterStartDocument)                                                                        \
	X(xmlTextWriterEndDocument)                                                                          \
	X(xmlTextWriterStartElement)                                                                         \
	X(xmlTextWriterEndElement)                                                                           \
	X(xmlTextWriterWriteElement)                                                                         \
	X(xmlTextWriterWriteString)                                                                          \
	X(xmlTextWriterWriteFormatString)                                                                    \
	X(xmlTextWriterWriteAttribute)                                                                       \
	X(xmlTextWriterWriteFormatAttribute)

struct xml {
#define XML_SLOT(name) __typeof__(&(name)) name;
	XML_FUNCTIONS(XML_SLOT)
#undef XML_SLOT
};

/* Its functions, loaded by the first call. NULL: it cannot be loaded, and RET_WHY (static) says why. One thread. */
const struct xml *xml_load(const char **ret_why);

#endif
