/* Bytes of a text, eight and 64 at once. */

/* Eight bytes of a buffer, which it must have, as one number, the first as the lowest. */
HOT uint64_t load_eight(U8 buffer, int64_t position) {
    uint64_t eight;
    memcpy(&eight, &AT(buffer, position), sizeof eight);
    (void)INSIDE(position + 7, buffer.n, buffer);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight;
}

/* Bytes that are looked at together; `equal_to`, `equal_to_any` and `blank_in` tell for STEP of them which are a byte, one
 * of four, or at most a blank, the first as the lowest bit. */
enum { WINDOW = 64 };
typedef struct { uint8_t of[4]; } Four;
#if defined(__SSE2__) && !defined(CHECKED)
#include <emmintrin.h>
enum { STEP = 16 };
HOT uint64_t equal_to(U8 bytes, int64_t first, uint8_t byte) {
    __m128i found = _mm_loadu_si128((const __m128i *)(bytes.at + first));
    return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(found, _mm_set1_epi8((char)byte)));
}
HOT uint64_t equal_to_any(U8 bytes, int64_t first, Four sought) {
    __m128i found = _mm_loadu_si128((const __m128i *)(bytes.at + first)), any = _mm_setzero_si128();
    for (int i = 0; i < 4; i++)
        any = _mm_or_si128(any, _mm_cmpeq_epi8(found, _mm_set1_epi8((char)sought.of[i])));
    return (uint64_t)_mm_movemask_epi8(any);
}
HOT uint64_t blank_in(U8 bytes, int64_t first) {
    __m128i found = _mm_loadu_si128((const __m128i *)(bytes.at + first));
    return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(found, _mm_set1_epi8(' ')), found));
}
#else
enum { STEP = 8 };
/* One bit for each of eight bytes of which the highest alone is set or not. */
HOT uint64_t highest_bits(uint64_t bytes) { return (bytes >> 7) * 0x0102040810204080u >> 56; }
/* A byte of zero keeps its highest bit clear where 127 is added to its lower ones. */
HOT uint64_t equal_to(U8 bytes, int64_t first, uint8_t byte) {
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t apart = load_eight(bytes, first) ^ 0x0101010101010101u * byte;
    return highest_bits(~(((apart & low) + low) | apart | low));
}
HOT uint64_t equal_to_any(U8 bytes, int64_t first, Four sought) {
    uint64_t any = 0;
    for (int i = 0; i < 4; i++) any |= equal_to(bytes, first, sought.of[i]);
    return any;
}
/* A byte of at most 32 keeps its highest bit clear where 95 is added to its lower ones. */
HOT uint64_t blank_in(U8 bytes, int64_t first) {
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t eight = load_eight(bytes, first);
    return highest_bits(~(((eight & low) + 0x5F5F5F5F5F5F5F5Fu) | eight | low));
}
#endif
