/* The loops over ids: a batch's rows of the table are copied together, read, changed and put back. */

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { WIDTH = 8, BLOCK = 512 }; /* of an embedding; rows whose inputs stay in a core's own cache */
#define EPSILON 1e-14f

typedef float vector __attribute__((vector_size(4 * WIDTH), aligned(4)));

/* What is learnt of all ids: an embedding and Adagrad's sums of squares, and the same of the wide weight. */
typedef struct { vector deep[2]; } embedding;
typedef struct { float weight, square; } wide_weight;

/* Of each category: ids a row, how many ids a row lie before, and its first row in the table. */
typedef struct {
    embedding *deep;
    wide_weight *wide;
    const int64_t *widths, *slots;
    const uint32_t *starts;
} table;

/* A batch's rows of the table; a category's begin at its first occurrence, so that there is room for all.
 * found has the place of each occurrence, used the row of the table at each place, counts the places of each
 * category. */
typedef struct {
    uint32_t *found, *used;
    int64_t *counts;
    vector *deep, *squares, *slopes;
    float *wide, *wide_squares, *wide_slopes;
} copy;

/* Copy the rows of the ids that occur in the categories first to last. places holds one more than the place of
 * an id of a category, 0 where it has none yet and at the end. */
void collect(const table *all, const copy *mine, const uint32_t *ids, int64_t rows, uint32_t *places,
             int64_t first, int64_t last) {
    for (int64_t category = first; category < last; category++) {
        int64_t begin = all->slots[category] * rows, end = begin + all->widths[category] * rows;
        uint32_t count = 0, *used = mine->used + begin;
        for (int64_t occurrence = begin; occurrence < end; occurrence++) {
            uint32_t at = ids[occurrence], place = places[at];
            if (place == 0) {
                used[count] = at;
                place = places[at] = ++count;
            }
            mine->found[occurrence] = place - 1;
        }
        mine->counts[category] = count;
        for (uint32_t number = 0; number < count; number++) {
            int64_t place = begin + number;
            places[used[number]] = 0;
            used[number] += all->starts[category];
            const embedding *deep = all->deep + used[number];
            mine->deep[place] = deep->deep[0], mine->squares[place] = deep->deep[1];
            mine->wide[place] = all->wide[used[number]].weight;
            mine->wide_squares[place] = all->wide[used[number]].square;
        }
    }
}

/* Write embeddings, pooled by category, and sums of wide weights, of the rows first to last. */
void gather(const table *all, const copy *mine, int64_t categories, float *inputs, int64_t stride, float *logits,
            int64_t rows, int64_t first, int64_t last) {
    for (int64_t begin = first; begin < last; begin += BLOCK) {
        int64_t end = begin + BLOCK < last ? begin + BLOCK : last;
        memset(logits + begin, 0, (end - begin) * sizeof(float));
        for (int64_t category = 0; category < categories; category++) {
            int64_t many = all->widths[category], base = all->slots[category] * rows;
            const uint32_t *found = mine->found + base + begin * many;
            const vector *deep = mine->deep + base;
            const float *wide = mine->wide + base;
            for (int64_t row = begin; row < end; row++, found += many) {
                vector sum = deep[found[0]];
                float logit = wide[found[0]];
                for (int64_t other = 1; other < many; other++) {
                    sum += deep[found[other]];
                    logit += wide[found[other]];
                }
                *(vector *)(inputs + row * stride + category * WIDTH) = sum * (1.0f / (float)many);
                logits[row] += logit;
            }
        }
    }
}

/* Take a step of Adagrad. */
static void descend(float *restrict weights, float *restrict squares, const float *restrict slopes,
                    int64_t count, float rate) {
    for (int64_t unit = 0; unit < count; unit++) {
        squares[unit] += slopes[unit] * slopes[unit];
        weights[unit] -= rate * slopes[unit] / sqrtf(squares[unit] + EPSILON);
    }
}

/* Sum the gradients of each id of the categories first to last; Adagrad changes those that occur. */
void learn(const table *all, const copy *mine, const float *down, int64_t stride, const float *error, float rate,
           int64_t rows, int64_t first, int64_t last) {
    for (int64_t category = first; category < last; category++) {
        int64_t many = all->widths[category], base = all->slots[category] * rows;
        int64_t count = mine->counts[category];
        const uint32_t *found = mine->found + base, *used = mine->used + base;
        vector *deep = mine->deep + base, *squares = mine->squares + base, *slopes = mine->slopes + base;
        float *wide = mine->wide + base, *wide_squares = mine->wide_squares + base;
        float *wide_slopes = mine->wide_slopes + base;
        memset(slopes, 0, count * sizeof(vector));
        memset(wide_slopes, 0, count * sizeof(float));
        for (int64_t row = 0; row < rows; row++, found += many) {
            vector slope = *(const vector *)(down + row * stride + category * WIDTH) * (1.0f / (float)many);
            for (int64_t other = 0; other < many; other++) {
                slopes[found[other]] += slope;
                wide_slopes[found[other]] += error[row];
            }
        }
        descend((float *)deep, (float *)squares, (float *)slopes, count * WIDTH, rate);
        descend(wide, wide_squares, wide_slopes, count, rate);
        for (int64_t place = 0; place < count; place++) {
            embedding *learnt = all->deep + used[place];
            learnt->deep[0] = deep[place], learnt->deep[1] = squares[place];
            all->wide[used[place]] = (wide_weight){wide[place], wide_squares[place]};
        }
    }
}
