"""The formats that a text may come in, one file for each family; all but plain text are read in a process of their own.

Python's own libraries read all but PDF: `zipfile`, `html.parser` and `expat` stream, so neither depth nor size of a
file becomes depth of the stack or size of the memory. PDF is read by pypdf (BSD, pure Python, well kept).
"""
