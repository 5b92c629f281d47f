/* Whole numbers as text, and lines counted; see numbers.py. */

enum { MOST_DECIMALS = 20 };

/* Write a whole number; return where it ends. */
HOT int64_t write_number(int64_t number, U8 text, int64_t at) {
    uint8_t digits[MOST_DECIMALS];
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    int64_t count = 0;
    if (number < 0) AT(text, at++) = '-';
    do digits[count++] = (uint8_t)('0' + left % 10);
    while (left /= 10);
    while (count > 0) AT(text, at++) = digits[--count];
    return at;
}

KERNEL(write_numbers, { I64 numbers; U8 text; }) {
    int64_t at = 0;
    for (int64_t i = 0; i < in->numbers.n; i++) {
        if (i > 0) AT(in->text, at++) = ',', AT(in->text, at++) = ' ';
        at = write_number(AT(in->numbers, i), in->text, at);
    }
    return at;
}

KERNEL(count_byte, { U8 bytes; int64_t sought; }) {
    enum { PIECE = 128 }; /* so few that a byte holds their sum, which lets many be added at once */
    int64_t total = 0;
    for (int64_t start = 0; start < in->bytes.n; start += PIECE) {
        U8 piece = PART(U8, in->bytes, start, least_of(PIECE, in->bytes.n - start));
        uint8_t count = 0;
        for (int64_t i = 0; i < piece.n; i++) count += AT(piece, i) == (uint8_t)in->sought;
        total += count;
    }
    return total;
}
