"""Words of accounts that are no column's choices."""

#: Remembers the theme of those who are not signed in.
THEME_COOKIE = "opsdesk_theme"
