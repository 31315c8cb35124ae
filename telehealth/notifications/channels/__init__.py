"""One module for each way out of the house. A module sends one message and says what came of it; it knows no database."""
