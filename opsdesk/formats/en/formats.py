"""11/05/2026 is May to one half of our readers and November to the other: months are written.

Hours run to 24, as the desk's own times do.
"""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
