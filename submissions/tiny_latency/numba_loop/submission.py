"""The loop in Python, compiled by numba for this network's sizes when the model is built."""

from __future__ import annotations

import numba
import numpy as np
from chain import EVERY, INPUTS, Weights, checked


def build(context):
    weights = Weights.published(context).folded()
    width, layers = weights.width, len(weights.kernels)
    first = (weights.first_kernel[:INPUTS], weights.first_kernel[INPUTS:], weights.first_bias)
    parts = (*first, weights.kernels, weights.biases)

    compiled = numba.njit(fastmath={"contract", "reassoc"}, error_model="numpy", boundscheck=False)

    # Loops over single numbers: assignments of slices would take numba four times as long to compile.
    @compiled
    def put(target, values):
        for j in range(width):
            target[j] = values[j]

    @compiled
    def add(sums, values, count, kernel):
        for i in range(count):
            for j in range(width):
                sums[j] += values[i] * kernel[i, j]

    @compiled
    def chain(inputs, hidden, sums, rows, first_inputs, first_state, first_bias, kernels, biases):
        for step in range(len(inputs)):
            put(sums, first_bias)
            add(sums, inputs[step], INPUTS, first_inputs)
            add(sums, hidden, width, first_state)
            for j in range(width):
                hidden[j] = abs(sums[j])
            for layer in range(layers):
                put(sums, biases[layer])
                add(sums, hidden, width, kernels[layer])
                for j in range(width):
                    hidden[j] = abs(sums[j])
            if (step + 1) % EVERY == 0:
                put(rows[step // EVERY], hidden)

    def answer(query):
        inputs, state = checked(query, width)
        hidden, sums = np.array(state), np.empty(width, np.float32)
        rows = np.empty((len(inputs) // EVERY + 1, width), np.float32)
        chain(np.array(inputs), hidden, sums, rows, *parts)
        rows[-1] = hidden
        return rows

    answer({"inputs": np.zeros((1, INPUTS), np.float32), "state": np.zeros(width, np.float32)})
    return answer
