/* The marks of XML in UTF-8: tags with their attributes, references, comments; nothing is passed over that is broken.
 *
 * Functions return where something ends, or one of two numbers below 0.
 */

enum { MOST_ATTRIBUTES = 16, DEEPEST = 32 };
/* In place of a position: the bytes end before it is clear what stands here; or a parser has to look at it. */
enum { TOO_SHORT = -1, UNUSUAL = -2 };

/* What a byte may be: part of a name, its first; a blank; plain in a quoted value, in text between tags. */
enum { NAME = 1, FIRST = 2, BLANK = 4, VALUE = 8, TEXT = 16 };
#define LETTER (NAME | FIRST | VALUE | TEXT)
static const uint8_t class_of[256] = {
    ['\t'] = BLANK | TEXT, ['\n'] = BLANK | TEXT, ['\r'] = BLANK | TEXT, [' '] = BLANK | VALUE | TEXT,
    ['!'] = VALUE | TEXT, ['"'] = TEXT, ['#' ... '%'] = VALUE | TEXT, ['\''] = TEXT, ['(' ... ','] = VALUE | TEXT,
    ['-' ... '.'] = NAME | VALUE | TEXT, ['/'] = VALUE | TEXT, ['0' ... '9'] = NAME | VALUE | TEXT,
    [':'] = NAME | VALUE | TEXT, [';'] = VALUE | TEXT, ['='] = VALUE | TEXT, ['>' ... '@'] = VALUE | TEXT,
    ['A' ... 'Z'] = LETTER, ['['] = VALUE | TEXT, ['\\'] = VALUE | TEXT, [']'] = VALUE, ['^'] = VALUE | TEXT,
    ['_'] = LETTER, ['`'] = VALUE | TEXT, ['a' ... 'z'] = LETTER, ['{' ... 0x7f] = VALUE | TEXT,
};

/* A part of the buffer; `coded` if references or line ends have to be replaced in it, `start` -1 if it is not there. */
typedef struct { int64_t start, stop; int coded; } Part;

typedef struct { Part name, key, value; int empty; } Tag;

/* Where a character of UTF-8 beyond ASCII ends; unusual if it is broken, or one that XML does not allow. */
static int64_t after_character(U8 buffer, int64_t position) {
    uint8_t lead = AT(buffer, position);
    int64_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return UNUSUAL;
    if (position + length > buffer.n) return TOO_SHORT;
    for (int64_t i = 1; i < length; i++)
        if ((AT(buffer, position + i) & 0xC0) != 0x80) return UNUSUAL;
    uint8_t second = AT(buffer, position + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90)) return UNUSUAL; /* longer than need be */
    if ((lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90)) return UNUSUAL; /* surrogate, too large */
    if (lead == 0xEF && second == 0xBF && AT(buffer, position + 2) >= 0xBE) return UNUSUAL; /* U+FFFE, U+FFFF */
    return position + length;
}

/* Whether a text without a byte NUL stands at a position; TOO_SHORT if only its beginning does. */
static int64_t begins(U8 buffer, int64_t position, const char *text) {
    for (; *text; text++, position++) {
        if (position >= buffer.n) return TOO_SHORT;
        if (AT(buffer, position) != (uint8_t)*text) return 0;
    }
    return 1;
}

static int64_t digit_of(uint8_t byte, int64_t base) {
    int64_t digit = is_digit(byte) ? byte - '0' : (byte | 32) >= 'a' && (byte | 32) <= 'f' ? (byte | 32) - 'a' + 10 : 99;
    return digit < base ? digit : -1;
}

/* Whether XML allows a character to be named by its number. */
static int is_allowed(int64_t code) {
    if (code < 32) return code == '\t' || code == '\n' || code == '\r';
    return code < 0xD800 || (code > 0xDFFF && code < 0xFFFE) || (code > 0xFFFF && code < 0x110000);
}

/* Where the reference to a character by its number ends, which stands behind `&#`. */
static int64_t after_number(U8 buffer, int64_t position, int64_t *code) {
    enum { LONGEST = 7 };
    if (position >= buffer.n) return TOO_SHORT;
    int64_t base = AT(buffer, position) == 'x' ? 16 : 10, start = position += base == 16;
    for (*code = 0; position < buffer.n; position++) {
        int64_t digit = digit_of(AT(buffer, position), base);
        if (digit < 0) break;
        if (position - start >= LONGEST) return UNUSUAL;
        *code = base * *code + digit;
    }
    if (position >= buffer.n) return TOO_SHORT;
    return position > start && AT(buffer, position) == ';' && is_allowed(*code) ? position + 1 : UNUSUAL;
}

/* Where a reference ends, and the character it stands for. */
static int64_t after_reference(U8 buffer, int64_t position, int64_t *code) {
    static const struct { const char *text; int64_t length, code; } known[] = {
        {"&amp;", 5, '&'}, {"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&quot;", 6, '"'}, {"&apos;", 6, '\''}};
    int64_t number = begins(buffer, position, "&#");
    if (number) return number < 0 ? number : after_number(buffer, position + 2, code);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t found = begins(buffer, position, known[i].text);
        *code = known[i].code;
        if (found) return found < 0 ? found : position + known[i].length;
    }
    return UNUSUAL;
}

/* Where the quote stands that closes a value. */
HOT int64_t value_end(U8 buffer, int64_t position, uint8_t quote, int *coded) {
    int64_t code;
    while (position >= 0 && position < buffer.n) {
        uint8_t byte = AT(buffer, position);
        if (LIKELY(class_of[byte] & VALUE)) {
            position++;
        } else if (byte == quote) {
            return position;
        } else if (byte >= 0x80) {
            position = after_character(buffer, position);
        } else if (byte == '&' || class_of[byte] & BLANK) {
            *coded = 1;
            position = byte == '&' ? after_reference(buffer, position, &code) : position + 1;
        } else if (byte == '"' || byte == '\'') {
            position++;
        } else {
            return UNUSUAL;
        }
    }
    return position < 0 ? position : TOO_SHORT;
}

/* Append a character in UTF-8; return where the next belongs. */
static int64_t put_character(U8 into, int64_t at, int64_t code) {
    if (code < 0x80) {
        AT(into, at) = (uint8_t)code;
        return at + 1;
    }
    int64_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    AT(into, at) = (uint8_t)(0xFF00 >> (more + 1) | code >> 6 * more);
    for (int64_t i = 1; i <= more; i++) AT(into, at + i) = (uint8_t)(0x80 | (code >> 6 * (more - i) & 0x3F));
    return at + more + 1;
}

/* Append a value, its references replaced and each line end and tab a blank; return where the next belongs. */
static int64_t put_value(U8 into, int64_t at, U8 buffer, Part part) {
    if (!part.coded) {
        copy_bytes(into, at, buffer, part.start, part.stop - part.start);
        return at + part.stop - part.start;
    }
    for (int64_t position = part.start; position < part.stop;) {
        int64_t code = AT(buffer, position);
        if (code == '&') {
            position = after_reference(buffer, position, &code);
            at = put_character(into, at, code);
            continue;
        }
        position += code == '\r' && AT(buffer, position + 1) == '\n' ? 2 : 1;
        AT(into, at++) = class_of[code] & BLANK ? ' ' : (uint8_t)code;
    }
    return at;
}

HOT int64_t after_blanks(U8 buffer, int64_t position) {
    while (position < buffer.n && class_of[AT(buffer, position)] & BLANK) position++;
    return position;
}

/* Where a name ends. */
HOT int64_t name_end(U8 buffer, int64_t position) {
    if (position >= buffer.n) return TOO_SHORT;
    if (!(class_of[AT(buffer, position)] & FIRST)) return UNUSUAL;
    while (position < buffer.n && class_of[AT(buffer, position)] & NAME) position++;
    if (position >= buffer.n) return TOO_SHORT;
    return AT(buffer, position) < 0x80 ? position : UNUSUAL;
}

/* Whether a part of the buffer, as it stands there, is a text. */
HOT int is_text(U8 buffer, int64_t start, int64_t stop, const char *text, int64_t length) {
    return stop - start == length && holds(buffer, start, text, length);
}

/* Read an attribute of a tag; return where it ends. */
HOT int64_t read_attribute(U8 buffer, int64_t position, Part *name, Part *value) {
    *name = (Part){position, name_end(buffer, position), 0};
    if (name->stop < 0) return name->stop;
    position = after_blanks(buffer, name->stop);
    if (position >= buffer.n) return TOO_SHORT;
    if (AT(buffer, position) != '=') return UNUSUAL;
    position = after_blanks(buffer, position + 1);
    if (position >= buffer.n) return TOO_SHORT;
    uint8_t quote = AT(buffer, position);
    if (quote != '"' && quote != '\'') return UNUSUAL;
    value->start = position + 1;
    value->coded = 0;
    value->stop = value_end(buffer, position + 1, quote, &value->coded);
    return value->stop < 0 ? value->stop : value->stop + 1;
}

/* Whether two parts of the buffer are the same bytes. */
HOT int same_parts(U8 buffer, Part one, Part other) {
    int64_t length = one.stop - one.start;
    return length == other.stop - other.start && same_bytes(buffer, one.start, buffer, other.start, length);
}

/* Read a tag that begins an element; return where it ends. */
HOT int64_t read_tag(U8 buffer, int64_t position, Tag *tag) {
    Part names[MOST_ATTRIBUTES], value;
    *tag = (Tag){{position + 1, name_end(buffer, position + 1), 0}, {-1, -1, 0}, {-1, -1, 0}, 0};
    position = tag->name.stop;
    for (int64_t count = 0; position >= 0; count++) {
        int64_t start = after_blanks(buffer, position);
        if (start >= buffer.n) return TOO_SHORT;
        uint8_t byte = AT(buffer, start);
        if (byte == '>') return start + 1;
        if (byte == '/') {
            tag->empty = 1;
            if (start + 1 >= buffer.n) return TOO_SHORT;
            return AT(buffer, start + 1) == '>' ? start + 2 : UNUSUAL;
        }
        if (start == position || count == MOST_ATTRIBUTES) return UNUSUAL;
        Part name;
        position = read_attribute(buffer, start, &name, &value);
        if (position < 0) return position;
        for (int64_t i = 0; i < count; i++)
            if (same_parts(buffer, names[i], name)) return UNUSUAL; /* twice */
        names[count] = name;
        if (is_text(buffer, name.start, name.stop, "key", 3)) tag->key = value;
        if (is_text(buffer, name.start, name.stop, "value", 5)) tag->value = value;
    }
    return position;
}

/* Where a tag ends that ends an element, whose name stands in another array. */
static int64_t after_end_tag(U8 buffer, int64_t position, U8 names, int64_t first, int64_t length) {
    if (position + 2 + length >= buffer.n) return TOO_SHORT;
    if (!same_bytes(names, first, buffer, position + 2, length)) return UNUSUAL;
    position = after_blanks(buffer, position + 2 + length);
    if (position >= buffer.n) return TOO_SHORT;
    return AT(buffer, position) == '>' ? position + 1 : UNUSUAL;
}

/* Where a comment (`close` is "--") or a section of characters ("]]") ends, from behind its beginning. */
static int64_t after_section(U8 buffer, int64_t position, const char *close) {
    while (position >= 0 && position < buffer.n) {
        uint8_t byte = AT(buffer, position);
        int64_t closes = byte == (uint8_t)close[0] ? begins(buffer, position, close) : 0;
        if (closes < 0) return closes;
        if (closes) {
            if (position + 2 >= buffer.n) return TOO_SHORT;
            if (AT(buffer, position + 2) == '>') return position + 3;
            if (byte == '-') return UNUSUAL; /* two of them inside a comment */
        }
        if (byte < ' ' && !(class_of[byte] & BLANK)) return UNUSUAL;
        position = byte < 0x80 ? position + 1 : after_character(buffer, position);
    }
    return position < 0 ? position : TOO_SHORT;
}

/* Where what begins with `<!` ends. */
static int64_t after_mark(U8 buffer, int64_t position) {
    int64_t comment = begins(buffer, position, "<!--");
    if (comment) return comment < 0 ? comment : after_section(buffer, position + 4, "--");
    int64_t section = begins(buffer, position, "<![CDATA[");
    if (section) return section < 0 ? section : after_section(buffer, position + 9, "]]");
    return UNUSUAL;
}

/* Where the next tag begins, behind text and comments; the byte after `<` is there. */
HOT int64_t next_tag(U8 buffer, int64_t position) {
    while (position >= 0 && position < buffer.n) {
        uint8_t byte = AT(buffer, position);
        if (LIKELY(class_of[byte] & TEXT)) {
            position++;
        } else if (byte == '<') {
            if (position + 1 >= buffer.n) return TOO_SHORT;
            if (AT(buffer, position + 1) != '!') return position;
            position = after_mark(buffer, position);
        } else {
            position = byte < 0x80 ? UNUSUAL : after_character(buffer, position);
        }
    }
    return position < 0 ? position : TOO_SHORT;
}

HOT int is_end(U8 buffer, int64_t position) { return AT(buffer, position + 1) == '/'; }

/* Where an element ends, from behind the tag that begins it; nothing in it is wanted. */
static int64_t after_element(U8 buffer, int64_t position, Tag tag) {
    Part open[DEEPEST] = {tag.name};
    int64_t depth = tag.empty ? 0 : 1;
    while (depth > 0) {
        position = next_tag(buffer, position);
        if (position < 0) return position;
        if (is_end(buffer, position)) {
            Part name = open[--depth];
            position = after_end_tag(buffer, position, buffer, name.start, name.stop - name.start);
        } else {
            position = read_tag(buffer, position, &tag);
            if (position >= 0 && !tag.empty) {
                if (depth == DEEPEST) return UNUSUAL;
                open[depth++] = tag.name;
            }
        }
        if (position < 0) return position;
    }
    return position;
}
