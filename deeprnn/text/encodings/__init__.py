"""Which characters the bytes of a text are: every encoding, named or found out. It knows no formats."""
