"""Security keys (WebAuthn) as a second factor beside the authenticator app."""
