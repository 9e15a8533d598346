"""Seven small benchmarks over the pocket world, in the files of the real ones."""
