"""Qt item models and Qt-side state only."""
