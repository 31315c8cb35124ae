"""Papers that come out of a consultation. Pure: no Django, no database; data in, PDF bytes out."""
