"""Fine-tuning on reduced visual tokens: LoRA on the language model, the projector trained whole, the tower frozen."""
