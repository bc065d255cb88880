/* The chain as one writes it down in C: dense layers, one output after another. */

#include <math.h>
#include <string.h>

enum { INPUTS = 18, EVERY = 1000 };

static void dense(const float *x, int count, const float *kernel, const float *bias, float *y) {
    for (int out = 0; out < WIDTH; out++) {
        float sum = bias[out];
        for (int in = 0; in < count; in++) sum += x[in] * kernel[in * WIDTH + out];
        y[out] = fabsf(sum);
    }
}

void chain(const float *inputs, long n, const float *start, float *answer, const float *mean, const float *std,
           const float *first_kernel, const float *first_bias, const float *kernels, const float *biases) {
    float x[INPUTS + WIDTH], state[WIDTH], next[WIDTH];
    memcpy(state, start, sizeof state);
    for (long step = 1; step <= n; step++, inputs += INPUTS) {
        for (int in = 0; in < INPUTS; in++) x[in] = (inputs[in] - mean[in]) / std[in];
        memcpy(x + INPUTS, state, sizeof state);
        dense(x, INPUTS + WIDTH, first_kernel, first_bias, state);
        for (long layer = 0; layer < LAYERS - 1; layer++) {
            dense(state, WIDTH, kernels + layer * WIDTH * WIDTH, biases + layer * WIDTH, next);
            memcpy(state, next, sizeof state);
        }
        if (step % EVERY == 0) {
            memcpy(answer, state, sizeof state);
            answer += WIDTH;
        }
    }
    memcpy(answer, state, sizeof state);
}
