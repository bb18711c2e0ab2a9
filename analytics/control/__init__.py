"""What the house knows of people: who may enter, with which keys, what they keep. Never a reader's event."""
