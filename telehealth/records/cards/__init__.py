"""Reading cards: what a scanner, a camera or a hand put into one field, as facts with warnings, or as a named fault.

`reader.read` is the door. Everything here is pure: text in, frozen values out; no clock, no database, no log. What is read
identifies; it never authenticates: none of these codes but our own is signed, and anybody can print one.
"""
