/* Times in the usual shape of ISO 8601, from bytes to seconds; see moments.py. */

static const int64_t NO_TIME = -((int64_t)1 << 62);
enum { MICRO = 1000000 };

/* Where digits end. */
HOT int64_t digits_end(U8 buffer, int64_t position) {
    while (position < buffer.n && is_digit(AT(buffer, position))) position++;
    return position;
}

/* The number that so many digits write, -1 if one is none. */
static inline int64_t digits(U8 buffer, int64_t start, int64_t count) {
    int64_t value = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!is_digit(AT(buffer, start + i))) return -1;
        value = 10 * value + AT(buffer, start + i) - '0';
    }
    return value;
}

/* The days since 1970 of a date, NO_TIME if there is no such day or it lies far off.
 *
 * The year is taken to start in March, so that a leap day is its last (Richards, Explanatory Supplement to the
 * Astronomical Almanac, 3rd edition, 2013, section 15.11).
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1900 || year >= 2200 || month < 1 || month > 12 || day < 1) return NO_TIME;
    int64_t longest = month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    if (day > longest) return NO_TIME;
    int64_t shifted = (month + 9) % 12, years = year - (month <= 2);
    return 365 * years + years / 4 - years / 100 + years / 400 + (153 * shifted + 2) / 5 + day - 719469;
}

/* The seconds of `HH:MM:SS`, -1 if that is not what stands there. */
static int64_t clock_of(U8 buffer, int64_t start) {
    int64_t hour = digits(buffer, start, 2), minute = digits(buffer, start + 3, 2);
    int64_t second = digits(buffer, start + 6, 2);
    if (AT(buffer, start + 2) != ':' || AT(buffer, start + 5) != ':') return -1;
    if (hour < 0 || hour >= 24 || minute < 0 || minute >= 60 || second < 0 || second >= 60) return -1;
    return 3600 * hour + 60 * minute + second;
}

/* The seconds that a zone (nothing, `Z` or `+HH:MM`) is ahead of UTC, NO_TIME if it is none. */
static int64_t zone_of(U8 buffer, int64_t start, int64_t stop) {
    if (start == stop || (stop == start + 1 && AT(buffer, start) == 'Z')) return 0;
    if (stop != start + 6 || AT(buffer, start + 3) != ':') return NO_TIME;
    if (AT(buffer, start) != '+' && AT(buffer, start) != '-') return NO_TIME;
    int64_t hour = digits(buffer, start + 1, 2), minute = digits(buffer, start + 4, 2);
    if (hour < 0 || hour >= 24 || minute < 0 || minute >= 60) return NO_TIME;
    int64_t ahead = 3600 * hour + 60 * minute;
    return AT(buffer, start) == '+' ? ahead : -ahead;
}

/* The microseconds of a fraction at `*position`, which moves behind it; -1 if it is none. */
static int64_t fraction_of(U8 buffer, int64_t *position, int64_t stop) {
    if (*position >= stop || (AT(buffer, *position) != '.' && AT(buffer, *position) != ',')) return 0;
    int64_t end = least_of(digits_end(buffer, *position + 1), stop), places = end - *position - 1;
    if (places < 1 || places > 6) return -1;
    int64_t fraction = digits(buffer, *position + 1, places);
    for (; places < 6; places++) fraction *= 10;
    *position = end;
    return fraction;
}

/* The microseconds since 1970 of a time in the usual shape of ISO 8601, NO_TIME if it has another. */
static int64_t microseconds(U8 buffer, int64_t start, int64_t stop) {
    if (stop - start < 19 || AT(buffer, start + 4) != '-' || AT(buffer, start + 7) != '-') return NO_TIME;
    int64_t days = days_of(digits(buffer, start, 4), digits(buffer, start + 5, 2), digits(buffer, start + 8, 2));
    int64_t seconds = clock_of(buffer, start + 11);
    uint8_t between = AT(buffer, start + 10);
    if (days == NO_TIME || seconds < 0 || (between != ' ' && between != 'T')) return NO_TIME;
    int64_t position = start + 19, fraction = fraction_of(buffer, &position, stop);
    int64_t ahead = fraction < 0 ? NO_TIME : zone_of(buffer, position, stop);
    return ahead == NO_TIME ? NO_TIME : (86400 * days + seconds - ahead) * MICRO + fraction;
}

KERNEL(tell_times, { U8 buffer; I64x2 spans; int64_t column; F64 seconds; }) {
    for (int64_t row = 0; row < in->seconds.n; row++) {
        int64_t start = AT2(in->spans, row, in->column), stop = AT2(in->spans, row, in->column + 1);
        int64_t value = microseconds(in->buffer, start, stop);
        AT(in->seconds, row) = value == NO_TIME ? (double)NAN : (double)value / MICRO;
    }
    return 0;
}
