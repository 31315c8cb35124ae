"""The patients' site: book, register for examination, see and change what was booked. No account, only a phone."""
