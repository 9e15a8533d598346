"""The pocket world in motion: short clips whose every detail is known, and questions about them."""
