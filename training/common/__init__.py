"""What several parts of this folder need: options of command lines, folders on disk."""
