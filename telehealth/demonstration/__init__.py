"""The demonstration province: true places, invented people. Never loaded in production."""
