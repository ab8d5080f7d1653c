"""How tickets are put into words and marks: rows, clocks, the conversation, where one stands."""
