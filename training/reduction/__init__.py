"""Token reduction as batched, differentiable torch code, for training on reduced tokens."""
