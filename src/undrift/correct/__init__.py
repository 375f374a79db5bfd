"""The story of a correction: look, show the plan, bring it about."""
