"""Measurements behind every figure that the README states; `python -m benchmarks NAME` runs one."""
