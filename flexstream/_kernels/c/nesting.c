/* From bytes to events: values of JSON that may hold others; see nesting.py. */

enum { VALUE_AT, VALUE_ROWS, VALUE_START, VALUE_DEPTH, VALUE_INSIDE, VALUE_LINES, VALUE_FIRST, VALUE_STATUS };
enum { NO_BYTES, NO_SPAN, AT_BRACKET, LINE_IN_TEXT };
enum { OUTSIDE, IN_TEXT, ESCAPED };

HOT int is_space(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }
HOT int opens_value(uint8_t byte) { return byte == '{' || byte == '['; }
HOT int closes_value(uint8_t byte) { return byte == '}' || byte == ']'; }
HOT int parts_values(uint8_t byte) { return is_space(byte) || byte == ',' || byte == ':'; }

/* Note a value that stops at a position. */
static void end_value(I64x2 spans, I64 state, int64_t stop) {
    int64_t row = AT(state, VALUE_ROWS)++;
    AT2(spans, row, 0) = AT(state, VALUE_START);
    AT2(spans, row, 1) = stop;
    AT2(spans, row, 2) = AT(state, VALUE_FIRST);
    AT2(spans, row, 3) = AT(state, VALUE_LINES) - AT(state, VALUE_FIRST);
    AT(state, VALUE_START) = -1;
}

/* Go on in a text; return where, -1 if a line ends in it. */
static int64_t pass_text(U8 buffer, int64_t position, I64 state) {
    for (; position < buffer.n; position++) {
        uint8_t byte = AT(buffer, position);
        if (UNLIKELY(byte == '\n')) return -1;
        if (AT(state, VALUE_INSIDE) == ESCAPED) {
            AT(state, VALUE_INSIDE) = IN_TEXT;
        } else if (byte == '\\') {
            AT(state, VALUE_INSIDE) = ESCAPED;
        } else if (byte == '"') {
            AT(state, VALUE_INSIDE) = OUTSIDE;
            return position + 1;
        }
    }
    return position;
}

/* Go on in a list or an object up to a text, its end, or the end of the bytes; return where. */
static int64_t pass_nested(U8 buffer, int64_t position, I64 state) {
    for (; position < buffer.n && AT(state, VALUE_DEPTH); position++) {
        uint8_t byte = AT(buffer, position);
        if (byte == '"') {
            AT(state, VALUE_INSIDE) = IN_TEXT;
            return position + 1;
        }
        AT(state, VALUE_DEPTH) += opens_value(byte) - closes_value(byte);
        AT(state, VALUE_LINES) += byte == '\n';
    }
    return position;
}

/* Go on up to the next value, and begin it; return the status, or -1 where one has begun. */
static int64_t begin_value(U8 buffer, int64_t *at, int64_t room, I64 state) {
    int64_t position = *at;
    for (; position < buffer.n && parts_values(AT(buffer, position)); position++)
        AT(state, VALUE_LINES) += AT(buffer, position) == '\n';
    *at = position;
    if (position == buffer.n) return NO_BYTES;
    uint8_t byte = AT(buffer, position);
    if (closes_value(byte)) return AT_BRACKET;
    if (AT(state, VALUE_ROWS) == room) return NO_SPAN;
    AT(state, VALUE_START) = position;
    AT(state, VALUE_FIRST) = AT(state, VALUE_LINES);
    AT(state, VALUE_DEPTH) = opens_value(byte);
    AT(state, VALUE_INSIDE) = byte == '"' ? IN_TEXT : OUTSIDE;
    *at = position + 1;
    return -1;
}

/* Go on in a number or a word; return where it ends, or the bytes do. */
static int64_t pass_word(U8 buffer, int64_t position) {
    while (position < buffer.n) {
        uint8_t byte = AT(buffer, position);
        if (parts_values(byte) || opens_value(byte) || closes_value(byte) || byte == '"') break;
        position++;
    }
    return position;
}

/* Go on in the value that is open; return where, -1 if a line ends in a text. */
static int64_t pass_value(U8 buffer, int64_t position, I64x2 spans, I64 state) {
    int whole = 0;
    if (AT(state, VALUE_INSIDE)) {
        position = pass_text(buffer, position, state);
        if (position < 0) return -1;
        whole = !AT(state, VALUE_DEPTH) && !AT(state, VALUE_INSIDE);
    } else if (AT(state, VALUE_DEPTH)) {
        position = pass_nested(buffer, position, state);
        whole = !AT(state, VALUE_DEPTH);
    } else {
        position = pass_word(buffer, position);
        whole = position < buffer.n;
    }
    if (whole) end_value(spans, state, position);
    return position;
}

KERNEL(split_values, { U8 buffer; I64x2 spans; I64 state; }) {
    int64_t position = AT(in->state, VALUE_AT), status = NO_BYTES;
    AT(in->state, VALUE_ROWS) = 0;
    while (position < in->buffer.n) {
        if (AT(in->state, VALUE_START) < 0) {
            status = begin_value(in->buffer, &position, in->spans.n, in->state);
            if (status >= 0) break;
            status = NO_BYTES;
            continue;
        }
        int64_t stop = pass_value(in->buffer, position, in->spans, in->state);
        if (stop < 0) {
            status = LINE_IN_TEXT;
            break;
        }
        position = stop;
    }
    AT(in->state, VALUE_AT) = position;
    AT(in->state, VALUE_STATUS) = status;
    return 0;
}
