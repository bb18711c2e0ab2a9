"""The ways in: sign-in, claim, invitation, password. Plain pages from templates that need no script."""
