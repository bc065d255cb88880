/* The loops over bytes, words and features, and the closed model: WIDTH features, HIDDEN units, CLASSES. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define BLANK -1
#define DROPPED -2
#define FIRST 0xCBF29CE484222325u /* FNV-1a, 64 bits */
#define PRIME 0x100000001B3u
#define BETA1 0.9f
#define BETA2 0.999f
#define EPSILON 1e-7f

typedef struct {
    float first[WIDTH][HIDDEN], bias[HIDDEN], second[HIDDEN][CLASSES], last[CLASSES];
} network;

/* Write the hash of every word, and after which of them each text ends; return how many there are.
 * A byte means itself, a small letter, BLANK or DROPPED. */
int64_t hash_words(const uint8_t *data, int64_t texts, const int64_t *ends, const int16_t *meaning,
                   uint64_t *hashes, int64_t *stops) {
    int64_t count = 0, place = 0;
    for (int64_t text = 0; text < texts; text++) {
        uint64_t value = FIRST;
        int inside = 0;
        for (; place < ends[text]; place++) {
            int byte = meaning[data[place]];
            if (byte >= 0) {
                value = (value ^ (uint64_t)byte) * PRIME;
                inside = 1;
            } else if (byte == BLANK) {
                if (inside) hashes[count++] = value;
                value = FIRST, inside = 0;
            }
        }
        if (inside) hashes[count++] = value;
        stops[text] = count;
    }
    return count;
}

/* Count words in an open table of a power of two of places, in which a count of 0 is free. */
void count_words(const uint64_t *hashes, int64_t words, uint64_t mask, uint64_t *keys, int64_t *counts) {
    for (int64_t word = 0; word < words; word++) {
        uint64_t place = hashes[word] & mask;
        while (counts[place] && keys[place] != hashes[word]) place = (place + 1) & mask;
        keys[place] = hashes[word];
        counts[place]++;
    }
}

/* Write the distinct features of every text one after another, and where each text's end; return their number.
 * A free place of the table has the number -1; feature 0 stands for all words outside the vocabulary. */
int64_t look_up(const uint64_t *hashes, int64_t texts, const int64_t *stops, uint64_t mask,
                const uint64_t *keys, const int32_t *numbers, int32_t *features, int64_t *edges) {
    int64_t seen[WIDTH], count = 0, word = 0;
    memset(seen, 0xFF, sizeof seen);
    for (int64_t text = 0; text < texts; text++) {
        for (; word < stops[text]; word++) {
            uint64_t place = hashes[word] & mask;
            while (numbers[place] >= 0 && keys[place] != hashes[word]) place = (place + 1) & mask;
            int32_t feature = numbers[place] > 0 ? numbers[place] : 0;
            if (seen[feature] != text) features[count++] = feature;
            seen[feature] = text;
        }
        edges[text + 1] = count;
    }
    return count;
}

static void forward(const network *net, const int32_t *features, int64_t count, float *hidden, float *scores) {
    memcpy(hidden, net->bias, sizeof net->bias);
    memcpy(scores, net->last, sizeof net->last);
    for (int64_t place = 0; place < count; place++)
        for (int unit = 0; unit < HIDDEN; unit++) hidden[unit] += net->first[features[place]][unit];
    for (int unit = 0; unit < HIDDEN; unit++) {
        hidden[unit] = hidden[unit] > 0 ? hidden[unit] : 0;
        for (int label = 0; label < CLASSES; label++) scores[label] += hidden[unit] * net->second[unit][label];
    }
}

/* Write the class scores of every text. */
void answer(const network *net, const int32_t *features, const int64_t *edges, int64_t texts, float *scores) {
    float hidden[HIDDEN];
    for (int64_t text = 0; text < texts; text++)
        forward(net, features + edges[text], edges[text + 1] - edges[text], hidden, scores + text * CLASSES);
}

static void softmax(float *scores) {
    float highest = scores[0], total = 0;
    for (int label = 1; label < CLASSES; label++) highest = fmaxf(highest, scores[label]);
    for (int label = 0; label < CLASSES; label++) total += scores[label] = expf(scores[label] - highest);
    for (int label = 0; label < CLASSES; label++) scores[label] /= total;
}

/* Add the slopes of one text's share of the mean cross-entropy. */
static void descend(const network *net, network *slope, const int32_t *features, int64_t count, int64_t true_label,
                    float share) {
    float hidden[HIDDEN], scores[CLASSES], down[HIDDEN];
    forward(net, features, count, hidden, scores);
    softmax(scores);
    for (int label = 0; label < CLASSES; label++) {
        scores[label] = share * (scores[label] - (label == true_label));
        slope->last[label] += scores[label];
    }
    for (int unit = 0; unit < HIDDEN; unit++) {
        down[unit] = 0;
        for (int label = 0; label < CLASSES && hidden[unit] > 0; label++) {
            down[unit] += scores[label] * net->second[unit][label];
            slope->second[unit][label] += hidden[unit] * scores[label];
        }
        slope->bias[unit] += down[unit];
    }
    for (int64_t place = 0; place < count; place++)
        for (int unit = 0; unit < HIDDEN; unit++) slope->first[features[place]][unit] += down[unit];
}

/* One step of Adam (Kingma and Ba 2015) on a batch; rate holds the correction for the first steps. */
void step(float *net, float *slope, float *mean, float *square, const int32_t *features, const int64_t *edges,
          const int64_t *labels, const int64_t *texts, int64_t count, float rate) {
    memset(slope, 0, sizeof(network));
    for (int64_t number = 0; number < count; number++) {
        int64_t text = texts[number], first = edges[text];
        descend((network *)net, (network *)slope, features + first, edges[text + 1] - first, labels[text],
                1.0f / (float)count);
    }
    for (size_t place = 0; place < sizeof(network) / sizeof(float); place++) {
        mean[place] += (slope[place] - mean[place]) * (1 - BETA1);
        square[place] += (slope[place] * slope[place] - square[place]) * (1 - BETA2);
        net[place] -= rate * mean[place] / (sqrtf(square[place]) + EPSILON);
    }
}
