/* The chain with 16 outputs in one vector and the sums of a layer held in registers.
 *
 * Kernels are laid out as [WIDTH / BLOCK][in][BLOCK]: BLOCK outputs are summed up together, in SPLIT sums
 * each, so that no multiplication waits for the one before. Which BLOCK and SPLIT are best depends on the
 * width, the processor and the compiler; submission.py tries several. */

#include <string.h>

enum { INPUTS = 18, EVERY = 1000, LANES = 16, VECTORS = BLOCK / LANES, ALL = WIDTH / LANES };

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef int bits __attribute__((vector_size(4 * LANES)));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS void sums(const float *x, int count, const vector *kernel, const vector *bias, vector *y) {
    for (int block = 0; block < WIDTH / BLOCK; block++) {
        vector sum[SPLIT][VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            sum[0][v] = bias[v];
            for (int s = 1; s < SPLIT; s++) sum[s][v] = (vector){0};
        }
#pragma GCC unroll 4
        for (int in = 0; in < count - count % SPLIT; in += SPLIT)
            for (int s = 0; s < SPLIT; s++)
                for (int v = 0; v < VECTORS; v++) sum[s][v] += x[in + s] * kernel[(in + s) * VECTORS + v];
        for (int in = count - count % SPLIT; in < count; in++)
            for (int v = 0; v < VECTORS; v++) sum[0][v] += x[in] * kernel[in * VECTORS + v];
        for (int v = 0; v < VECTORS; v++) {
            for (int s = 1; s < SPLIT; s++) sum[0][v] += sum[s][v];
            y[v] = sum[0][v];
        }
        kernel += count * VECTORS, bias += VECTORS, y += VECTORS;
    }
}

ALWAYS void dense(const vector *x, const vector *kernel, const vector *bias, vector *y) {
    sums((const float *)x, WIDTH, kernel, bias, y);
    for (int v = 0; v < ALL; v++) y[v] = (vector)((bits)y[v] & 0x7fffffff); /* the absolute value */
}

/* The normalisation is folded into input_kernel and first_bias. What the inputs add to the first layer does
 * not wait for the state: the processor works it out while the step before is still under way. */
void chain(const float *inputs, long n, const float *start, float *answer, const vector *input_kernel,
           const vector *state_kernel, const vector *first_bias, const vector *kernels, const vector *biases) {
    vector fed[ALL], state[ALL], next[ALL];
    memcpy(state, start, sizeof state);
    for (long step = 1; step <= n; step++, inputs += INPUTS) {
        sums(inputs, INPUTS, input_kernel, first_bias, fed);
        dense(state, state_kernel, fed, next);
        memcpy(state, next, sizeof state);
        for (long layer = 0; layer < LAYERS - 1; layer++) {
            dense(state, kernels + layer * WIDTH * ALL, biases + layer * ALL, next);
            memcpy(state, next, sizeof state);
        }
        if (step % EVERY == 0) {
            memcpy(answer, state, sizeof state);
            answer += WIDTH;
        }
    }
    memcpy(answer, state, sizeof state);
}
