/* From bytes to events: where case, event and time stand in lines of CSV or JSON; see events.py. */

enum { LINE };
enum { ROW = 1 };

/* Where the next line starts if one ends here, else -1. */
HOT int64_t after_line_end(U8 buffer, int64_t position) {
    if (position == buffer.n) return position;
    if (AT(buffer, position) == '\n') return position + 1;
    int ends = AT(buffer, position) == '\r' && position + 1 < buffer.n && AT(buffer, position + 1) == '\n';
    return ends ? position + 2 : -1;
}

/* Note where a field stands, if it is one of the columns wanted. */
HOT void keep(I64x2 spans, int64_t row, I64 columns, int64_t field, int64_t start, int64_t stop) {
    for (int64_t which = 0; which < 3; which++) {
        if (AT(columns, which) != field) continue;
        AT2(spans, row, 1 + 2 * which) = start;
        AT2(spans, row, 2 + 2 * which) = stop;
    }
}

/* Where a cell without quotes ends; -1 if a quote stands in it. */
HOT int64_t cell_end(U8 buffer, int64_t position, uint8_t delimiter) {
    for (; position < buffer.n; position++) {
        uint8_t byte = AT(buffer, position);
        if (byte == delimiter || byte == '\n' || byte == '\r') return position;
        if (byte == '"') return -1;
    }
    return position;
}

/* Where the quote stands that closes a cell or a text; -1 if the line ends before. */
HOT int64_t quote_end(U8 buffer, int64_t position) {
    for (; position < buffer.n && AT(buffer, position) != '\n'; position++)
        if (AT(buffer, position) == '"') return position;
    return -1;
}

HOT int has_quote(U8 buffer, int64_t position) { return position < buffer.n && AT(buffer, position) == '"'; }

/* Split one row; return the start of the next, -1 if it is not plain; tell whether it holds cells. */
HOT int64_t split_row(U8 buffer, int64_t line, uint8_t delimiter, int64_t width, I64 columns, I64x2 spans, int64_t row,
                      int *filled) {
    int64_t position = line, field = 0;
    AT2(spans, row, LINE) = line;
    while (1) {
        int quoted = has_quote(buffer, position);
        int64_t start = position + quoted;
        int64_t stop = quoted ? quote_end(buffer, start) : cell_end(buffer, start, delimiter);
        if (stop < 0) return -1;
        keep(spans, row, columns, field++, start, stop);
        position = stop + quoted;
        if (position < buffer.n && AT(buffer, position) == delimiter) {
            position++;
            continue;
        }
        int64_t following = after_line_end(buffer, position);
        *filled = following < 0 || position != line;
        return *filled && field != width ? -1 : following;
    }
}

KERNEL(split_rows, { U8 buffer; int64_t delimiter; int64_t width; I64 columns; I64x2 spans; I64 state; }) {
    int64_t position = AT(in->state, POSITION), row = AT(in->state, ROW);
    while (position < in->buffer.n) {
        int filled = 0;
        int64_t following = split_row(in->buffer, position, (uint8_t)in->delimiter, in->width, in->columns, in->spans,
                                      row, &filled);
        if (following < 0) break;
        position = following;
        row += filled;
    }
    AT(in->state, POSITION) = position;
    AT(in->state, ROW) = row;
    return 0;
}

/* Whether a text stands at a position. */
HOT int holds(U8 buffer, int64_t position, const char *text, int64_t length) {
    if (position + length > buffer.n) return 0;
    for (int64_t i = 0; i < length; i++)
        if (AT(buffer, position + i) != (uint8_t)text[i]) return 0;
    return 1;
}

/* Where a number of JSON without exponent ends, -1 if there is none. */
static int64_t number_end(U8 buffer, int64_t position) {
    int64_t start = position + (AT(buffer, position) == '-'), stop = digits_end(buffer, start);
    if (stop == start || (AT(buffer, start) == '0' && stop - start > 1)) return -1;
    if (stop >= buffer.n || AT(buffer, stop) != '.') return stop;
    int64_t fraction = digits_end(buffer, stop + 1);
    return fraction > stop + 1 ? fraction : -1;
}

/* Where a number, true, false or null ends; -1 if there is none of them. */
static int64_t scalar_end(U8 buffer, int64_t position) {
    if (position >= buffer.n) return -1;
    if (holds(buffer, position, "true", 4) || holds(buffer, position, "null", 4)) return position + 4;
    if (holds(buffer, position, "false", 5)) return position + 5;
    return number_end(buffer, position);
}

/* Where a text of JSON that needs no decoding ends; -1 if it does need it, or is none. */
HOT int64_t text_end(U8 buffer, int64_t position) {
    for (; position < buffer.n && AT(buffer, position) >= ' ' && AT(buffer, position) != '\\'; position++)
        if (AT(buffer, position) == '"') return position;
    return -1;
}

/* Whether a field is one of the columns wanted. */
HOT int is_wanted(I64 columns, int64_t field) {
    return field == AT(columns, 0) || field == AT(columns, 1) || field == AT(columns, 2);
}

/* Split one object; return the start of the next line, -1 if it does not look like the pattern. */
HOT int64_t split_object(U8 buffer, int64_t position, U8 literals, I64 ends, I64 columns, I64x2 spans, int64_t row) {
    AT2(spans, row, LINE) = position;
    int64_t first = 0;
    for (int64_t field = 0; field < ends.n; field++) {
        int64_t length = AT(ends, field) - first;
        if (position + length > buffer.n || !same_bytes(literals, first, buffer, position, length)) return -1;
        position += length;
        first += length;
        if (field == ends.n - 1) break;
        int quoted = has_quote(buffer, position);
        int64_t start = position + quoted, stop = quoted ? text_end(buffer, start) : scalar_end(buffer, start);
        if (stop < 0 || (is_wanted(columns, field) && !quoted && holds(buffer, start, "null", 4))) return -1;
        keep(spans, row, columns, field, start, stop);
        position = stop + quoted;
    }
    return after_line_end(buffer, position);
}

KERNEL(split_objects, { U8 buffer; U8 literals; I64 ends; I64 columns; I64x2 spans; I64 state; }) {
    int64_t position = AT(in->state, POSITION), row = AT(in->state, ROW);
    while (position < in->buffer.n) {
        int64_t following =
            split_object(in->buffer, position, in->literals, in->ends, in->columns, in->spans, row);
        if (following < 0) break;
        position = following;
        row++;
    }
    AT(in->state, POSITION) = position;
    AT(in->state, ROW) = row;
    return 0;
}
