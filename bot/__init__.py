"""Teams in (messages, card actions, installs) and out (cards, proactive posts). It implements `Channels`."""
