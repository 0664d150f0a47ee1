"""Answers out of the record, one file a subject: each says which intents it answers."""
