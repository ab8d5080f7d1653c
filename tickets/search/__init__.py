"""How lists of tickets are found: queues with their counts, and pages by key."""
