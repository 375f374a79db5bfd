"""How we reach a host: logins, host keys, become, the agent's start, and the conversation with it."""
