// Filled in the first slices.
