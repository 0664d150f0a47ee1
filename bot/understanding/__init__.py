"""What somebody typed, understood without any model outside: intent, and who, what and when it names."""
