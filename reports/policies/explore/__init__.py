"""What the explore pages ask: live rows, their sums, and what follows from them."""
