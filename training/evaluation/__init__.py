"""What a checkpoint answers to the benchmarks, by every method at equal counts, with and without an adapter."""
