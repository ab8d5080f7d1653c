"""Tables that people send: CSV, gzip CSV and XLSX files, read row by row."""
