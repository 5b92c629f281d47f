/* The logarithm of the gamma function, fast enough to be called for every pair of nodes. */

/* ln Γ(x) for x > 0 to about 1e-11: Stirling's series (Abramowitz & Stegun 6.1.40) from 10 up. */
static double log_gamma_of(double x) {
    double product = 1.0;
    for (; x < 10.0; x += 1.0) product *= x;
    double inverse = 1.0 / x, square = inverse * inverse;
    double series =
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    return (x - 0.5) * log(x) - x + 0.9189385332046727 + series - log(product);
}

/* ln of Γ(x + more + n) Γ(x) / (Γ(x + more) Γ(x + n)), for x > 0 and integers more, n >= 0.
 *
 * This is how much likelier n further draws of an outcome become by `more` draws seen before.  It is symmetric in the
 * two integers; the smaller one is unrolled where it is small.
 */
HOT double log_rising_of(double x, int64_t more, int64_t n) {
    if (n > more) {
        int64_t kept = n;
        n = more;
        more = kept;
    }
    double m = (double)more, k = (double)n;
    if (n > 8) return log_gamma_of(x + m + k) + log_gamma_of(x) - log_gamma_of(x + m) - log_gamma_of(x + k);
    double over = 1.0, under = 1.0;
    for (int64_t i = 0; i < n; i++) {
        over *= x + m + (double)i;
        under *= x + (double)i;
    }
    return log(over / under);
}

KERNEL(log_gammas, { F64 numbers; F64 logs; }) {
    for (int64_t at = 0; at < in->numbers.n; at++) AT(in->logs, at) = log_gamma_of(AT(in->numbers, at));
    return 0;
}

KERNEL(log_rises, { double number; I64 more; I64 draws; F64 logs; }) {
    for (int64_t at = 0; at < in->more.n; at++)
        AT(in->logs, at) = log_rising_of(in->number, AT(in->more, at), AT(in->draws, at));
    return 0;
}
