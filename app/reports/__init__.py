"""Documents made of figures: the annual report. It computes no number of its own."""
