"""council-feedback: takes in a council's customer feedback, works it, and answers for it in numbers."""
