"""11/05/2026 is May to one half of our readers and November to the other: months are written."""

SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
