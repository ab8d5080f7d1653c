"""Forms of demands, releases and insights. They check shapes; the actions decide."""
