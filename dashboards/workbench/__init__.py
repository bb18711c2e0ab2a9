"""The analysts' desk on screen, for the page of SQL and the page of each saved query.

The browser's half is assets/sql.js: editor, tabs, keys. It asks by writing the store `sql-asked`; what comes
back is drawn here.
"""
