"""Signing on with an account from elsewhere: an OpenID provider, a directory; their groups become roles."""
