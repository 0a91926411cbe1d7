"""What an act would move in published figures, tried and taken back before it is done."""
