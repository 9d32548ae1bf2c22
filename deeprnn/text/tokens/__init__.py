"""What a text is cut into before a network reads it: one file for each kind of token."""
