"""What `scripts/on_a_gpu.py` is made of: checks against the CPU, timings, and paper cells within a time."""
