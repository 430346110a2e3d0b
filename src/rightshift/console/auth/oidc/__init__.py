"""Signing in through a provider that speaks OpenID Connect. By password and code: `auth/session`."""
