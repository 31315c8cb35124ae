"""What every request passes: security headers, language, hat, errors."""
