"""The pocket world: 336 x 336 scenes of icons, shapes and printed words, deterministic from a seed."""
