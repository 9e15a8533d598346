"""Training of pocket-llava: vision tower, projector and language model, from nothing to a Hugging Face checkpoint."""
