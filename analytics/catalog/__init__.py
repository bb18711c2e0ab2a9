"""What articles are: rows of any source made into one catalogue. Frames only; `load` writes them."""
