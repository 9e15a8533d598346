"""Questions and answers that follow from the description of a scene."""
