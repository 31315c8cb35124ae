"""Web push: encryption of messages (RFC 8291 over RFC 8188) and who sends them (VAPID, RFC 8292). No input or output."""
