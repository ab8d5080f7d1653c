"""Reading reports, and writing what people add to them."""
